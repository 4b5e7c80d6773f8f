import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { applicationGatewayV1 } from './rule.js';

const gateway = (estate: TestEstate, tier: string | undefined, operationalState = 'Running') =>
  estate.add('microsoft.network/applicationgateways', {
    properties: { operationalState, ...(tier ? { sku: { name: `${tier}_Medium`, tier, capacity: 2 } } : {}) },
  });

describeRule(applicationGatewayV1, {
  found: {
    'a gateway of version 1, without an amount': {
      given: (estate) => gateway(estate, 'Standard'),
      expected: {
        reason: 'The gateway is of the retired tier Standard.',
        estimatedMonthlySavings: null,
        evidence: { tier: 'Standard', sku: 'Standard_Medium', instances: 2 },
      },
    },
    'a firewall of version 1': { given: (estate) => gateway(estate, 'WAF') },
  },
  fine: { 'version 2': { given: (estate) => gateway(estate, 'WAF_v2'), because: 'current' } },
  leavesOut: { 'gateways that are stopped, which serve nobody': (estate) => gateway(estate, 'Standard', 'Stopped') },
  undecided: { no_tier: (estate) => gateway(estate, undefined) },
});

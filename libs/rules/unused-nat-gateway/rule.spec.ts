import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unusedNatGateway } from './rule.js';

const gateway = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/natgateways', {
    name: 'ng',
    sku: { name: 'Standard' },
    properties: { idleTimeoutInMinutes: 4, publicIpAddresses: [{ id: '/PIP' }], ...properties },
    ...changes,
  });

describeRule(unusedNatGateway, {
  found: {
    'a gateway without subnets': {
      given: (estate) => {
        const subject = gateway(estate);
        estate.charge(subject, '32.4', { meterCategory: 'NAT Gateway' });
        return subject;
      },
      expected: {
        reason: 'No subnet goes out through the NAT gateway.',
        estimatedMonthlySavings: '32.4',
        savingsMethod: 'measured',
        confidence: '0.95',
        evidence: { sku: 'Standard', subnets: 0, public_ip_addresses: ['/pip'], public_ip_prefixes: [] },
      },
    },
    'a gateway whose list of subnets is empty': { given: (estate) => gateway(estate, { subnets: [] }) },
  },
  fine: {
    'a gateway of a subnet': {
      given: (estate) => gateway(estate, { subnets: [{ id: '/subnet' }] }),
      because: 'has_subnets',
    },
  },
  leavesOut: {
    'gateways that serve a whole virtual network or a service gateway': [
      (estate) => gateway(estate, { sourceVirtualNetwork: { id: '/vnet' } }, { sku: { name: 'StandardV2' } }),
      (estate) => gateway(estate, { serviceGateway: { id: '/sgw' } }),
    ],
    'gateways that Kubernetes made for its clusters': (estate) =>
      gateway(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: { no_properties: (estate) => gateway(estate, {}, { properties: {} }) },
});

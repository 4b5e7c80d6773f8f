import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { premiumFirewallWithoutPremiumFeatures } from './rule.js';

const policy = (estate: TestEstate, properties: object = {}, name = 'policy') =>
  estate.add('microsoft.network/firewallpolicies', {
    name,
    properties: { sku: { tier: 'Premium' }, threatIntelMode: 'Alert', ...properties },
  });
const firewall = (estate: TestEstate, policyId: string | undefined, properties: object = {}) =>
  estate.add('microsoft.network/azurefirewalls', {
    name: 'afw',
    properties: {
      sku: { name: 'AZFW_VNet', tier: 'Premium' },
      ipConfigurations: [{ name: 'configuration' }],
      ...(policyId === undefined ? {} : { firewallPolicy: { id: policyId } }),
      ...properties,
    },
  });
const withPolicy = (estate: TestEstate, ofPolicy: object = {}, ofFirewall: object = {}) =>
  firewall(estate, policy(estate, ofPolicy).originalId.toUpperCase(), ofFirewall);

describeRule(premiumFirewallWithoutPremiumFeatures, {
  found: {
    'a firewall whose policy asks for nothing': {
      given: (estate) => {
        const subject = withPolicy(estate);
        estate.charge(subject, '1000', { meterCategory: 'Azure Firewall' });
        return subject;
      },
      expected: {
        reason: 'Its policy policy neither detects intrusions nor inspects TLS.',
        estimatedMonthlySavings: '250',
        savingsLow: '100',
        savingsHigh: '285.7',
        savingsMethod: 'guessed',
        confidence: '0.33',
        evidence: { tier: 'Premium', intrusion_detection: 'Off', tls_inspection: false },
      },
    },
    'a firewall of a virtual hub, whose policy has it off': {
      given: (estate) =>
        withPolicy(
          estate,
          { intrusionDetection: { mode: 'Off' } },
          { virtualHub: { id: '/hub' }, ipConfigurations: undefined },
        ),
      expected: { estimatedMonthlySavings: null },
    },
    'a firewall whose policy and its parent ask for nothing': {
      given: (estate) => withPolicy(estate, { basePolicy: { id: policy(estate, {}, 'base').originalId } }),
    },
  },
  fine: {
    'a standard firewall': {
      given: (estate) => withPolicy(estate, {}, { sku: { name: 'AZFW_VNet', tier: 'Standard' } }),
      because: 'not_premium',
    },
  },
  leavesOut: {
    'firewalls whose policy, or its parent, detects intrusions or inspects TLS': [
      (estate) => withPolicy(estate, { intrusionDetection: { mode: 'Alert' } }),
      (estate) => withPolicy(estate, { transportSecurity: { certificateAuthority: { name: 'ca' } } }),
      (estate) =>
        withPolicy(estate, {
          basePolicy: { id: policy(estate, { intrusionDetection: { mode: 'Deny' } }, 'base').originalId },
        }),
    ],
    'firewalls that are switched off, which cost nothing': (estate) => withPolicy(estate, {}, { ipConfigurations: [] }),
  },
  undecided: {
    no_tier: (estate) => withPolicy(estate, {}, { sku: undefined }),
    policy_unknown: [
      (estate) => firewall(estate, undefined),
      (estate) => firewall(estate, '/subscriptions/other/policy'),
      (estate) => withPolicy(estate, { basePolicy: { id: '/subscriptions/other/policy' } }),
    ],
  },
});

import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unusedDdosProtectionPlan } from './rule.js';

const plan = (estate: TestEstate, properties: object = {}) =>
  estate.add('microsoft.network/ddosprotectionplans', {
    name: 'ddos',
    properties: { provisioningState: 'Succeeded', ...properties },
  });

describeRule(unusedDdosProtectionPlan, {
  found: {
    'a plan without networks': {
      given: (estate) => {
        const subject = plan(estate);
        estate.charge(subject, '2944', { meterCategory: 'Azure DDOS Protection' });
        return subject;
      },
      expected: {
        reason: 'The plan protects no virtual network and no address.',
        estimatedMonthlySavings: '2944',
        savingsMethod: 'measured',
        confidence: '0.95',
      },
    },
    'a plan whose lists are empty': {
      given: (estate) => plan(estate, { virtualNetworks: [], publicIPAddresses: [] }),
      expected: { evidence: { virtual_networks: 0, public_ip_addresses: 0 } },
    },
  },
  fine: {
    'a plan of a network in another subscription': {
      given: (estate) => plan(estate, { virtualNetworks: [{ id: '/subscriptions/other/vnet' }] }),
      because: 'protects_networks',
    },
  },
  leavesOut: {
    'plans that protect single public addresses': (estate) => plan(estate, { publicIPAddresses: [{ id: '/pip' }] }),
    'plans that a virtual network names although they do not list it': (estate) => {
      const subject = plan(estate);
      estate.add('microsoft.network/virtualnetworks', {
        properties: { enableDdosProtection: true, ddosProtectionPlan: { id: subject.originalId } },
      });
      return subject;
    },
  },
  undecided: {
    no_properties: (estate) => estate.add('microsoft.network/ddosprotectionplans', { name: 'ddos' }),
  },
});

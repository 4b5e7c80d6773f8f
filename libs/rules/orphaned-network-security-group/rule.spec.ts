import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { orphanedNetworkSecurityGroup } from './rule.js';

const group = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/networksecuritygroups', {
    name: 'nsg',
    properties: { securityRules: [{ name: 'https' }], defaultSecurityRules: [], ...properties },
    ...changes,
  });

describeRule(orphanedNetworkSecurityGroup, {
  found: {
    'a group of nothing, which saves nothing': {
      given: (estate) => group(estate),
      expected: {
        reason: 'The security group belongs to no subnet and no network interface.',
        estimatedMonthlySavings: null,
        savingsMethod: null,
        evidence: { subnets: 0, network_interfaces: 0, rules: 1 },
      },
    },
    'a group whose lists are empty': { given: (estate) => group(estate, { subnets: [], networkInterfaces: [] }) },
  },
  fine: {
    'a group of a subnet': { given: (estate) => group(estate, { subnets: [{ id: '/subnet' }] }), because: 'in_use' },
    'a group of an interface': {
      given: (estate) => group(estate, { networkInterfaces: [{ id: '/nic' }] }),
      because: 'in_use',
    },
  },
  leavesOut: {
    'groups of scale sets, which may have scaled to nothing': (estate) => {
      const subject = group(estate);
      const configuration = { properties: { networkSecurityGroup: { id: subject.originalId } } };
      estate.add('microsoft.compute/virtualmachinescalesets', {
        properties: {
          virtualMachineProfile: { networkProfile: { networkInterfaceConfigurations: [configuration] } },
        },
      });
      return subject;
    },
    'groups that Kubernetes made for its nodes': (estate) =>
      group(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: { no_properties: (estate) => group(estate, {}, { properties: {} }) },
});

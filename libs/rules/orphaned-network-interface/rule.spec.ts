import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { orphanedNetworkInterface } from './rule.js';

const card = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/networkinterfaces', {
    name: 'nic',
    properties: {
      hostedWorkloads: [],
      ipConfigurations: [
        { name: 'ipconfig1', properties: { privateIPAddress: '10.0.0.4', subnet: { id: '/subnets/web' } } },
      ],
      ...properties,
    },
    ...changes,
  });

describeRule(orphanedNetworkInterface, {
  found: {
    'an interface of no machine, which saves nothing': {
      given: (estate) => card(estate),
      expected: {
        reason: 'Neither a machine nor a private endpoint uses the network interface.',
        estimatedMonthlySavings: null,
        savingsMethod: null,
        evidence: {
          private_ip_address: '10.0.0.4',
          subnet: '/subnets/web',
          public_ip_address: null,
          network_security_group: null,
        },
      },
    },
    'an interface without a list of hosted workloads': { given: (estate) => card(estate, { hostedWorkloads: null }) },
  },
  fine: {
    'an interface of a machine': {
      given: (estate) => card(estate, { virtualMachine: { id: '/vm' } }),
      because: 'virtual_machine',
    },
  },
  leavesOut: {
    'interfaces of private endpoints and private link services': [
      (estate) => card(estate, { privateEndpoint: { id: '/pe' } }),
      (estate) => card(estate, { privateLinkService: { id: '/pls' } }),
    ],
    'interfaces of hosted workloads such as NetApp volumes': [
      (estate) => card(estate, { hostedWorkloads: ['/volumes/data'] }),
      (estate) => card(estate, { linkedResourceType: 'Microsoft.Netapp/volumes' }),
      (estate) => card(estate, { bareMetalServer: { id: '/svm' } }),
    ],
    'interfaces of scale sets': (estate) =>
      card(estate, {}, { resourceId: '/subscriptions/s/virtualmachinescalesets/v/virtualmachines/0/nic' }),
    'interfaces of Kubernetes nodes, which come and go': (estate) =>
      card(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: { no_ip_configuration: (estate) => card(estate, { ipConfigurations: undefined }) },
});

import { describeRule } from '../testing/describe-rule.js';
import { fakePrices } from '../testing/fake-prices.js';
import type { TestEstate } from '../testing/test-estate.js';
import { orphanedPublicIp } from './rule.js';

const address = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/publicipaddresses', {
    name: 'pip',
    sku: { name: 'Standard' },
    properties: {
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      ipAddress: '203.0.113.7',
      ...properties,
    },
    ...changes,
  });
const card = (estate: TestEstate, properties: object = {}) =>
  estate.add('microsoft.network/networkinterfaces', {
    name: 'nic',
    properties: { ipConfigurations: [{ name: 'ipconfig1' }], hostedWorkloads: [], ...properties },
  });
const onCard = (estate: TestEstate, properties: object = {}) =>
  address(estate, { ipConfiguration: { id: `${card(estate, properties).originalId}/ipConfigurations/ipconfig1` } });

describeRule(orphanedPublicIp, {
  found: {
    'an address without configuration': {
      given: (estate) => {
        const subject = address(estate);
        estate.charge(subject, '3.6', { meterCategory: 'Virtual Network' });
        return subject;
      },
      expected: {
        reason: 'The address belongs to no configuration.',
        estimatedMonthlySavings: '3.6',
        savingsMethod: 'measured',
        confidence: '0.95',
      },
    },
    'the address of an interface that nothing uses': {
      given: (estate) => onCard(estate),
      expected: {
        reason: 'The address belongs to the network interface nic, which nothing uses.',
        estimatedMonthlySavings: null,
        confidence: '0.90',
      },
    },
    'a new address, by its list price': {
      given: (estate) => {
        estate.reference = { prices: fakePrices({ publicIpHourly: () => '0.005' }), sizes: null };
        return address(estate);
      },
      expected: {
        estimatedMonthlySavings: '3.65',
        savingsLow: '0',
        monthlyCost: null,
        currency: 'USD',
        savingsMethod: 'priced',
      },
    },
    'an IPv6 address, which is free': {
      given: (estate) => {
        estate.reference = { prices: fakePrices({ publicIpHourly: () => '0.005' }), sizes: null };
        return address(estate, { publicIPAddressVersion: 'IPv6' });
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'an address of a machine’s interface': {
      given: (estate) => onCard(estate, { virtualMachine: { id: '/vm' } }),
      because: 'attached',
    },
    'an address of a private endpoint’s interface': {
      given: (estate) => onCard(estate, { privateEndpoint: { id: '/pe' } }),
      because: 'attached',
    },
    'an address of a scale set’s instance, which the inventory does not list': {
      given: (estate) =>
        address(estate, {
          ipConfiguration: {
            id: '/subscriptions/s/…/virtualMachineScaleSets/v/virtualMachines/0/networkInterfaces/n/ipConfigurations/c',
          },
        }),
      because: 'attached',
    },
    'an address of a gateway': {
      given: (estate) => {
        const gateway = estate.add('microsoft.network/virtualnetworkgateways', { name: 'vpn' });
        return address(estate, { ipConfiguration: { id: `${gateway.originalId}/ipConfigurations/default` } });
      },
      because: 'attached',
    },
  },
  leavesOut: {
    'addresses of NAT gateways, which have no configuration': (estate) =>
      address(estate, { natGateway: { id: '/nat' } }),
    'addresses drawn from a prefix, which is billed as a whole': (estate) =>
      address(estate, { publicIPPrefix: { id: '/prefix' } }),
    'addresses that Azure has linked to another one': [
      (estate) => address(estate, { linkedPublicIPAddress: { id: '/pip2' } }),
      (estate) => address(estate, { servicePublicIPAddress: { id: '/pip2' } }),
    ],
    'addresses that Kubernetes made for its services': [
      (estate) => address(estate, {}, { tags: { 'k8s-azure-service': 'shop/web' } }),
      (estate) => address(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
    ],
  },
  undecided: { no_allocation_method: (estate) => address(estate, { publicIPAllocationMethod: undefined }) },
});

import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { applicationGatewayWithoutBackends } from './rule.js';

const POOL = '/agw/backendAddressPools/web';
const pool = (properties: object = {}) => ({ id: POOL, name: 'web', properties });
const toPool = { name: 'web', properties: { backendAddressPool: { id: POOL } } };
const redirect = { name: 'www', properties: { redirectConfiguration: { id: '/redirect' } } };
const gateway = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/applicationgateways', {
    name: 'agw',
    properties: {
      sku: { name: 'Standard_v2', tier: 'Standard_v2' },
      operationalState: 'Running',
      backendAddressPools: [pool({ backendAddresses: [] })],
      requestRoutingRules: [toPool],
      redirectConfigurations: [],
      ...properties,
    },
    ...changes,
  });

describeRule(applicationGatewayWithoutBackends, {
  found: {
    'a gateway whose pool is empty': {
      given: (estate) => {
        const subject = gateway(estate);
        estate.charge(subject, '177.12', { meterCategory: 'Application Gateway' });
        return subject;
      },
      expected: {
        reason: 'Its only backend pool is empty.',
        estimatedMonthlySavings: '177.12',
        savingsMethod: 'measured',
        evidence: { sku: 'Standard_v2', backend_pools: 1, rules: 1 },
      },
    },
    'a gateway without pools, whose state is not told': {
      given: (estate) => gateway(estate, { backendAddressPools: [], operationalState: undefined }),
      expected: { reason: 'It has no backend pool.', estimatedMonthlySavings: null },
    },
    'a gateway that redirects one name and sends another to an empty pool': {
      given: (estate) =>
        gateway(estate, {
          backendAddressPools: [pool(), pool()],
          redirectConfigurations: [{ name: 'www' }],
          requestRoutingRules: [redirect, toPool],
        }),
      expected: { reason: 'All its 2 backend pools are empty.' },
    },
  },
  fine: {
    'a gateway with backends by name': {
      given: (estate) =>
        gateway(estate, { backendAddressPools: [pool({ backendAddresses: [{ fqdn: 'a.example' }] })] }),
      because: 'has_backends',
    },
    'a gateway with machines in a later pool': {
      given: (estate) =>
        gateway(estate, { backendAddressPools: [pool(), pool({ backendIPConfigurations: [{ id: '/nic' }] })] }),
      because: 'has_backends',
    },
  },
  leavesOut: {
    'stopped gateways, which cost nothing': (estate) => gateway(estate, { operationalState: 'Stopped' }),
    'gateways that only redirect, which need no backend': (estate) =>
      gateway(estate, { redirectConfigurations: [{ name: 'www' }], requestRoutingRules: [redirect] }),
    'gateways of scale sets, which may have scaled to nothing': (estate) => {
      const ipConfigurations = [{ properties: { applicationGatewayBackendAddressPools: [{ id: POOL }] } }];
      const networkProfile = { networkInterfaceConfigurations: [{ properties: { ipConfigurations } }] };
      estate.add('microsoft.compute/virtualmachinescalesets', {
        properties: { virtualMachineProfile: { networkProfile } },
      });
      return gateway(estate);
    },
    'gateways whose pools Kubernetes fills': [
      (estate) => gateway(estate, {}, { tags: { 'managed-by-k8s-ingress': '1.7.1' } }),
      (estate) => gateway(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
    ],
  },
  undecided: { no_properties: (estate) => gateway(estate, {}, { properties: {} }) },
});

import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { emptyLoadBalancer } from './rule.js';

const POOL = '/lb/backendAddressPools/web';
const pool = (properties: object = {}) => ({ id: POOL, name: 'web', properties });
const balancer = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.network/loadbalancers', {
    name: 'lb',
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      backendAddressPools: [pool()],
      loadBalancingRules: [{ name: 'https' }],
      inboundNatRules: [],
      inboundNatPools: [],
      ...properties,
    },
    ...changes,
  });

describeRule(emptyLoadBalancer, {
  found: {
    'a balancer whose pool is empty': {
      given: (estate) => {
        const subject = balancer(estate);
        estate.charge(subject, '18', { meterCategory: 'Load Balancer' });
        return subject;
      },
      expected: {
        reason: 'Its only backend pool is empty.',
        estimatedMonthlySavings: '18',
        savingsMethod: 'measured',
        confidence: '0.90',
        evidence: { sku: 'Standard', backend_pools: 1, backends: 0, rules: 1 },
      },
    },
    'a balancer without pools': {
      given: (estate) => balancer(estate, { backendAddressPools: [] }),
      expected: { reason: 'It has no backend pool.' },
    },
    'a balancer whose lists are empty or null': {
      given: (estate) =>
        balancer(estate, {
          backendAddressPools: [
            pool({ backendIPConfigurations: [], loadBalancerBackendAddresses: [] }),
            pool({ backendIPConfigurations: null }),
          ],
        }),
      expected: { reason: 'All its 2 backend pools are empty.' },
    },
    'a balancer whose pool belongs to no scale set, though there is one': {
      given: (estate) => {
        estate.add('microsoft.compute/virtualmachinescalesets', { name: 'other' });
        return balancer(estate);
      },
    },
  },
  fine: {
    'a balancer with machines': {
      given: (estate) =>
        balancer(estate, { backendAddressPools: [pool(), pool({ backendIPConfigurations: [{ id: '/nic' }] })] }),
      because: 'has_backends',
    },
    'a balancer with addresses or with the frontends of others': {
      given: (estate) =>
        balancer(estate, { backendAddressPools: [pool({ loadBalancerBackendAddresses: [{ name: 'a' }] })] }),
      because: 'has_backends',
    },
  },
  leavesOut: {
    'basic load balancers, which are free': (estate) => balancer(estate, {}, { sku: { name: 'Basic' } }),
    'load balancers that forward ports to single machines and need no pool': [
      (estate) => balancer(estate, { backendAddressPools: [], inboundNatRules: [{ name: 'rdp' }] }),
      (estate) => balancer(estate, { inboundNatPools: [{ name: 'ssh' }] }),
    ],
    'load balancers of scale sets, which may have scaled to nothing': (estate) => {
      estate.add('microsoft.compute/virtualmachinescalesets', {
        properties: {
          virtualMachineProfile: {
            networkProfile: {
              networkInterfaceConfigurations: [
                {
                  properties: {
                    ipConfigurations: [
                      { properties: { loadBalancerBackendAddressPools: [{ id: POOL.toUpperCase() }] } },
                    ],
                  },
                },
              ],
            },
          },
        },
      });
      return balancer(estate);
    },
    'load balancers of Kubernetes, which are empty while the cluster is stopped': (estate) =>
      balancer(estate, {}, { name: 'kubernetes', resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: {
    no_sku: [(estate) => balancer(estate, {}, { sku: null }), (estate) => balancer(estate, {}, { properties: {} })],
  },
});

import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { scaleSet } from '../testing/scale-sets.js';
import type { TestEstate } from '../testing/test-estate.js';
import { kubernetesClusterWithoutAutoscaler } from './rule.js';

const SYSTEM = { name: 'system', mode: 'System', count: 3, enableAutoScaling: false };
const USER = { name: 'user', mode: 'User', count: 4, enableAutoScaling: false };

/** A cluster with a fixed user pool of four nodes, changed by the properties and the pool. */
const cluster = (
  estate: TestEstate,
  properties: object = {},
  pool: object = {},
  cpu: number | null = 15,
): InventoryResource => {
  const tags = { 'aks-managed-poolName': 'user' };
  scaleSet(estate, cpu === null ? null : { cpu, free: 60 }, { resourceGroup: 'MC_rg_aks_westeurope', tags });
  return estate.add('microsoft.containerservice/managedclusters', {
    name: 'aks',
    sku: { name: 'Base', tier: 'Free' },
    properties: {
      powerState: { code: 'Running' },
      nodeResourceGroup: 'mc_rg_aks_westeurope',
      agentPoolProfiles: [SYSTEM, { ...USER, ...pool }],
      ...properties,
    },
  });
};

describeRule(kubernetesClusterWithoutAutoscaler, {
  found: {
    'a user pool of fixed size and little use, with a guess at what its nodes cost': {
      given: (estate) => cluster(estate),
      expected: {
        reason: '4 nodes in pools of fixed size run with at most 15 % of CPU on average.',
        estimatedMonthlySavings: '157.5',
        savingsLow: '0',
        savingsHigh: '315',
        monthlyCost: '420',
        savingsMethod: 'guessed',
        confidence: '0.36',
        evidence: expect.objectContaining({ pools: ['user'], nodes: 4 }),
      },
    },
  },
  fine: {
    'a pool that scales': {
      given: (estate) => cluster(estate, {}, { enableAutoScaling: true }),
      because: 'no_fixed_pools',
    },
    'a pool in use': { given: (estate) => cluster(estate, {}, {}, 50), because: 'cpu_in_use' },
  },
  leavesOut: {
    'system node pools, and user pools of one node': [
      (estate) => cluster(estate, { agentPoolProfiles: [SYSTEM] }),
      (estate) => cluster(estate, {}, { count: 1 }),
    ],
    'pools of Spot nodes': (estate) => cluster(estate, {}, { scaleSetPriority: 'Spot' }),
    'clusters that provision nodes by themselves (Automatic, node auto-provisioning)': [
      (estate) => cluster(estate, { nodeProvisioningProfile: { mode: 'Auto' } }),
      (estate) => {
        const subject = cluster(estate);
        subject.sku = { name: 'Automatic', tier: 'Standard' };
        return subject;
      },
    ],
    'clusters that are stopped': (estate) => cluster(estate, { powerState: { code: 'Stopped' } }),
  },
  undecided: {
    no_power_state: (estate) => cluster(estate, { powerState: undefined }),
    no_nodes: (estate) => cluster(estate, { nodeResourceGroup: undefined }),
    no_metrics: (estate) => cluster(estate, {}, {}, null),
  },
});

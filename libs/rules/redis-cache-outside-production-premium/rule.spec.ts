import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { redisCacheOutsideProductionPremium } from './rule.js';

const cache = (estate: TestEstate, properties: object = {}, draft: object = {}): InventoryResource => {
  const subject = estate.add('microsoft.cache/redis', {
    name: 'redis',
    tags: { env: 'staging' },
    properties: {
      sku: { name: 'Premium', family: 'P', capacity: 1 },
      provisioningState: 'Succeeded',
      replicasPerMaster: 1,
      linkedServers: [],
      redisConfiguration: { 'rdb-backup-enabled': 'false', maxclients: '7500' },
      ...properties,
    },
    ...draft,
  });
  estate.charge(subject, '400', { meterCategory: 'Redis Cache' });
  return subject;
};

describeRule(redisCacheOutsideProductionPremium, {
  found: {
    'a premium cache of a test environment that uses nothing premium': {
      given: (estate) => cache(estate),
      expected: {
        reason: 'The cache of environment staging pays for Premium and uses nothing that only Premium has.',
        estimatedMonthlySavings: '160',
        savingsLow: '80',
        savingsHigh: '240',
        savingsMethod: 'guessed',
        confidence: '0.38',
      },
    },
  },
  fine: {
    'a standard cache': {
      given: (estate) => cache(estate, { sku: { name: 'Standard', family: 'C', capacity: 1 } }),
      because: 'not_premium',
    },
  },
  leavesOut: {
    'caches of production, or that no tag says otherwise of': [
      (estate) => cache(estate, {}, { tags: { env: 'prod' } }),
      (estate) => cache(estate, {}, { tags: {} }),
    ],
    'caches with shards, more replicas or a linked cache': [
      (estate) => cache(estate, { shardCount: 2 }),
      (estate) => cache(estate, { replicasPerMaster: 2 }),
      (estate) => cache(estate, { replicasPerPrimary: 3 }),
      (estate) => cache(estate, { linkedServers: [{ id: '/other' }] }),
    ],
    'caches that write their data to storage': [
      (estate) => cache(estate, { redisConfiguration: { 'rdb-backup-enabled': 'true' } }),
      (estate) => cache(estate, { redisConfiguration: { 'aof-backup-enabled': 'True' } }),
    ],
    'caches in a virtual network': (estate) => cache(estate, { subnetId: '/subnets/redis' }),
  },
  undecided: { no_tier: (estate) => cache(estate, { sku: undefined }) },
});

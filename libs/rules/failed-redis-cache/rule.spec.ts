import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { failedRedisCache } from './rule.js';

const cache = (estate: TestEstate, provisioningState: string | undefined, daysOld = 10): InventoryResource => {
  const subject = estate.add('microsoft.cache/redis', {
    name: 'redis',
    properties: { provisioningState, sku: { name: 'Standard', family: 'C', capacity: 1 } },
    firstSeenAt: new Date(estate.daysAgo(daysOld)),
  });
  estate.charge(subject, '100', { meterCategory: 'Redis Cache' });
  return subject;
};

describeRule(failedRedisCache, {
  found: {
    'a cache that failed': {
      given: (estate) => cache(estate, 'Failed'),
      expected: {
        reason: 'The cache failed to be made or changed.',
        estimatedMonthlySavings: '100',
        savingsMethod: 'measured',
        confidence: '0.70',
      },
    },
    'a cache that has been in the making for a day': {
      given: (estate) => cache(estate, 'Creating', 1),
      expected: { reason: 'The cache has been in the making for at least 24 hours.', confidence: '0.80' },
    },
  },
  fine: { 'a cache that works': { given: (estate) => cache(estate, 'Succeeded'), because: 'made' } },
  leavesOut: {
    'caches that have been in the making for a short time only': (estate) => cache(estate, 'Creating', 3 / 24),
  },
  undecided: { no_provisioning_state: (estate) => cache(estate, undefined) },
});

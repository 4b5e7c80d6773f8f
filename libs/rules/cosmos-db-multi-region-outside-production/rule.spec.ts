import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { cosmosDbMultiRegionOutsideProduction } from './rule.js';

const account = (
  estate: TestEstate,
  regions = ['North Europe', 'West Europe'],
  tags: Record<string, string> = { env: 'test' },
): InventoryResource => {
  const locations = regions.map((locationName, index) => ({ locationName, failoverPriority: 1 - index }));
  const subject = estate.add('microsoft.documentdb/databaseaccounts', { tags, properties: { locations } });
  estate.charge(subject, '100', { meterCategory: 'Azure Cosmos DB' });
  return subject;
};

describeRule(cosmosDbMultiRegionOutsideProduction, {
  found: {
    'a test account in two regions': {
      given: (estate) => account(estate),
      expected: {
        reason: 'A tag says test, and the account is in 2 regions.',
        estimatedMonthlySavings: '45',
        savingsLow: '35',
        savingsHigh: '50',
        savingsMethod: 'guessed',
        evidence: expect.objectContaining({ regions: ['North Europe', 'West Europe'], kept_region: 'West Europe' }),
      },
    },
  },
  fine: { 'an account in one region': { given: (estate) => account(estate, ['West Europe']), because: 'one_region' } },
  leavesOut: {
    'accounts that no tag places outside production': [
      (estate) => account(estate, undefined, {}),
      (estate) => account(estate, undefined, { env: 'prod' }),
    ],
  },
  undecided: { no_regions: (estate) => account(estate, []) },
});

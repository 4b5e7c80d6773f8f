import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { emptyElasticPool } from './rule.js';

const pool = (estate: TestEstate, days: number | null = 90) => {
  const subject = estate.add('microsoft.sql/servers/elasticpools', {
    name: 'sql/pool',
    sku: { name: 'GP_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: 2 },
    properties: { state: 'Ready', ...(days === null ? {} : { creationDate: estate.daysAgo(days) }) },
  });
  estate.charge(subject, '368.43', { meterCategory: 'SQL Database' });
  return subject;
};
const filled = (estate: TestEstate) => {
  const subject = pool(estate);
  estate.add('microsoft.sql/servers/databases', {
    name: 'sql/db',
    properties: { elasticPoolId: subject.originalId.toUpperCase() },
  });
  return subject;
};

describeRule(emptyElasticPool, {
  found: {
    'a pool without databases': {
      given: pool,
      expected: {
        reason: 'The pool is 90 days old and has no database.',
        estimatedMonthlySavings: '368.43',
        savingsMethod: 'measured',
        evidence: expect.objectContaining({ pool: 'pool', tier: 'GeneralPurpose', capacity: 2 }),
      },
    },
    'one made today, where the tenant does not want to wait': {
      given: (estate) => pool(estate, 0),
      thresholds: { ageDays: 0 },
    },
  },
  fine: { 'a pool with a database': { given: filled, because: 'in_use' } },
  leavesOut: { 'pools made only lately, which may be about to be filled': (estate) => pool(estate, 6.9) },
  undecided: { no_creation_date: (estate) => pool(estate, null) },
});

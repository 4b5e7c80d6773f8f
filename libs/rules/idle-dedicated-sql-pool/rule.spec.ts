import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { idleDedicatedSqlPool } from './rule.js';

const pool = (
  estate: TestEstate,
  maximum: number | null = 1,
  { status = 'Online', coverage = 1 }: { status?: string | null; coverage?: number } = {},
): InventoryResource => {
  const subject = estate.add('microsoft.synapse/workspaces/sqlpools', {
    name: 'synapse/pool',
    sku: { name: 'DW200c', capacity: 0 },
    properties: status === null ? {} : { status },
  });
  estate.measure(subject, 'DWUUsedPercent', { maximum, coverage });
  estate.charge(subject, '2000', { meterCategory: 'Azure Synapse Analytics' });
  return subject;
};

describeRule(idleDedicatedSqlPool, {
  found: {
    'a pool that is on and does nothing': {
      given: (estate) => pool(estate),
      expected: {
        reason: 'The pool is on line and used at most 1 % of its units in any hour of two weeks.',
        estimatedMonthlySavings: '1800',
        savingsLow: '1400',
        savingsHigh: '1900',
        savingsMethod: 'guessed',
      },
    },
  },
  fine: { 'a pool with one busy hour': { given: (estate) => pool(estate, 40), because: 'in_use' } },
  leavesOut: {
    'pools that are paused, or are paused at times': [
      (estate) => pool(estate, 1, { status: 'Paused' }),
      (estate) => pool(estate, 1, { coverage: 0.4 }),
    ],
  },
  undecided: {
    no_status: (estate) => pool(estate, 1, { status: null }),
    no_metrics: (estate) => pool(estate, null),
  },
});

import { describeRule } from '../testing/describe-rule.js';
import { fakePrices } from '../testing/fake-prices.js';
import type { TestEstate } from '../testing/test-estate.js';
import { premiumSnapshot } from './rule.js';

const snapshot = (estate: TestEstate, changes: object = {}, properties: object = {}) => {
  const subject = estate.add('microsoft.compute/snapshots', {
    name: 'snap',
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    properties: { timeCreated: estate.daysAgo(5), diskSizeGB: 128, ...properties },
    ...changes,
  });
  estate.charge(subject, '15');
  return subject;
};
const pricedAt = (estate: TestEstate, premium: string | null, standard: string | null) => {
  const snapshotGiBMonthly = (_: string, storage: string) => (storage === 'Premium' ? premium : standard);
  estate.reference = { prices: fakePrices({ snapshotGiBMonthly }), sizes: null };
  return snapshot(estate);
};

describeRule(premiumSnapshot, {
  found: {
    'a premium snapshot, by the proportion of the list prices': {
      given: (estate) => pricedAt(estate, '0.125', '0.05'),
      expected: {
        reason: 'The snapshot lies on Premium_LRS.',
        estimatedMonthlySavings: '9',
        monthlyCost: '15',
        savingsMethod: 'priced',
        confidence: '0.85',
      },
    },
    'a premium snapshot without price list, without an amount': {
      given: (estate) => snapshot(estate),
      expected: { estimatedMonthlySavings: null, savingsMethod: null, confidence: '0.95' },
    },
    'a premium snapshot where one price is not known': {
      given: (estate) => pricedAt(estate, '0.12', null),
      expected: { estimatedMonthlySavings: null },
    },
    'one that somebody wants to retain': { given: (estate) => snapshot(estate, { tags: { retention: '1y' } }) },
  },
  fine: {
    'a standard snapshot': {
      given: (estate) => snapshot(estate, { sku: { name: 'Standard_ZRS' } }),
      because: 'standard',
    },
  },
  leavesOut: {
    'snapshots that Backup or Site Recovery keeps': [
      (estate) => snapshot(estate, { tags: { RSVaultBackup: 'vault' } }),
      (estate) => snapshot(estate, { name: 'ms-asr-7' }),
    ],
    'snapshots that are being exported': (estate) => snapshot(estate, {}, { diskState: 'ActiveSAS' }),
  },
  undecided: { no_sku: (estate) => snapshot(estate, { sku: null }) },
});

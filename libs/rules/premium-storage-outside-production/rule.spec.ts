import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { premiumStorageOutsideProduction } from './rule.js';

const account = (estate: TestEstate, changes: object = {}) =>
  estate.add('microsoft.storage/storageaccounts', {
    name: 'sttest',
    kind: 'BlockBlobStorage',
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    tags: { Environment: 'test' },
    properties: { creationTime: estate.daysAgo(300) },
    ...changes,
  });

describeRule(premiumStorageOutsideProduction, {
  found: {
    'a premium blob account for tests, by a share of its storage charges': {
      given: (estate) => {
        const subject = account(estate);
        estate.charge(subject, '100');
        estate.charge(subject, '30', { meterCategory: 'Bandwidth' });
        return subject;
      },
      expected: {
        reason: 'The account of the environment test is of the kind BlockBlobStorage (Premium_LRS).',
        estimatedMonthlySavings: '50',
        savingsLow: '20',
        savingsHigh: '85',
        savingsMethod: 'guessed',
        confidence: '0.30',
      },
    },
    'a premium file account, less surely': {
      given: (estate) => account(estate, { kind: 'FileStorage', sku: { name: 'Premium_ZRS' } }),
      expected: { confidence: '0.45', estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a standard account': {
      given: (estate) => account(estate, { kind: 'StorageV2', sku: { name: 'Standard_LRS' } }),
      because: 'standard',
    },
  },
  leavesOut: {
    'accounts that no tag says are outside production': [
      (estate) => account(estate, { tags: {} }),
      (estate) => account(estate, { tags: { environment: 'production' } }),
    ],
    'accounts that a service made for itself and looks after': (estate) =>
      account(estate, { resourceGroup: 'MC_shop_aks_westeurope' }),
    'premium accounts for page blobs, which hold unmanaged disks': (estate) => account(estate, { kind: 'StorageV2' }),
  },
  undecided: {
    no_sku: (estate) => account(estate, { sku: null }),
    no_kind: (estate) => account(estate, { kind: null }),
  },
});

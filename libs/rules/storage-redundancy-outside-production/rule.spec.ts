import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { storageRedundancyOutsideProduction } from './rule.js';

const account = (estate: TestEstate, sku: string | null, changes: object = {}) =>
  estate.add('microsoft.storage/storageaccounts', {
    name: 'sttest',
    kind: 'StorageV2',
    sku: sku === null ? null : { name: sku, tier: 'Standard' },
    tags: { environment: 'Dev' },
    properties: { creationTime: estate.daysAgo(300), secondaryLocation: 'northeurope' },
    ...changes,
  });

describeRule(storageRedundancyOutsideProduction, {
  found: {
    'a geo-redundant account for development, by a share of its storage charges': {
      given: (estate) => {
        const subject = account(estate, 'Standard_RAGRS');
        estate.charge(subject, '100');
        estate.charge(subject, '50', { meterCategory: 'Bandwidth' });
        return subject;
      },
      expected: {
        reason: 'The account of the environment dev is replicated to a second region (Standard_RAGRS).',
        estimatedMonthlySavings: '40',
        savingsLow: '20',
        savingsHigh: '60',
        savingsMethod: 'guessed',
        confidence: '0.40',
        evidence: { sku: 'Standard_RAGRS', target_sku: 'Standard_LRS', secondary_location: 'northeurope' },
      },
    },
    'a geo- and zone-redundant one, which keeps its zones': {
      given: (estate) => account(estate, 'Standard_GZRS'),
      expected: { estimatedMonthlySavings: null, evidence: { target_sku: 'Standard_ZRS' } },
    },
  },
  fine: {
    'an account in one region': { given: (estate) => account(estate, 'Standard_ZRS'), because: 'one_region' },
    'a premium account': { given: (estate) => account(estate, 'Premium_LRS'), because: 'one_region' },
  },
  leavesOut: {
    'accounts that no tag says are outside production': [
      (estate) => account(estate, 'Standard_GRS', { tags: {} }),
      (estate) => account(estate, 'Standard_GRS', { tags: { environment: 'prod' } }),
    ],
    'accounts that a service made for itself and looks after': [
      (estate) => account(estate, 'Standard_GRS', { tags: { env: 'dev', 'databricks-environment': 'true' } }),
      (estate) => account(estate, 'Standard_GRS', { resourceGroup: 'MC_shop_aks_westeurope' }),
      (estate) => account(estate, 'Standard_GRS', { tags: { env: 'dev', 'ms-resource-usage': 'azure-cloud-shell' } }),
    ],
    'accounts that are being converted or failed over': [
      (estate) => account(estate, 'Standard_GRS', { properties: { failoverInProgress: true } }),
      (estate) =>
        account(estate, 'Standard_GRS', {
          properties: { storageAccountSkuConversionStatus: { skuConversionStatus: 'InProgress' } },
        }),
    ],
  },
  undecided: { no_sku: (estate) => account(estate, null) },
});

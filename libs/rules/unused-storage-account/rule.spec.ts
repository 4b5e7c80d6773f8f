import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unusedStorageAccount } from './rule.js';

const account = (estate: TestEstate, changes: object = {}, statistics: object | null = {}) => {
  const subject = estate.add('microsoft.storage/storageaccounts', {
    name: 'stleft',
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: { creationTime: estate.daysAgo(300) },
    ...changes,
  });
  if (statistics) estate.measure(subject, 'Transactions', { average: 0, ...statistics });
  return subject;
};
const withAnother = (estate: TestEstate, type: string, properties: object) => {
  estate.add(type, { name: 'other/other', properties: { ...properties } });
  return account(estate);
};

describeRule(unusedStorageAccount, {
  found: {
    'an account without requests': {
      given: (estate) => {
        const subject = account(estate);
        estate.charge(subject, '42');
        return subject;
      },
      expected: {
        reason: 'In 14 days there were no requests.',
        estimatedMonthlySavings: '42',
        savingsMethod: 'measured',
        confidence: '0.60',
        evidence: { transactions_per_day: 0, coverage: 1, sku: 'Standard_LRS' },
      },
    },
    'an account with a request every few hours': {
      given: (estate) => account(estate, {}, { average: 0.2 }),
      expected: { reason: 'In 14 days there were 4.8 requests a day.', estimatedMonthlySavings: null },
    },
    'an account that was measured half the time, less surely': {
      given: (estate) => account(estate, {}, { coverage: 0.45 }),
      expected: { confidence: '0.30' },
    },
    'an account that only a private endpoint leads to': {
      given: (estate) => {
        const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stleft';
        return withAnother(estate, 'microsoft.network/privateendpoints', {
          privateLinkServiceConnections: [{ properties: { privateLinkServiceId: id } }],
        });
      },
    },
    'an account with a hundred requests a day, where the tenant allows them': {
      given: (estate) => account(estate, {}, { average: 4 }),
      thresholds: { dailyTransactions: 100 },
    },
  },
  fine: { 'an account in use': { given: (estate) => account(estate, {}, { average: 0.3 }), because: 'in_use' } },
  leavesOut: {
    'accounts that another resource names: boot diagnostics, flow logs, workspaces': [
      (estate) =>
        withAnother(estate, 'microsoft.compute/virtualmachines', {
          diagnosticsProfile: {
            bootDiagnostics: { enabled: true, storageUri: 'https://STLEFT.blob.core.windows.net/' },
          },
        }),
      (estate) =>
        withAnother(estate, 'microsoft.network/networkwatchers/flowlogs', {
          storageId: '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stLeft',
        }),
    ],
    'accounts that a service made for itself and looks after': [
      (estate) => account(estate, { tags: { 'databricks-environment': 'true' } }),
      (estate) => account(estate, { tags: { 'ms-resource-usage': 'azure-cloud-shell' } }),
      (estate) => account(estate, { resourceGroup: 'MC_shop_aks_westeurope' }),
    ],
    'accounts whose name or policy says that they keep something: backups, archives, audits, immutable data': [
      (estate) => account(estate, { name: 'stshoparchive' }),
      (estate) => account(estate, { name: 'sttfstateprod' }),
      (estate) =>
        account(estate, {
          properties: { creationTime: estate.daysAgo(300), immutableStorageWithVersioning: { enabled: true } },
        }),
    ],
    'new accounts': (estate) => account(estate, { properties: { creationTime: estate.daysAgo(29) } }),
  },
  undecided: {
    no_time_of_creation: (estate) => account(estate, { properties: {} }),
    no_metrics: [(estate) => account(estate, {}, null), (estate) => account(estate, {}, { average: null })],
    low_coverage: (estate) => account(estate, {}, { coverage: 0.2 }),
  },
});

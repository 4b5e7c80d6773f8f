import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { oldSnapshot } from './rule.js';

const snapshot = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.compute/snapshots', {
    name: 'before-upgrade',
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: { timeCreated: estate.daysAgo(120), diskSizeGB: 64, diskState: 'Unattached', ...properties },
    ...changes,
  });
const ofDisk = (estate: TestEstate, properties: object = {}, changes: object = {}) => {
  const source =
    estate.resources.find(({ type }) => type === 'microsoft.compute/disks') ?? estate.add('microsoft.compute/disks');
  return snapshot(
    estate,
    { creationData: { createOption: 'Copy', sourceResourceId: source.originalId }, ...properties },
    changes,
  );
};

describeRule(oldSnapshot, {
  found: {
    'a snapshot of 120 days': {
      given: (estate) => {
        const subject = ofDisk(estate);
        estate.charge(subject, '3');
        return subject;
      },
      expected: {
        reason: 'The snapshot was taken 120 days ago.',
        estimatedMonthlySavings: '3',
        savingsLow: '3',
        savingsMethod: 'measured',
        confidence: '0.75',
      },
    },
    'an incremental snapshot among others, which may save nothing': {
      given: (estate) => {
        const subject = ofDisk(estate, { incremental: true });
        ofDisk(estate, { incremental: true, timeCreated: estate.daysAgo(3) }, { name: 'latest' });
        ofDisk(estate, { incremental: false, timeCreated: estate.daysAgo(3) }, { name: 'full' });
        estate.charge(subject, '3');
        return subject;
      },
      expected: {
        reason: 'The snapshot was taken 120 days ago; it is one of 2 incremental ones of its disk.',
        estimatedMonthlySavings: '3',
        savingsLow: '0',
        confidence: '0.60',
      },
    },
    'an incremental snapshot that stands alone': {
      given: (estate) => ofDisk(estate, { incremental: true }),
      expected: { confidence: '0.75', estimatedMonthlySavings: null },
    },
    'a snapshot whose source nobody knows': { given: (estate) => snapshot(estate) },
    'a snapshot of another subscription’s disk': {
      given: (estate) =>
        snapshot(estate, {
          creationData: {
            sourceResourceId: '/subscriptions/other/resourceGroups/r/providers/Microsoft.Compute/disks/d',
          },
        }),
    },
    'a younger one where the tenant keeps them for a month': {
      given: (estate) => snapshot(estate, { timeCreated: estate.daysAgo(31) }),
      thresholds: { ageDays: 30 },
    },
  },
  fine: {
    'a snapshot of 89 days': {
      given: (estate) => ofDisk(estate, { timeCreated: estate.daysAgo(89.9) }),
      because: 'young',
    },
  },
  leavesOut: {
    'snapshots that Backup or Site Recovery keeps': [
      (estate) => snapshot(estate, {}, { tags: { RSVaultBackup: 'vault' } }),
      (estate) => snapshot(estate, {}, { name: 'AzureBackup_9f3c' }),
      (estate) => snapshot(estate, {}, { resourceGroup: 'AzureBackupRG_westeurope_1' }),
      (estate) => snapshot(estate, {}, { tags: { 'ASR-ReplicaDisk': 'true' } }),
      (estate) => snapshot(estate, {}, { name: 'ms-asr-1' }),
    ],
    'snapshots of Kubernetes volumes': (estate) => snapshot(estate, {}, { resourceGroup: 'MC_shop_aks_westeurope' }),
    'snapshots with a tag that states a retention': [
      (estate) => snapshot(estate, {}, { tags: { 'retain-until': '2030-01-01' } }),
      (estate) => snapshot(estate, {}, { tags: { Retention: '7y' } }),
      (estate) => snapshot(estate, {}, { tags: { 'legal-hold': 'case 12' } }),
    ],
    'snapshots that are being exported': (estate) => snapshot(estate, { diskState: 'ActiveSAS' }),
    'snapshots of disks that exist no longer, which are a finding of their own': (estate) => {
      const subject = ofDisk(estate);
      estate.resources.splice(0, 1);
      return subject;
    },
    'young snapshots': (estate) => snapshot(estate, { timeCreated: estate.daysAgo(1) }),
  },
  undecided: { no_time_of_creation: (estate) => snapshot(estate, { timeCreated: undefined }) },
});

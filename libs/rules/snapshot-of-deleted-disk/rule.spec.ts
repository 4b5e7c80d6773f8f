import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { snapshotOfDeletedDisk } from './rule.js';

const GROUP = '/subscriptions/30000000-0000-4000-8000-000000000001/resourceGroups/rg';
const snapshot = (estate: TestEstate, properties: object = {}, changes: object = {}) =>
  estate.add('microsoft.compute/snapshots', {
    name: 'last-copy',
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      timeCreated: estate.daysAgo(40),
      diskSizeGB: 64,
      diskState: 'Unattached',
      creationData: { createOption: 'Copy', sourceResourceId: `${GROUP}/providers/Microsoft.Compute/disks/Data` },
      ...properties,
    },
    ...changes,
  });
const ofSource = (estate: TestEstate, sourceResourceId: string) =>
  snapshot(estate, { creationData: { createOption: 'Copy', sourceResourceId } });

describeRule(snapshotOfDeletedDisk, {
  found: {
    'a snapshot whose disk is gone': {
      given: (estate) => {
        const subject = snapshot(estate);
        estate.charge(subject, '3.2');
        return subject;
      },
      expected: {
        reason: 'The disk that the snapshot was taken of 40 days ago exists no longer.',
        estimatedMonthlySavings: '3.2',
        savingsMethod: 'measured',
        confidence: '0.70',
      },
    },
    'an incremental one of several, which may save nothing': {
      given: (estate) => {
        const subject = snapshot(estate, { incremental: true });
        snapshot(estate, { incremental: true }, { name: 'other' });
        estate.charge(subject, '3.2');
        return subject;
      },
      expected: { estimatedMonthlySavings: '3.2', savingsLow: '0' },
    },
  },
  fine: {
    'a snapshot whose disk exists, in whatever case its id is written': {
      given: (estate) => {
        estate.add('microsoft.compute/disks', { name: 'data' });
        return snapshot(estate);
      },
      because: 'disk_exists',
    },
  },
  leavesOut: {
    'snapshots that Backup or Site Recovery keeps': [
      (estate) => snapshot(estate, {}, { tags: { rsvaultbackup: 'vault' } }),
      (estate) => snapshot(estate, {}, { name: 'asrseeddisk-1' }),
    ],
    'snapshots of Kubernetes volumes': (estate) =>
      snapshot(estate, {}, { tags: { 'kubernetes.io-created-for-snapshot': 's' } }),
    'snapshots with a tag that states a retention': (estate) =>
      snapshot(estate, {}, { tags: { 'expires-on': '2030' } }),
    'snapshots that are being exported': (estate) => snapshot(estate, { diskState: 'ActiveSASFrozen' }),
    'copies of other snapshots, and snapshots of disks in other subscriptions': [
      (estate) => ofSource(estate, `${GROUP}/providers/Microsoft.Compute/snapshots/older`),
      (estate) => ofSource(estate, '/subscriptions/other/resourceGroups/r/providers/Microsoft.Compute/disks/data'),
      (estate) => snapshot(estate, { creationData: { createOption: 'Import' } }),
    ],
    'young snapshots': (estate) => snapshot(estate, { timeCreated: estate.daysAgo(29) }),
  },
  undecided: {
    no_creation_data: (estate) => snapshot(estate, { creationData: undefined }),
    no_time_of_creation: (estate) => snapshot(estate, { timeCreated: 'long ago' }),
  },
});

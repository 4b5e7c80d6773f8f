import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unattachedDisk } from './rule.js';

const TYPE = 'microsoft.compute/disks';
const disk = (estate: TestEstate, changes: object = {}, properties: object = {}) =>
  estate.add(TYPE, {
    name: 'data',
    sku: { name: 'Premium_LRS' },
    properties: {
      diskState: 'Unattached',
      diskSizeGB: 128,
      timeCreated: estate.daysAgo(300),
      LastOwnershipUpdateTime: estate.daysAgo(40),
      ...properties,
    },
    ...changes,
  });

describeRule(unattachedDisk, {
  found: {
    'a disk that was detached 40 days ago': {
      given: (estate) => {
        const subject = disk(estate);
        estate.charge(subject, '19.71');
        return subject;
      },
      expected: {
        reason: 'No machine has used the disk for 40 days.',
        estimatedMonthlySavings: '19.71',
        monthlyCost: '19.71',
        currency: 'EUR',
        savingsMethod: 'measured',
        confidence: '0.95',
        evidence: {
          disk_state: 'Unattached',
          detached_since: new Date('2026-03-11T06:00:00Z'),
          size_gib: 128,
          sku: 'Premium_LRS',
          cost: {
            from: '2026-03-21',
            to: '2026-04-19',
            days: 30,
            amounts: 'effective',
            monthly: '19.71',
            committed: '0',
            currency: 'EUR',
          },
        },
      },
    },
    'a disk that never had a machine, by its age': {
      given: (estate) => disk(estate, {}, { LastOwnershipUpdateTime: undefined }),
      expected: { reason: 'No machine has used the disk for 300 days.' },
    },
    'a disk whose costs are unknown, without an amount': {
      given: (estate) => {
        estate.costsKnown = false;
        return disk(estate);
      },
      expected: { estimatedMonthlySavings: null, currency: null, savingsMethod: null, monthlyCost: null },
    },
    'a disk detached yesterday, where the tenant does not want to wait': {
      given: (estate) => disk(estate, {}, { LastOwnershipUpdateTime: estate.daysAgo(1) }),
      thresholds: { detachedDays: 0 },
    },
    'a disk of whose cost a reservation pays a part, with the rest': {
      given: (estate) => {
        const subject = disk(estate);
        estate.charge(subject, '10');
        estate.charge(subject, '90', { pricingModel: 'Reservation' });
        return subject;
      },
      expected: { estimatedMonthlySavings: '10', monthlyCost: '100' },
    },
  },
  fine: {
    'a disk of a machine': {
      given: (estate) => disk(estate, { managedBy: '/vm' }, { diskState: 'Attached' }),
      because: 'attached',
    },
  },
  leavesOut: {
    'disks of Site Recovery: replicas, seeds and temporary copies': [
      (estate) => disk(estate, { name: 'vm1-os-ASRReplica' }),
      (estate) => disk(estate, { name: 'ms-asr-1' }),
      (estate) => disk(estate, { name: 'asrseeddisk-1' }),
      (estate) => disk(estate, { tags: { 'ASR-ReplicaDisk': 'true' } }),
    ],
    'disks that Backup restores from': (estate) => disk(estate, { tags: { RSVaultBackup: 'vault' } }),
    'volumes of Kubernetes, which wait for their next pod': [
      (estate) => disk(estate, { tags: { 'kubernetes.io-created-for-pvc-name': 'data-0' } }),
      (estate) => disk(estate, { resourceGroup: 'MC_shop_aks_westeurope' }),
    ],
    'disks that are being exported, uploaded or reserved for a stopped machine': [
      (estate) => disk(estate, {}, { diskState: 'ActiveSAS' }),
      (estate) => disk(estate, {}, { diskState: 'ReadyToUpload' }),
      (estate) => disk(estate, {}, { diskState: 'Reserved' }),
    ],
    'disks detached only lately': (estate) => disk(estate, {}, { LastOwnershipUpdateTime: estate.daysAgo(6.9) }),
  },
  undecided: {
    no_disk_state: (estate) => disk(estate, {}, { diskState: undefined }),
    no_time_of_detachment: (estate) => disk(estate, {}, { LastOwnershipUpdateTime: undefined, timeCreated: 'soon' }),
  },
});

import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { image, machine, power } from '../testing/machines.js';
import { fakePrices } from '../testing/fake-prices.js';
import type { TestEstate } from '../testing/test-estate.js';
import { underusedPremiumDisk } from './rule.js';

interface Use {
  operations?: number;
  peak?: number;
  bytes?: number;
  coverage?: number;
}

/** A disk P20 under the use, changed by the properties, the draft and its machine's properties. */
const disk = (
  estate: TestEstate,
  properties: object = {},
  draft: object = {},
  ofMachine: object = {},
  use: Use | null = {},
): InventoryResource => {
  const host = machine(estate, {}, ofMachine);
  const subject = estate.add('microsoft.compute/disks', {
    name: 'data',
    managedBy: host.resourceId,
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    properties: {
      diskState: 'Attached',
      diskSizeGB: 512,
      timeCreated: estate.daysAgo(200),
      tier: 'P20',
      ...properties,
    },
    ...draft,
  });
  estate.charge(subject, '70');
  if (!use) return subject;
  const { operations = 4, bytes = 400_000, coverage = 1 } = use;
  for (const direction of ['Read', 'Write']) {
    const measure = (what: string, value: number, maximum: number) =>
      estate.measure(subject, `Composite Disk ${direction} ${what}/sec`, {
        average: value,
        p05: value,
        p95: value,
        maximum,
        coverage,
      });
    measure('Operations', operations, use.peak ?? operations);
    measure('Bytes', bytes, bytes);
  }
  return subject;
};
const used = (use: Use) => (estate: TestEstate) => disk(estate, {}, {}, {}, use);

describeRule(underusedPremiumDisk, {
  found: {
    'a disk that Standard SSD would do for, with the difference of list prices': {
      given: (estate) => {
        const listed: Record<string, string> = { 'P20 LRS': '80', 'E20 LRS': '40' };
        const managedDiskMonthly = (_: string, tier: string, redundancy: string) =>
          listed[`${tier} ${redundancy}`] ?? null;
        estate.reference = { prices: fakePrices({ managedDiskMonthly }), sizes: null };
        return disk(estate);
      },
      expected: {
        reason:
          'The disk needs 2 % of what Standard SSD of its size gives in 95 % of the hours, and never more than 2 %.',
        // Half of 70, less the 4.2048 dollars that 8 operations a second cost where a P20 costs 73.22.
        estimatedMonthlySavings: expect.stringMatching(/^30\.98/),
        savingsMethod: 'priced',
        confidence: '0.73',
        evidence: expect.objectContaining({
          target_sku: 'StandardSSD_LRS',
          operations_per_second: { p95: 8, maximum: 8, standard: 500 },
        }),
      },
    },
    'a redundant disk whose prices are unknown, with a guess': {
      given: (estate) => disk(estate, {}, { sku: { name: 'Premium_ZRS' } }),
      expected: {
        estimatedMonthlySavings: expect.stringMatching(/^29\.26/),
        savingsHigh: expect.stringMatching(/^33\.28/),
        savingsMethod: 'guessed',
        evidence: expect.objectContaining({ target_sku: 'StandardSSD_ZRS' }),
      },
    },
  },
  fine: {
    'a disk of Standard SSD': {
      given: (estate) => disk(estate, {}, { sku: { name: 'StandardSSD_LRS' } }),
      because: 'not_premium',
    },
    'a disk of Premium SSD v2': {
      given: (estate) => disk(estate, {}, { sku: { name: 'PremiumV2_LRS' } }),
      because: 'not_premium',
    },
    'an unattached disk': { given: (estate) => disk(estate, {}, { managedBy: null }), because: 'unattached' },
    'a disk of many operations': { given: used({ operations: 150 }), because: 'in_use' },
    'a disk with a peak': { given: used({ peak: 400 }), because: 'in_use' },
    'a disk of much throughput': { given: used({ bytes: 20_000_000 }), because: 'in_use' },
  },
  leavesOut: {
    'disks of machines with SQL Server, and of appliances': [
      (estate) => disk(estate, {}, {}, image('MicrosoftSQLServer', 'sql2022-ws2022', 'Windows')),
      (estate) => disk(estate, {}, {}, image('paloaltonetworks', 'vmseries-flex')),
    ],
    'disks of machines that are off, and of scale sets': [
      (estate) => disk(estate, {}, {}, power('deallocated')),
      (estate) =>
        disk(estate, {}, { managedBy: '/providers/microsoft.compute/virtualmachinescalesets/x/virtualmachines/0' }),
    ],
    'volumes of Kubernetes, whose storage class decides': (estate) =>
      disk(estate, {}, { tags: { 'kubernetes.io-created-for-pvc-name': 'data-0' } }),
    'shared disks, and those of a higher performance tier': [
      (estate) => disk(estate, { maxShares: 2 }),
      (estate) => disk(estate, { tier: 'P30' }),
      (estate) => disk(estate, { burstingEnabled: true }),
    ],
    'disks made within the two weeks that are looked at': (estate) => disk(estate, { timeCreated: estate.daysAgo(3) }),
    'disks whose operations Standard SSD would bill for as much as it saves': used({ operations: 40 }),
  },
  undecided: {
    no_sku: (estate) => disk(estate, {}, { sku: null }),
    no_size: (estate) => disk(estate, { diskSizeGB: undefined }),
    no_power_state: [
      (estate) => disk(estate, {}, { managedBy: '/elsewhere' }),
      (estate) => disk(estate, {}, {}, { extended: {} }),
    ],
    no_metrics: (estate) => disk(estate, {}, {}, {}, null),
    low_coverage: used({ coverage: 0.1 }),
  },
});

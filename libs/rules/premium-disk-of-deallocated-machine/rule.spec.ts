import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import { fakePrices } from '../testing/fake-prices.js';
import type { TestEstate } from '../testing/test-estate.js';
import { premiumDiskOfDeallocatedMachine } from './rule.js';

type Weeks = [string, string, string, string];
const RAN_THREE_WEEKS_AGO: Weeks = ['14', '0', '0', '0'];

const NEVER_RAN: Weeks = ['0', '0', '0', '0'];

interface Scene {
  state?: string | null;
  weeks?: Weeks;
  charged?: boolean;
  disk?: object;
  properties?: object;
}
const machineWithDisk = (estate: TestEstate, scene: Scene = {}) => {
  const { state = 'deallocated', weeks = RAN_THREE_WEEKS_AGO, charged = true, disk = {}, properties = {} } = scene;
  const machine = estate.add('microsoft.compute/virtualmachines', {
    name: 'vm1',
    properties:
      state === null
        ? {}
        : {
            timeCreated: estate.daysAgo(300),
            extended: { instanceView: { powerState: { code: `PowerState/${state}` } } },
          },
  });
  if (weeks !== NEVER_RAN) estate.charge(machine, '14', { meterCategory: 'Virtual Machines', weeks });
  estate.charge(machine, '10', { meterCategory: 'Backup' });
  const subject = estate.add('microsoft.compute/disks', {
    name: 'vm1-os',
    managedBy: machine.resourceId,
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    properties: { diskState: 'Reserved', diskSizeGB: 128, ...properties },
    ...disk,
  });
  if (charged) estate.charge(subject, '20');
  return subject;
};
const withPrices = (estate: TestEstate) => {
  const list: Record<string, string> = { P10: '20', P20: '80', E10: '8' };
  const managedDiskMonthly = (_: string, tier: string, redundancy: string) =>
    redundancy === 'LRS' ? (list[tier] ?? null) : null;
  estate.reference = { prices: fakePrices({ managedDiskMonthly }), sizes: null };
};

describeRule(premiumDiskOfDeallocatedMachine, {
  found: {
    'the disk of a machine that last ran three weeks ago': {
      given: (estate) => {
        withPrices(estate);
        return machineWithDisk(estate);
      },
      expected: {
        reason: 'Its machine vm1 is deallocated and has not run for at least 1 week.',
        estimatedMonthlySavings: '12',
        monthlyCost: '20',
        savingsMethod: 'priced',
        alternativeOf: null,
        evidence: { sku: 'Premium_LRS', target_sku: 'StandardSSD_LRS', list_price: '20', target_list_price: '8' },
      },
    },
    'the disk of a machine that is told to go with its disks, as the alternative to that': {
      given: (estate) => machineWithDisk(estate, { weeks: NEVER_RAN }),
      expected: { alternativeOf: expect.stringMatching(/^disks\/.*\/vm1$/) as string },
    },
    'a disk whose performance tier is above its size': {
      given: (estate) => {
        withPrices(estate);
        return machineWithDisk(estate, { properties: { tier: 'P20' } });
      },
      expected: { estimatedMonthlySavings: '18', evidence: { list_price: '80', target_list_price: '8' } },
    },
    'a zone-redundant disk without a known price, without an amount': {
      given: (estate) => {
        withPrices(estate);
        return machineWithDisk(estate, { disk: { sku: { name: 'Premium_ZRS' } } });
      },
      expected: { estimatedMonthlySavings: null, evidence: { target_sku: 'StandardSSD_ZRS' } },
    },
    'a disk of a size that no tier has, without an amount': {
      given: (estate) => {
        withPrices(estate);
        return machineWithDisk(estate, { properties: { diskSizeGB: 65_536 } });
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a disk of a machine that runs': {
      given: (estate) => machineWithDisk(estate, { state: 'running' }),
      because: 'machine_runs',
    },
    'a disk of a machine that is stopped but not deallocated': {
      given: (estate) => machineWithDisk(estate, { state: 'stopped' }),
      because: 'machine_runs',
    },
    'a standard disk': {
      given: (estate) => machineWithDisk(estate, { disk: { sku: { name: 'StandardSSD_LRS' } } }),
      because: 'no_premium_ssd',
    },
    'a disk of no machine': {
      given: (estate) => machineWithDisk(estate, { disk: { managedBy: null } }),
      because: 'no_machine',
    },
    'a disk whose machine has not run for three weeks, where the tenant asks for four': {
      given: (estate) => machineWithDisk(estate),
      thresholds: { idleWeeks: 4 },
      because: 'ran_lately',
    },
  },
  leavesOut: {
    'disks that several machines share': (estate) => machineWithDisk(estate, { properties: { maxShares: 2 } }),
    'premium SSD v2 and ultra disks, which cannot be moved like this': [
      (estate) => machineWithDisk(estate, { disk: { sku: { name: 'PremiumV2_LRS' } } }),
      (estate) => machineWithDisk(estate, { disk: { sku: { name: 'UltraSSD_LRS' } } }),
    ],
    'disks of machines that ran lately': (estate) => machineWithDisk(estate, { weeks: ['0', '0', '0', '0.5'] }),
  },
  undecided: {
    no_sku: (estate) => machineWithDisk(estate, { disk: { sku: null } }),
    no_power_state: (estate) => machineWithDisk(estate, { state: null }),
    no_costs: (estate) => machineWithDisk(estate, { charged: false }),
    too_few_days_of_costs: (estate) => {
      estate.costDays = 6;
      return machineWithDisk(estate);
    },
  },
});

import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import type { MachineSize } from '../reference.js';
import { describeRule } from '../testing/describe-rule.js';
import { load, machine, managedMachines, power, specialMachines } from '../testing/machines.js';
import { fakePrices } from '../testing/fake-prices.js';
import { size, sizes } from '../testing/fake-sizes.js';
import type { TestEstate } from '../testing/test-estate.js';
import { oversizedVirtualMachine } from './rule.js';

/** A dime for each core and hour. */
const byCores = fakePrices({
  virtualMachineHourly: (_, name) => {
    const cores = /_\D+(\d+)/.exec(name)?.[1];
    return cores ? (Number(cores) / 10).toFixed(1) : null;
  },
});
const offer = (estate: TestEstate, ...known: MachineSize[]) => {
  estate.reference = { prices: byCores, sizes: sizes(...known) };
};
const EIGHT = { hardwareProfile: { vmSize: 'Standard_D8s_v5' } };
const LITTLE = { cpu: 12, free: 75 };

/** Eight cores that 12 % of the CPU and a quarter of the memory would do for. */
const oversized = (
  estate: TestEstate,
  draft: object = {},
  properties: object = {},
  use: Parameters<typeof load>[2] = LITTLE,
): InventoryResource => {
  if (!estate.reference.sizes) offer(estate, size(2), size(4), size(8));
  const subject = machine(estate, draft, { ...EIGHT, ...properties });
  load(estate, subject, use);
  estate.charge(subject, '300', { meterCategory: 'Virtual Machines' });
  return subject;
};
const having =
  (properties: object, two: Partial<MachineSize> = {}, others: Partial<MachineSize> = {}) =>
  (estate: TestEstate): InventoryResource => {
    offer(estate, size(2, two), size(4, others), size(8));
    return oversized(estate, {}, properties, { cpu: 12, free: 85 });
  };
const interfaces = (count: number) => ({
  networkProfile: { networkInterfaces: Array.from({ length: count }, (_, at) => ({ id: `/nic${at}` })) },
});
const refusing = (...lacks: string[]) => ({
  evidence: expect.objectContaining({
    target_size: 'Standard_D4s_v5',
    refused: [{ size: 'Standard_D2s_v5', lacks }],
  }),
});

describeRule(oversizedVirtualMachine, {
  found: {
    'a machine that the next smaller size would do for, with the difference and why not an even smaller one': {
      given: (estate) => oversized(estate),
      expected: {
        reason:
          'With 95 % of the hours below 12 % of CPU and 25 % of memory, Standard_D4s_v5 does for what Standard_D8s_v5 does.',
        estimatedMonthlySavings: '150',
        savingsMethod: 'priced',
        monthlyCost: '300',
        confidence: '0.81',
        evidence: expect.objectContaining({
          target_size: 'Standard_D4s_v5',
          refused: [{ size: 'Standard_D2s_v5', lacks: ['memory'] }],
          needed: expect.objectContaining({ vcpus: 1.44, memory_gib: 10 }),
        }),
      },
    },
    'a machine that a quarter would do for': {
      given: having({}),
      expected: { estimatedMonthlySavings: '225', evidence: expect.objectContaining({ refused: [] }) },
    },
    'a machine with more data disks than the smallest size takes': {
      given: having({ storageProfile: { osDisk: { osType: 'Linux' }, dataDisks: [{}, {}, {}, {}, {}] } }),
      expected: refusing('data_disks'),
    },
    'a machine with more network interfaces than the smallest size takes': {
      given: having(interfaces(2), { maxNetworkInterfaces: 1 }),
      expected: refusing('network_interfaces'),
    },
    'a machine whose interfaces are unknown, which may be accelerated': {
      given: having(interfaces(1), { acceleratedNetworking: false }),
      expected: refusing('accelerated_networking'),
    },
    'a machine with a premium disk': {
      given: (estate) => {
        const subject = having({}, { premiumIo: false })(estate);
        estate.add('microsoft.compute/disks', { managedBy: subject.resourceId, sku: { name: 'Premium_LRS' } });
        return subject;
      },
      expected: refusing('premium_io'),
    },
    'a machine of generation 1': {
      given: having(
        { extended: { instanceView: { powerState: { code: 'PowerState/running' }, hyperVGeneration: 'V1' } } },
        { generations: ['V2'] },
      ),
      expected: refusing('generation'),
    },
    'a machine of x64': { given: having({}, { architecture: 'Arm64' }), expected: refusing('architecture') },
    'a machine without a temporary disk': {
      given: having({}, { temporaryDiskMiB: 1024 }),
      expected: refusing('temporary_disk'),
    },
    'a machine that reads and writes a lot': {
      given: (estate) => {
        offer(estate, size(2, { uncachedBytesPerSecond: 1_000_000 }), size(4), size(8));
        return oversized(estate, {}, {}, { cpu: 12, free: 85, disk: 86_400 });
      },
      expected: refusing('disk_throughput'),
    },
    'a machine of an older generation that the current one does the work of': {
      given: (estate) => {
        const three = (vCpus: number) => size(vCpus, { name: `Standard_D${vCpus}s_v3` });
        offer(estate, three(8), size(4), size(8));
        return oversized(estate, {}, { hardwareProfile: { vmSize: 'Standard_D8s_v3' } });
      },
      expected: { evidence: expect.objectContaining({ target_size: 'Standard_D4s_v5' }) },
    },
    'a machine whose costs are unknown, without an amount': {
      given: (estate) => {
        estate.costsKnown = false;
        return oversized(estate);
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a machine that is off': { given: (estate) => oversized(estate, {}, power('stopped')), because: 'not_running' },
    'a machine that needs what it has': {
      given: (estate) => oversized(estate, {}, {}, { cpu: 50, free: 60 }),
      because: 'no_cheaper_size_fits',
    },
    'a machine short of memory': {
      given: (estate) => oversized(estate, {}, {}, { cpu: 12, free: 20 }),
      because: 'no_cheaper_size_fits',
    },
    'a machine whose smaller sizes belong to other families': {
      given: (estate) => {
        offer(estate, size(4, { name: 'Standard_D4as_v5' }), size(4, { name: 'Standard_B4s_v2' }), size(8));
        return oversized(estate);
      },
      because: 'no_cheaper_size_fits',
    },
    'a machine for which too little would be saved': {
      given: (estate) => oversized(estate),
      because: 'no_cheaper_size_fits',
      thresholds: { leastSaving: 60 },
    },
  },
  leavesOut: {
    'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages': managedMachines(oversized),
    'machines with SQL Server, and appliances of the marketplace': specialMachines(oversized),
    'machines that idle-virtual-machine finds': (estate) => oversized(estate, {}, {}, { cpu: 1, free: 80 }),
    'machines made within the two weeks that are looked at': (estate) =>
      oversized(estate, {}, { timeCreated: estate.daysAgo(5) }),
    'burstable, graphics and constrained sizes, whose CPU does not tell what they are for': [
      'Standard_B8ms',
      'Standard_NV8as_v4',
      'Standard_E8-4s_v5',
    ].map((vmSize) => (estate: TestEstate) => oversized(estate, {}, { hardwareProfile: { vmSize } })),
    'Spot machines, ephemeral system disks, and machines on dedicated hosts': [
      (estate) => oversized(estate, {}, { priority: 'Spot' }),
      (estate) => oversized(estate, {}, { host: { id: '/host' } }),
      (estate) =>
        oversized(
          estate,
          {},
          { storageProfile: { osDisk: { osType: 'Linux', diffDiskSettings: { option: 'Local' } } } },
        ),
    ],
  },
  undecided: {
    no_power_state: (estate) => oversized(estate, {}, { extended: {} }),
    no_metrics: [(estate) => oversized(estate, {}, {}, { cpu: 12 }), (estate) => machine(estate, {}, EIGHT)],
    low_coverage: (estate) => oversized(estate, {}, {}, { ...LITTLE, coverage: 0.2 }),
    no_sizes: [
      (estate) => {
        const subject = oversized(estate);
        estate.reference = { prices: byCores, sizes: null };
        return subject;
      },
      (estate) => {
        offer(estate, size(4));
        return oversized(estate);
      },
    ],
    no_prices: (estate) => {
      const subject = oversized(estate);
      estate.reference = { prices: null, sizes: sizes(size(4), size(8)) };
      return subject;
    },
  },
});

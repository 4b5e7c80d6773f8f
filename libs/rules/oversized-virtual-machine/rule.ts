import { decimal } from '#core/decimal.js';
import { idleVirtualMachine } from '../idle-virtual-machine/rule.js';
import { cheaperSizes, needsOf, type Candidate } from '../machine-resize.js';
import { sizeNameOf } from '../machine-size-name.js';
import { textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { repriced } from '../savings.js';
import { certaintyOf, levelEvidence, metricsOf, shown } from '../utilisation.js';
import {
  MANAGED_MACHINES,
  SPECIAL_MACHINES,
  createdAt,
  isMachineCharge,
  isSpecialMachine,
  isSpot,
  managerOf,
  powerStateOf,
  pricedSystemOf,
} from '../virtual-machine.js';

const SHOWN_REFUSALS = 8;

/**
 * Machines that a smaller size of their family would do for. What idle-virtual-machine finds is not told to shrink as
 * well, and of all sizes that fit it names the cheapest.
 */
export const oversizedVirtualMachine = defineRule({
  id: 'oversized-virtual-machine',
  title: 'Resize the oversized virtual machine',
  finds:
    'Running virtual machines whose load of two weeks, with headroom, fits into a cheaper size of the same family or of the generation that succeeds it, which has all that the machine uses.',
  leavesOut: [
    MANAGED_MACHINES,
    SPECIAL_MACHINES,
    'machines that idle-virtual-machine finds',
    'machines made within the two weeks that are looked at',
    'burstable, graphics and constrained sizes, whose CPU does not tell what they are for',
    'Spot machines, ephemeral system disks, and machines on dedicated hosts',
  ],
  savings:
    'The difference between the list prices of both sizes on what its compute cost in the last 30 days; what a reservation pays for is not saved.',
  category: 'rightsizing',
  action: 'resize',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['metrics', 'costs', 'prices', 'sizes'],
  thresholds: {
    cpuHeadroom: {
      default: 1.5,
      minimum: 1,
      maximum: 4,
      unit: 'times',
      meaning: 'By how much the new size must exceed the 95th percentile of CPU',
    },
    memoryHeadroom: {
      default: 1.25,
      minimum: 1,
      maximum: 4,
      unit: 'times',
      meaning: 'By how much it must exceed the 95th percentile of used memory',
    },
    leastSaving: {
      default: 10,
      minimum: 0,
      maximum: 90,
      unit: '%',
      meaning: 'What the new size must at least save of the list price to be worth a restart',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` for peaks that two weeks do not show: month ends, seasons, planned growth, a stand-in’s turn.',
      'See that software with a licence by core or a support statement by size allows `{evidence.target_size}`.',
      'In an availability set a new size must be offered where the others are: `az vm list-vm-resize-options --ids {id} --query "[].name"`.',
      'A reservation for {evidence.size} is left unused unless its instance size flexibility covers the new size.',
    ],
    azureCli: [
      'az vm deallocate --ids {id}',
      'az vm resize --ids {id} --size {evidence.target_size}',
      'az vm start --ids {id}',
    ],
    portal: [
      'Open the machine `{name}`, **Availability + scale**, **Size**, choose `{evidence.target_size}`, **Resize**.',
    ],
    terraform: 'Set `size = "{evidence.target_size}"`; applying it restarts the machine.',
    verify: [
      '`az vm show --ids {id} --query hardwareProfile.vmSize` answers {evidence.target_size}.',
      'Over the next days CPU stays below 80 % and memory does not run short.',
    ],
    undo: ['`az vm resize --ids {id} --size {evidence.size}` and a restart.'],
  },
  links: [
    {
      title: 'Change the size of a machine',
      url: 'https://learn.microsoft.com/azure/virtual-machines/sizes/resize-vm',
    },
  ],
  evaluate(machine, { estate, thresholds, finds }) {
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state !== 'running') return fine('not_running');
    if (managerOf(machine)) return fine('managed');
    if (isSpecialMachine(machine, estate)) return fine('special_software');
    const bound = ['properties.host', 'properties.storageProfile.osDisk.diffDiskSettings'];
    if (isSpot(machine) || bound.some((path) => valueAt(machine, path) !== undefined)) return fine('bound_to_host');
    const name = textAt(machine, 'properties.hardwareProfile.vmSize') ?? '';
    const parts = sizeNameOf(name);
    if (!parts || parts.constrainedTo !== undefined || /^[BN]/.test(parts.family)) return fine('no_size_for_cpu');
    if (finds(idleVirtualMachine, machine)) return fine('idle');

    const load = metricsOf(estate, machine.resourceId, ['Percentage CPU', 'Available Memory Percentage']);
    if (typeof load === 'string') return undecided(load);
    const [cpu, memory] = load as [(typeof load)[0], (typeof load)[0]];
    if (createdAt(machine) > cpu.from) return fine('made_lately');
    const { sizes, prices } = estate.reference;
    const region = machine.location ?? '';
    const current = sizes?.size(region, name);
    if (!sizes || !current) return undecided('no_sizes');
    const priceOf = (size: { name: string }) =>
      prices?.virtualMachineHourly(region, size.name, pricedSystemOf(machine)) ?? null;
    const price = priceOf(current);
    if (price === null) return undecided('no_prices');

    const usedMemory = Math.max(0, 100 - memory.p05);
    const disk = metricsOf(estate, machine.resourceId, ['Disk Read Bytes', 'Disk Write Bytes']);
    const needs = {
      ...needsOf(machine, current, estate),
      vCpus: current.vCpus * (cpu.p95 / 100) * thresholds.cpuHeadroom,
      memoryGiB: current.memoryGiB * (usedMemory / 100) * thresholds.memoryHeadroom,
      diskBytesPerSecond:
        typeof disk === 'string'
          ? null
          : disk.reduce((sum, { p95, intervalMinutes }) => sum + p95 / (intervalMinutes * 60), 0) *
            thresholds.cpuHeadroom,
    };
    const worthwhile = decimal(price).times(1 - thresholds.leastSaving / 100);
    const candidates = cheaperSizes(current, price, needs, sizes.sizesOf(region), priceOf);
    const target = candidates.find((candidate) => candidate.lacks.length === 0);
    if (!target || decimal(target.price).gt(worthwhile)) return fine('no_cheaper_size_fits');
    return found({
      reason: `With 95 % of the hours below ${shown(cpu.p95)} % of CPU and ${shown(usedMemory)} % of memory, ${target.size.name} does for what ${name} does.`,
      evidence: {
        size: name,
        target_size: target.size.name,
        hourly_list_price: price,
        hourly_list_price_of_target: target.price,
        cpu_percent: levelEvidence(cpu),
        used_memory_percent_p95: shown(usedMemory),
        needed: {
          vcpus: shown(needs.vCpus),
          memory_gib: shown(needs.memoryGiB),
          data_disks: needs.dataDisks,
          network_interfaces: needs.networkInterfaces,
          premium_io: needs.premiumIo,
          accelerated_networking: needs.acceleratedNetworking,
          generations: needs.generations,
        },
        refused: refusals(candidates),
      },
      saving: repriced(estate.costOf(machine.resourceId, isMachineCharge), price, target.price),
      certainty: certaintyOf(load),
    });
  },
});

/** Which cheaper sizes lack what, the cheapest first. */
function refusals(candidates: readonly Candidate[]): { size: string; lacks: readonly string[] }[] {
  return candidates
    .filter(({ lacks }) => lacks.length > 0)
    .slice(0, SHOWN_REFUSALS)
    .map(({ size, lacks }) => ({ size: size.name, lacks }));
}

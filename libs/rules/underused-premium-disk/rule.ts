import { decimal, plain } from '#core/decimal.js';
import type { InventoryResource } from '#core/facts.js';
import { diskTier } from '../disk-tier.js';
import type { Estate } from '../estate.js';
import { instantAt, numberAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed, repriced, type Saving } from '../savings.js';
import { operationsUsd, standardSsdOf } from '../standard-ssd.js';
import { isKubernetesManaged } from '../tags.js';
import { certaintyOf, metricsOf, shown } from '../utilisation.js';
import { isSpecialMachine, powerStateOf } from '../virtual-machine.js';

const METRICS = [
  'Composite Disk Read Operations/sec',
  'Composite Disk Write Operations/sec',
  'Composite Disk Read Bytes/sec',
  'Composite Disk Write Bytes/sec',
];

/** Premium SSD that Standard SSD of the same size would do for. */
export const underusedPremiumDisk = defineRule({
  id: 'underused-premium-disk',
  title: 'Use Standard SSD for the disk',
  finds:
    'Premium SSD on running machines that in two weeks never asked for more than Standard SSD of the same size gives, and mostly for much less.',
  leavesOut: [
    'disks of machines with SQL Server, and of appliances',
    'disks of machines that are off, and of scale sets',
    'volumes of Kubernetes, whose storage class decides',
    'shared disks, and those of a higher performance tier',
    'disks made within the two weeks that are looked at',
    'disks whose operations Standard SSD would bill for as much as it saves',
  ],
  savings:
    'The difference between the list prices of both tiers on what the disk cost in the last 30 days, less what Standard SSD bills for the operations that were measured; a guess in the proportions of East US where no list price is known.',
  category: 'rightsizing',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/disks'],
  needs: ['metrics', 'costs', 'prices'],
  thresholds: {
    use: {
      default: 50,
      minimum: 5,
      maximum: 100,
      unit: '%',
      meaning:
        'Up to what share of Standard SSD’s operations and throughput the 95th percentile of the hours may reach',
    },
    leastSaving: {
      default: 10,
      minimum: 0,
      maximum: 90,
      unit: '%',
      meaning: 'What must at least be saved after operations are paid for',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether latency matters: Standard SSD answers in several milliseconds instead of one.',
      'A single machine has its best service level with Premium SSD alone. A disk’s type changes twice a day at most.',
    ],
    azureCli: [
      'az vm deallocate --ids {evidence.machine_id}',
      'az disk update --ids {id} --sku {evidence.target_sku}',
      'az vm start --ids {evidence.machine_id}',
    ],
    portal: [
      'Stop the machine, open the disk `{name}`, **Size + performance**, **Standard SSD**, **Save**, start it again.',
    ],
    terraform: 'Set `storage_account_type = "{evidence.target_sku}"`; applying it stops the machine.',
    verify: [
      '`az disk show --ids {id} --query sku.name` answers {evidence.target_sku}.',
      'Over the next days *Disk Queue Depth* of the machine stays as it was.',
    ],
    undo: ['The same with `--sku {evidence.sku}`.'],
  },
  links: [
    { title: 'Types of managed disks', url: 'https://learn.microsoft.com/azure/virtual-machines/disks-types' },
    {
      title: 'Change the type of a disk',
      url: 'https://learn.microsoft.com/azure/virtual-machines/disks-convert-types',
    },
  ],
  evaluate(disk, { estate, thresholds }) {
    const sku = textAt(disk, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    const redundancy = /^premium_(lrs|zrs)$/i.exec(sku)?.[1]?.toUpperCase() as 'LRS' | 'ZRS' | undefined;
    if (!redundancy) return fine('not_premium');
    if (disk.managedBy === null) return fine('unattached');
    if (isKubernetesManaged(disk)) return fine('kubernetes');
    if (disk.managedBy.includes('/virtualmachinescalesets/')) return fine('scale_set');
    const sizeGiB = numberAt(disk, 'properties.diskSizeGB') ?? 0;
    const [premiumTier, standardTier] = [diskTier('P', sizeGiB), diskTier('E', sizeGiB)];
    const standard = standardTier === null ? undefined : standardSsdOf(standardTier);
    if (!premiumTier || !standardTier || !standard) return undecided('no_size');
    const isRaised = (textAt(disk, 'properties.tier') ?? premiumTier).toUpperCase() !== premiumTier;
    if ((numberAt(disk, 'properties.maxShares') ?? 1) > 1 || isRaised) return fine('shared_or_raised');
    if (valueAt(disk, 'properties.burstingEnabled') === true) return fine('shared_or_raised');
    const machine = estate.resource(disk.managedBy);
    const state = machine && powerStateOf(machine);
    if (!machine || state === undefined) return undecided('no_power_state');
    if (state !== 'running') return fine('machine_off');
    if (isSpecialMachine(machine, estate)) return fine('special_software');

    const load = metricsOf(estate, disk.resourceId, METRICS);
    if (typeof load === 'string') return undecided(load);
    const made = instantAt(disk, 'properties.timeCreated') ?? disk.firstSeenAt;
    if (made > load[0]!.from) return fine('made_lately');
    const sum = (of: 'average' | 'p95' | 'maximum', first: number) => load[first]![of] + load[first + 1]![of];
    const usual = Math.max(sum('p95', 0) / standard.iops, sum('p95', 2) / standard.bytesPerSecond) * 100;
    const peak = Math.max(sum('maximum', 0) / standard.iops, sum('maximum', 2) / standard.bytesPerSecond) * 100;
    if (usual > thresholds.use || peak > 100) return fine('in_use');
    const operations = operationsUsd(sum('average', 0), sum('average', 2));
    const share = 1 - (standard.usd + operations) / standard.premiumUsd;
    if (share * 100 < thresholds.leastSaving) return fine('operations_cost_more');
    return found({
      reason: `The disk needs ${Math.ceil(usual)} % of what Standard SSD of its size gives in 95 % of the hours, and never more than ${Math.ceil(peak)} %.`,
      evidence: {
        sku,
        target_sku: `StandardSSD_${redundancy}`,
        size_gib: sizeGiB,
        machine_id: machine.resourceId,
        operations_per_second: {
          p95: shown(sum('p95', 0)),
          maximum: shown(sum('maximum', 0)),
          standard: standard.iops,
        },
        bytes_per_second: {
          p95: shown(sum('p95', 2)),
          maximum: shown(sum('maximum', 2)),
          standard: standard.bytesPerSecond,
        },
        operations_usd_per_month: shown(operations),
      },
      saving: savingOf(disk, [premiumTier, standardTier], redundancy, operations, estate),
      certainty: 0.9 * certaintyOf(load),
    });
  },
});

/** By list prices of the disk's own region, or a guess by those of East US; operations, in dollars, cost in proportion. */
function savingOf(
  disk: InventoryResource,
  [premiumTier, standardTier]: readonly [string, string],
  redundancy: 'LRS' | 'ZRS',
  operations: number,
  estate: Estate,
): Saving | null {
  const cost = estate.costOf(disk.resourceId);
  const { usd, premiumUsd } = standardSsdOf(standardTier)!;
  const price = (tier: string) =>
    estate.reference.prices?.managedDiskMonthly(disk.location ?? '', tier, redundancy) ?? null;
  const [premium, standard] = [price(premiumTier), price(standardTier)];
  if (premium !== null && standard !== null) {
    const billed = decimal(premium).times(operations).div(premiumUsd);
    return repriced(cost, premium, plain(decimal(standard).plus(billed)));
  }
  const [likely, high] = [usd + operations, usd].map((dollars) => 1 - dollars / premiumUsd) as [number, number];
  return guessed(cost, { low: likely / 2, likely, high });
}

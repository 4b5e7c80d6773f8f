import { disksOf, longDeallocatedVirtualMachine } from '../long-deallocated-virtual-machine/rule.js';
import type { InventoryResource, ResourceCost } from '#core/facts.js';
import { decimal } from '#core/decimal.js';
import { diskTier } from '../disk-tier.js';
import type { Estate } from '../estate.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { repriced, type Saving } from '../savings.js';

/** Premium disks that wait for a machine which does not run. */
export const premiumDiskOfDeallocatedMachine = defineRule({
  id: 'premium-disk-of-deallocated-machine',
  title: 'Move the deallocated machine’s premium disk to standard SSD',
  finds:
    'Premium SSD disks of machines that have been deallocated for some time. The disk is billed in full while nothing ' +
    'reads it; it can be moved back when the machine is started.',
  leavesOut: [
    'disks that several machines share',
    'premium SSD v2 and ultra disks, which cannot be moved like this',
    'disks of machines that ran lately',
  ],
  savings:
    'The own cost in the proportion of the list prices of the premium and the standard SSD tier; without price list ' +
    'there is no amount.',
  category: 'rate',
  action: 'retier',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.compute/disks'],
  needs: ['costs', 'prices'],
  thresholds: {
    idleWeeks: {
      default: 1,
      minimum: 1,
      maximum: 4,
      unit: 'weeks',
      meaning: 'For how long the machine must not have been charged for running',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the machine is needed at all; if not, a snapshot of the disk costs least.',
      'A disk’s type can be changed twice a day, and only while the machine is deallocated.',
      'Machines whose service level rests on premium disks alone lose it until the disk is moved back.',
    ],
    azureCli: [
      'az vm get-instance-view --ids {evidence.machine} --query "instanceView.statuses[1].displayStatus"',
      'az disk update --ids {id} --sku {evidence.target_sku}',
    ],
    portal: [
      'Open **Disks**, choose `{name}`, **Size + performance**, choose **Standard SSD** of the same size, then **Save**.',
    ],
    terraform:
      'Set `storage_account_type = "{evidence.target_sku}"` in the `azurerm_managed_disk` (or in the machine’s `os_disk`).',
    verify: ['`az disk show --ids {id} --query sku.name` answers {evidence.target_sku}.'],
    undo: ['Before the machine is started again: `az disk update --ids {id} --sku {evidence.sku}`.'],
  },
  links: [
    {
      title: 'Change the disk type of an Azure managed disk',
      url: 'https://learn.microsoft.com/azure/virtual-machines/disks-convert-types',
    },
  ],
  evaluate(disk, { estate, thresholds, finds }) {
    const sku = textAt(disk, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    const [, redundancy] = /^premium_(lrs|zrs)$/i.exec(sku) ?? [];
    if (redundancy === undefined) return fine('no_premium_ssd');
    const machine = estate.resource(disk.managedBy ?? undefined);
    if (machine?.type !== 'microsoft.compute/virtualmachines') return fine('no_machine');
    if ((numberAt(disk, 'properties.maxShares') ?? 1) > 1) return fine('shared');
    const state = textAt(machine, 'properties.extended.instanceView.powerState.code');
    if (state === undefined) return undecided('no_power_state');
    if (state.toLowerCase() !== 'powerstate/deallocated') return fine('machine_runs');
    const cost = estate.costOf(disk.resourceId);
    // A disk is charged for every day: where it is not, costs are not known by resource, and say nothing of the machine.
    if (!cost) return undecided('no_costs');
    if ((estate.facts.costs?.days ?? 0) < 7 * thresholds.idleWeeks) return undecided('too_few_days_of_costs');
    if (estate.chargesOf(machine.resourceId).some((charge) => ranLately(charge, thresholds.idleWeeks)))
      return fine('ran_lately');
    return found({
      reason: `Its machine ${machine.name} is deallocated and has not run for at least ${thresholds.idleWeeks} ${thresholds.idleWeeks === 1 ? 'week' : 'weeks'}.`,
      evidence: {
        machine: machine.resourceId,
        power_state: state,
        sku,
        target_sku: `StandardSSD_${redundancy.toUpperCase()}`,
        size_gib: numberAt(disk, 'properties.diskSizeGB') ?? null,
      },
      saving: byListPrices(disk, redundancy.toUpperCase() as 'LRS' | 'ZRS', estate),
      // Whoever deletes the machine with its disks has no use for cheaper ones.
      alternativeOf: finds(longDeallocatedVirtualMachine, machine) ? disksOf(machine) : undefined,
      certainty: 0.85,
    });
  },
});

function ranLately({ meterCategory, weeks }: ResourceCost, idleWeeks: number): boolean {
  const isCompute = /^virtual machines/i.test(meterCategory ?? '');
  return isCompute && weeks.slice(-idleWeeks).some((amount) => !decimal(amount).eq(0));
}

function byListPrices(disk: InventoryResource, redundancy: 'LRS' | 'ZRS', estate: Estate): Saving | null {
  const size = numberAt(disk, 'properties.diskSizeGB') ?? 0;
  const priceOf = (tier: string | null) =>
    (tier && estate.reference.prices?.managedDiskMonthly(disk.location ?? '', tier, redundancy)) ?? null;
  // A performance tier above the size's own is what is billed.
  const current = textAt(disk, 'properties.tier') ?? diskTier('P', size);
  return repriced(estate.costOf(disk.resourceId), priceOf(current), priceOf(diskTier('E', size)));
}

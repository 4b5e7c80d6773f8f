import type { InventoryResource } from '#core/facts.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import {
  MANAGED_MACHINES,
  createdAt,
  disksAttachedTo,
  isComputeCharge,
  managerOf,
  powerStateOf,
} from '../virtual-machine.js';

/** Machines that have been off for so long that only their disks remind of them. */
export const longDeallocatedVirtualMachine = defineRule({
  id: 'long-deallocated-virtual-machine',
  title: 'Delete the virtual machine that has long been off, with its disks',
  finds:
    'Virtual machines that are deallocated and had no compute charge in the whole month that the costs cover; their disks are paid for all the time.',
  leavesOut: [MANAGED_MACHINES, 'machines made within the month'],
  savings:
    'What the disks attached to the machine cost in the last 30 days. Addresses and backups are extra, and a snapshot that is kept costs a part of it.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['costs'],
  thresholds: {
    days: {
      default: 28,
      minimum: 7,
      maximum: 30,
      unit: 'days',
      meaning: 'Of how many days the costs must be known, none of which has a compute charge',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the machine waits for something: a season, a disaster, an audit.',
      'Look whether Backup protects it, and whether its data must be kept; {evidence.disks} disks hang on it.',
    ],
    azureCli: [
      'az vm show --ids {id} --query "storageProfile.[osDisk.managedDisk.id, dataDisks[].managedDisk.id]" --output json',
      'az snapshot create --resource-group {resource_group} --name {name}-final --source $(az vm show --ids {id} --query storageProfile.osDisk.managedDisk.id --output tsv) --sku Standard_LRS',
      'az vm delete --ids {id} --yes',
      '# Then each disk of the first answer, unless it went with the machine: az disk delete --ids …',
    ],
    portal: [
      'Open the machine `{name}`, its **Disks**, and create a snapshot of each that may be needed.',
      'Choose **Delete** on the machine and tick its disks, network interfaces and public addresses.',
    ],
    terraform:
      'Remove the machine, its `azurerm_managed_disk`, `azurerm_network_interface` and `azurerm_public_ip`, and apply.',
    verify: ['`az vm show --ids {id}` answers ResourceNotFound, and no disk of it is left under **Disks**.'],
    undo: [
      'A deleted machine does not come back. Make a disk from the snapshot (`az disk create --source {name}-final`) and a machine from it (`az vm create --attach-os-disk`).',
    ],
  },
  links: [
    {
      title: 'Delete a machine and what is attached to it',
      url: 'https://learn.microsoft.com/azure/virtual-machines/delete',
    },
  ],
  evaluate(machine, { estate, thresholds }) {
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state !== 'deallocated') return fine('not_deallocated');
    if (managerOf(machine)) return fine('managed');
    // Resource Graph does not say since when; that nothing was charged for running does.
    const { costs } = estate.facts;
    if (!costs) return undecided('no_costs');
    if (costs.days < thresholds.days) return undecided('costs_of_few_days');
    if (createdAt(machine) > new Date(`${costs.from}T00:00:00Z`)) return fine('made_lately');
    if (estate.chargesOf(machine.resourceId).some(isComputeCharge)) return fine('ran_lately');
    const disks = disksAttachedTo(machine, estate);
    if (disks.length === 0) return fine('no_disks');
    const ids = disks.map(({ resourceId }) => resourceId);
    return found({
      reason: `Nothing was charged for running the machine from ${costs.from} to ${costs.to}, but its ${disks.length === 1 ? 'disk is' : `${disks.length} disks are`} paid for.`,
      evidence: { power_state: state, disks: disks.length, disk_ids: ids },
      saving: measured(estate.costOfAll(ids)),
      alternativeOf: disksOf(machine),
      certainty: 0.75,
    });
  },
});

/** What excludes each other: the machine's disks can go with it, or become cheaper. */
export function disksOf({ resourceId }: InventoryResource): string {
  return `disks/${resourceId}`;
}

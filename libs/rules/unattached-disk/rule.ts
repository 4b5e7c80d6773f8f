import { defineRule, fine, found, undecided } from '../rule.js';
import { daysBetween, instantAt, numberAt, textAt } from '../property.js';
import { measured } from '../savings.js';
import { isKubernetesManaged, tagValue } from '../tags.js';

/** Managed disks that no machine uses. */
export const unattachedDisk = defineRule({
  id: 'unattached-disk',
  title: 'Delete the unattached disk',
  finds:
    'Managed disks that belong to no virtual machine and have not for some time; they are billed by size, used or not.',
  leavesOut: [
    'disks of Site Recovery: replicas, seeds and temporary copies',
    'disks that Backup restores from',
    'volumes of Kubernetes, which wait for their next pod',
    'disks that are being exported, uploaded or reserved for a stopped machine',
    'disks detached only lately',
  ],
  savings: 'What the disk itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/disks'],
  needs: ['costs'],
  thresholds: {
    detachedDays: {
      default: 7,
      minimum: 0,
      maximum: 365,
      unit: 'days',
      meaning: 'How long a disk must have been detached',
    },
  },
  runbook: {
    check: [
      'Read the disk’s tags and ask the owner of resource group `{resource_group}` whether anybody waits for it.',
      'Look whether a snapshot or a backup of it exists, and whether one is needed.',
    ],
    azureCli: [
      'az snapshot create --resource-group {resource_group} --name {name}-final --source {id} --sku Standard_LRS',
      'az disk delete --ids {id}',
    ],
    portal: ['Open **Disks**, choose `{name}`, **Create snapshot** if the data may be needed, then **Delete**.'],
    terraform: 'Remove the `azurerm_managed_disk` for `{name}`, or `terraform state rm` it after deleting the disk.',
    verify: ['`az disk show --ids {id}` answers ResourceNotFound; the disk’s cost ends with the day.'],
    undo: [
      'Create a disk from the snapshot: `az disk create --resource-group {resource_group} --name {name} --source {name}-final`.',
    ],
  },
  links: [
    {
      title: 'Find and delete unattached managed disks',
      url: 'https://learn.microsoft.com/azure/virtual-machines/linux/find-unattached-disks',
    },
  ],
  evaluate(disk, { estate, thresholds, now }) {
    const state = textAt(disk, 'properties.diskState');
    if (disk.managedBy !== null) return fine('attached');
    if (state === undefined) return undecided('no_disk_state');
    // Not "other than ActiveSAS": a disk under ActiveSASFrozen, ActiveUpload or ReadyToUpload is in use as well, and
    // that of a deallocated machine is Reserved.
    if (state.toLowerCase() !== 'unattached') return fine('in_use');
    if (isHeldByRecovery(disk.name) || tagValue(disk, /^(asr-replicadisk|asrseeddisk)$/i) !== undefined)
      return fine('site_recovery');
    if (tagValue(disk, /^rsvaultbackup$/i) !== undefined) return fine('backup');
    if (isKubernetesManaged(disk)) return fine('kubernetes');
    // Disks that were never attached have no change of ownership.
    const since = instantAt(disk, 'properties.LastOwnershipUpdateTime') ?? instantAt(disk, 'properties.timeCreated');
    if (since === undefined) return undecided('no_time_of_detachment');
    const days = Math.floor(daysBetween(since, now));
    if (days < thresholds.detachedDays) return fine('detached_lately');
    return found({
      reason: `No machine has used the disk for ${days} days.`,
      evidence: {
        disk_state: state,
        detached_since: since,
        size_gib: numberAt(disk, 'properties.diskSizeGB') ?? null,
        sku: textAt(disk, 'sku.name') ?? null,
      },
      saving: measured(estate.costOf(disk.resourceId)),
      certainty: 0.95,
    });
  },
});

/** Site Recovery names what it makes. */
function isHeldByRecovery(name: string): boolean {
  return /-asrreplica$|^ms-asr-|^asrseeddisk-/i.test(name);
}

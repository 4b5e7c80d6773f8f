import { daysBetween, instantAt, numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured, possibly } from '../savings.js';
import { incrementalChainOf, isIncremental, isOfDeletedDisk, snapshotHolder } from '../snapshot.js';

/** Snapshots that have outlived what they were taken for. */
export const oldSnapshot = defineRule({
  id: 'old-snapshot',
  title: 'Delete the old snapshot',
  finds:
    'Disk snapshots that were taken long ago. Most were made before a change and forgotten; as backups they are ' +
    'out of date. They are billed by size.',
  leavesOut: [
    'snapshots that Backup or Site Recovery keeps',
    'snapshots of Kubernetes volumes',
    'snapshots with a tag that states a retention',
    'snapshots that are being exported',
    'snapshots of disks that exist no longer, which are a finding of their own',
    'young snapshots',
  ],
  savings:
    'What the snapshot itself cost in the last 30 days. Of an incremental one among others of its disk it may be less, ' +
    'down to nothing: later ones keep the data that they share with it.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/snapshots'],
  needs: ['costs'],
  thresholds: {
    ageDays: { default: 90, minimum: 7, maximum: 3650, unit: 'days', meaning: 'How old a snapshot must be' },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether it is evidence, an image’s source or the only copy of something.',
      'Look whether scripts or templates name it: `az disk list --query "[?creationData.sourceResourceId==\'{id}\'].id"`.',
    ],
    azureCli: [
      'az snapshot show --ids {id} --query "{taken:timeCreated, source:creationData.sourceResourceId, incremental:incremental}"',
      'az snapshot delete --ids {id}',
    ],
    portal: ['Open **Snapshots**, choose `{name}`, read its source and its date, then **Delete**.'],
    terraform: 'Remove the `azurerm_snapshot` for `{name}`, then apply.',
    verify: ['`az snapshot show --ids {id}` answers ResourceNotFound; its cost ends with the day.'],
    undo: ['It cannot be undone. Copy the snapshot to a storage account first if the data may be needed.'],
  },
  links: [
    {
      title: 'Create an incremental snapshot, and how deletion works',
      url: 'https://learn.microsoft.com/azure/virtual-machines/disks-incremental-snapshots',
    },
  ],
  evaluate(snapshot, { estate, thresholds, now }) {
    const taken = instantAt(snapshot, 'properties.timeCreated');
    if (taken === undefined) return undecided('no_time_of_creation');
    const age = Math.floor(daysBetween(taken, now));
    if (age < thresholds.ageDays) return fine('young');
    const holder = snapshotHolder(snapshot);
    if (holder !== undefined) return fine(holder);
    if (isOfDeletedDisk(snapshot, estate)) return fine('of_deleted_disk');
    const chain = isIncremental(snapshot) ? incrementalChainOf(snapshot, estate).length : 1;
    const saving = measured(estate.costOf(snapshot.resourceId));
    return found({
      reason:
        `The snapshot was taken ${age} days ago` +
        (chain > 1 ? `; it is one of ${chain} incremental ones of its disk.` : '.'),
      evidence: {
        taken_at: taken,
        size_gib: numberAt(snapshot, 'properties.diskSizeGB') ?? null,
        sku: textAt(snapshot, 'sku.name') ?? null,
        incremental: isIncremental(snapshot),
        incremental_snapshots_of_disk: chain,
        source: textAt(snapshot, 'properties.creationData.sourceResourceId') ?? null,
      },
      saving: chain > 1 ? possibly(saving) : saving,
      certainty: chain > 1 ? 0.6 : 0.75,
    });
  },
});

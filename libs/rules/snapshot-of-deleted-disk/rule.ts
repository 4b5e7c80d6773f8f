import { daysBetween, instantAt, numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured, possibly } from '../savings.js';
import { incrementalChainOf, isIncremental, isOfDeletedDisk, snapshotHolder, sourceDiskOf } from '../snapshot.js';

/** Snapshots that were left when their disk was deleted. */
export const snapshotOfDeletedDisk = defineRule({
  id: 'snapshot-of-deleted-disk',
  title: 'Delete the snapshot of a deleted disk',
  finds:
    'Snapshots of disks of the same subscription that exist no longer. Often the machine went and its snapshots were ' +
    'forgotten; sometimes they were kept as its last copy.',
  leavesOut: [
    'snapshots that Backup or Site Recovery keeps',
    'snapshots of Kubernetes volumes',
    'snapshots with a tag that states a retention',
    'snapshots that are being exported',
    'copies of other snapshots, and snapshots of disks in other subscriptions',
    'young snapshots',
  ],
  savings:
    'What the snapshot itself cost in the last 30 days. Of an incremental one among others of its disk it may be less, ' +
    'down to nothing: later ones keep the data that they share with it.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'high',
  effort: 'low',
  resourceTypes: ['microsoft.compute/snapshots'],
  needs: ['costs'],
  thresholds: {
    ageDays: { default: 30, minimum: 1, maximum: 3650, unit: 'days', meaning: 'How old a snapshot must be' },
  },
  runbook: {
    check: [
      'Ask who deleted the disk `{evidence.source}` whether the snapshot was kept on purpose: it may be the last copy of the data.',
      'If the data must stay, copy it to an archive that costs less than a snapshot.',
    ],
    azureCli: [
      '# Must answer ResourceNotFound:',
      'az disk show --ids {evidence.source}',
      '# To keep the data elsewhere, copy it with AzCopy from the address that this answers, then take the address back:',
      'az snapshot grant-access --ids {id} --duration-in-seconds 86400',
      'az snapshot revoke-access --ids {id}',
      'az snapshot delete --ids {id}',
    ],
    portal: ['Open **Snapshots**, choose `{name}`, **Snapshot export** if the data may be needed, then **Delete**.'],
    terraform: 'Remove the `azurerm_snapshot` for `{name}`, then apply.',
    verify: ['`az snapshot show --ids {id}` answers ResourceNotFound; its cost ends with the day.'],
    undo: ['It cannot be undone: with the disk gone, the snapshot may be all that is left.'],
  },
  links: [
    {
      title: 'Create a snapshot of a virtual hard disk',
      url: 'https://learn.microsoft.com/azure/virtual-machines/snapshot-copy-managed-disk',
    },
  ],
  evaluate(snapshot, { estate, thresholds, now }) {
    const option = textAt(snapshot, 'properties.creationData.createOption');
    if (option === undefined) return undecided('no_creation_data');
    if (sourceDiskOf(snapshot) === undefined) return fine('no_disk_of_this_subscription');
    if (!isOfDeletedDisk(snapshot, estate)) return fine('disk_exists');
    const holder = snapshotHolder(snapshot);
    if (holder !== undefined) return fine(holder);
    const taken = instantAt(snapshot, 'properties.timeCreated');
    if (taken === undefined) return undecided('no_time_of_creation');
    const age = Math.floor(daysBetween(taken, now));
    if (age < thresholds.ageDays) return fine('young');
    const chain = isIncremental(snapshot) ? incrementalChainOf(snapshot, estate).length : 1;
    const saving = measured(estate.costOf(snapshot.resourceId));
    return found({
      reason: `The disk that the snapshot was taken of ${age} days ago exists no longer.`,
      evidence: {
        source: sourceDiskOf(snapshot),
        taken_at: taken,
        size_gib: numberAt(snapshot, 'properties.diskSizeGB') ?? null,
        sku: textAt(snapshot, 'sku.name') ?? null,
        incremental: isIncremental(snapshot),
        incremental_snapshots_of_disk: chain,
      },
      saving: chain > 1 ? possibly(saving) : saving,
      certainty: 0.7,
    });
  },
});

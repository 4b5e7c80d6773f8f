import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { textAt } from './property.js';
import { isKubernetesManaged, tagValue } from './tags.js';

/** Who keeps a snapshot, or for what, e.g. `backup`; undefined where nothing says that anybody does. */
export function snapshotHolder(snapshot: InventoryResource): string | undefined {
  if (tagValue(snapshot, /^rsvaultbackup$/i) !== undefined) return 'backup';
  if (/^azurebackup/i.test(snapshot.name) || /^azurebackuprg/i.test(snapshot.resourceGroup ?? '')) return 'backup';
  if (tagValue(snapshot, /^(asr-replicadisk|asrseeddisk)$/i) !== undefined) return 'site_recovery';
  if (/-asrreplica$|^ms-asr-|^asrseeddisk-/i.test(snapshot.name)) return 'site_recovery';
  if (isKubernetesManaged(snapshot)) return 'kubernetes';
  if (tagValue(snapshot, /^(retain|retention|expir|delete[-_ ]?after|legal[-_ ]?hold)/i) !== undefined)
    return 'retention_tag';
  return /^activesas/i.test(textAt(snapshot, 'properties.diskState') ?? '') ? 'being_exported' : undefined;
}

/** The id of the disk that was taken, where it was one of this subscription's; undefined for anything else. */
export function sourceDiskOf(snapshot: InventoryResource): string | undefined {
  const id = textAt(snapshot, 'properties.creationData.sourceResourceId')?.toLowerCase();
  const isOwn = id?.startsWith(`/subscriptions/${snapshot.subscriptionId.toLowerCase()}/`) ?? false;
  return isOwn && id?.includes('/providers/microsoft.compute/disks/') ? id : undefined;
}

/** Whether the disk that was taken was one of this subscription's and exists no longer. */
export function isOfDeletedDisk(snapshot: InventoryResource, estate: Estate): boolean {
  const disk = sourceDiskOf(snapshot);
  return disk !== undefined && estate.resource(disk) === undefined;
}

/** All incremental snapshots of the same disk, this one among them: each holds what changed since the one before. */
export function incrementalChainOf(snapshot: InventoryResource, estate: Estate): readonly InventoryResource[] {
  const source = textAt(snapshot, 'properties.creationData.sourceResourceId');
  if (source === undefined) return [snapshot];
  const sameDisk = estate.referringTo(source, 'snapshots of disks', 'microsoft.compute/snapshots', (other) => [
    textAt(other, 'properties.creationData.sourceResourceId'),
  ]);
  return sameDisk.filter(isIncremental);
}

export function isIncremental({ properties }: Pick<InventoryResource, 'properties'>): boolean {
  return properties['incremental'] === true;
}

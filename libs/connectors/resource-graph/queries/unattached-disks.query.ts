import { pipe, type ResourceGraphQuery } from './query.js';
import { hasTag, NOT_MARKED_TO_KEEP } from './tag-conditions.js';

/** Managed disks that nothing uses. */
export const unattachedDisks: ResourceGraphQuery = {
  name: 'unattached-disks',
  title: 'Unattached disks',
  finds:
    'Managed disks that belong to no machine. Left out: disks that Site Recovery, Backup or Kubernetes hold, disks ' +
    'that are being exported or uploaded, and disks marked to keep.',
  family: 'waste',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.compute/disks'",
    'where isempty(managedBy)',
    // Not "other than ActiveSAS": a disk under ActiveSASFrozen, ActiveUpload or ReadyToUpload is in use as well, and
    // that of a deallocated machine is Reserved.
    "where tostring(properties.diskState) =~ 'Unattached'",
    // Site Recovery's temporary, replica and seed disks (Azure Orphan Resources workbook, "Disks").
    "where not(name endswith '-ASRReplica' or name startswith 'ms-asr-' or name startswith 'asrseeddisk-')",
    // The same by tag, where someone chose the name (Azure Optimization Engine), and disks that Backup restores from.
    `where not(${hasTag('ASR-ReplicaDisk', 'asrseeddisk', 'RSVaultBackup')})`,
    // A volume claim outlives its pod: the disk is free until the next pod mounts it (azure-orphan-resources#58).
    `where not(${hasTag('kubernetes\\.io-created-for-[^"]*', 'k8s-azure-created-by')})`,
    `where ${NOT_MARKED_TO_KEEP}`,
    'project id, name, type, location, resourceGroup, subscriptionId, tags, skuName = tostring(sku.name), ' +
      'sizeGb = tolong(properties.diskSizeGB), diskState = tostring(properties.diskState), ' +
      'timeCreated = todatetime(properties.timeCreated), ' +
      'lastOwnershipUpdate = todatetime(properties.LastOwnershipUpdateTime)',
  ),
};

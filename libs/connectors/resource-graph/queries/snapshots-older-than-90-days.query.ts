import { pipe, type ResourceGraphQuery } from './query.js';
import { hasTag, NOT_MARKED_TO_KEEP } from './tag-conditions.js';

/** Snapshots that have outlived the quarter they were taken in. */
export const snapshotsOlderThan90Days: ResourceGraphQuery = {
  name: 'snapshots-older-than-90-days',
  title: 'Snapshots older than 90 days',
  finds:
    'Disk snapshots that were taken more than 90 days ago. Left out: snapshots that Backup restores from, which its ' +
    'policy removes, and snapshots marked to keep.',
  family: 'waste',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.compute/snapshots'",
    'extend timeCreated = todatetime(properties.timeCreated)',
    // A snapshot without a time compares with nothing and is left out.
    'where timeCreated < ago(90d)',
    `where not(${hasTag('RSVaultBackup')})`,
    `where ${NOT_MARKED_TO_KEEP}`,
    'project id, name, type, location, resourceGroup, subscriptionId, tags, skuName = tostring(sku.name), ' +
      'sizeGb = tolong(properties.diskSizeGB), timeCreated, ' +
      "ageDays = datetime_diff('day', now(), timeCreated), incremental = tobool(properties.incremental), " +
      'sourceResourceId = tostring(properties.creationData.sourceResourceId)',
  ),
};

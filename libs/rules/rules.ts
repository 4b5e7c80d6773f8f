/*
 * Every rule, one line each, in the order in which the catalogue shows them.
 */
export { unattachedDisk } from './unattached-disk/rule.js';
export { orphanedPublicIp } from './orphaned-public-ip/rule.js';
export { orphanedNetworkInterface } from './orphaned-network-interface/rule.js';
export { oldSnapshot } from './old-snapshot/rule.js';
export { snapshotOfDeletedDisk } from './snapshot-of-deleted-disk/rule.js';
export { premiumSnapshot } from './premium-snapshot/rule.js';

/*
 * Every rule, one line each, in the order in which the catalogue shows them.
 */
export { unattachedDisk } from './unattached-disk/rule.js';
export { orphanedPublicIp } from './orphaned-public-ip/rule.js';
export { orphanedNetworkInterface } from './orphaned-network-interface/rule.js';

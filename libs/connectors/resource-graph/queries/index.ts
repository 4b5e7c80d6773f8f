import { advisorCostRecommendations } from './advisor-cost-recommendations.query.js';
import { allResources } from './all-resources.query.js';
import { appServicePlans } from './app-service-plans.query.js';
import { orphanedNetworkInterfaces } from './orphaned-network-interfaces.query.js';
import { orphanedPublicIps } from './orphaned-public-ips.query.js';
import type { QueryFamily, ResourceGraphQuery } from './query.js';
import { resourcesWithoutCostCenterTag } from './resources-without-cost-center-tag.query.js';
import { snapshotsOlderThan90Days } from './snapshots-older-than-90-days.query.js';
import { sqlDatabases } from './sql-databases.query.js';
import { subscriptions } from './subscriptions.query.js';
import { unattachedDisks } from './unattached-disks.query.js';
import { virtualMachines } from './virtual-machines.query.js';

/** Every Resource Graph query of the product; there is no KQL anywhere else. */
export const RESOURCE_GRAPH_QUERIES: readonly ResourceGraphQuery[] = [
  allResources,
  subscriptions,
  unattachedDisks,
  orphanedPublicIps,
  orphanedNetworkInterfaces,
  snapshotsOlderThan90Days,
  virtualMachines,
  appServicePlans,
  sqlDatabases,
  advisorCostRecommendations,
  resourcesWithoutCostCenterTag,
];

/** The queries of a family, in the order of the library. */
export function queriesOf(family: QueryFamily): ResourceGraphQuery[] {
  return RESOURCE_GRAPH_QUERIES.filter((query) => query.family === family);
}

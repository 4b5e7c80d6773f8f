import { DISK_METRICS, HOST_METRICS } from './machine-metrics.js';
import type { MetricDefinition } from './metric-definition.js';
import {
  DATABASE_METRICS,
  FLEXIBLE_SERVER_METRICS,
  PLAN_METRICS,
  SQL_POOL_METRICS,
  STORAGE_METRICS,
} from './platform-metrics.js';

/** A resource type with metrics. */
export interface MetricNamespace {
  readonly name: string;
  readonly metrics: readonly MetricDefinition[];
}

const NAMESPACES = new Map(
  (
    [
      ['Microsoft.Compute/virtualMachines', HOST_METRICS],
      ['Microsoft.Compute/virtualMachineScaleSets', HOST_METRICS],
      ['Microsoft.Compute/disks', DISK_METRICS],
      ['Microsoft.Web/serverFarms', PLAN_METRICS],
      ['Microsoft.Sql/servers/databases', DATABASE_METRICS],
      ['Microsoft.Storage/storageAccounts', STORAGE_METRICS],
      ['Microsoft.DBforPostgreSQL/flexibleServers', FLEXIBLE_SERVER_METRICS],
      ['Microsoft.DBforMySQL/flexibleServers', FLEXIBLE_SERVER_METRICS],
      ['Microsoft.Synapse/workspaces/sqlPools', SQL_POOL_METRICS],
    ] as const
  ).map(([name, metrics]) => [name.toLowerCase(), { name, metrics }] as const),
);

/** The metrics of a resource type, whatever its casing; undefined for a type without any. */
export function metricNamespace(resourceType: string): MetricNamespace | undefined {
  return NAMESPACES.get(resourceType.toLowerCase());
}

/** The metric of a namespace with that name, whatever its casing. */
export function findMetric(namespace: MetricNamespace, name: string): MetricDefinition | undefined {
  const wanted = name.toLowerCase();
  return namespace.metrics.find((candidate) => candidate.name.toLowerCase() === wanted);
}

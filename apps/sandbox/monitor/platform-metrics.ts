import { type MetricDefinition, metric } from './metric-definition.js';

/** Metrics of App Service plans. */
export const PLAN_METRICS: readonly MetricDefinition[] = [
  metric('cpu', 'CpuPercentage', 'Percent', 'average', 'The average CPU used across all instances of the plan.', {
    localizedName: 'CPU Percentage',
    dimension: 'Instance',
  }),
  metric(
    'space-percent',
    'MemoryPercentage',
    'Percent',
    'average',
    'The average memory used across all instances of the plan.',
    { localizedName: 'Memory Percentage', dimension: 'Instance' },
  ),
  metric(
    'queue-length',
    'DiskQueueLength',
    'Count',
    'average',
    'The average number of both read and write requests that were queued on storage.',
    {
      localizedName: 'Disk Queue Length',
    },
  ),
  metric(
    'queue-length',
    'HttpQueueLength',
    'Count',
    'average',
    'The average number of HTTP requests that had to sit on the queue before being fulfilled.',
    {
      localizedName: 'Http Queue Length',
    },
  ),
  metric(
    'network',
    'BytesReceived',
    'Bytes',
    'total',
    'The average incoming bandwidth used across all instances of the plan.',
    {
      localizedName: 'Data In',
    },
  ),
  metric(
    'network',
    'BytesSent',
    'Bytes',
    'total',
    'The average outgoing bandwidth used across all instances of the plan.',
    {
      localizedName: 'Data Out',
    },
  ),
];

/** Metrics of SQL databases. */
export const DATABASE_METRICS: readonly MetricDefinition[] = [
  metric('cpu', 'cpu_percent', 'Percent', 'average', 'CPU percentage', { localizedName: 'CPU percentage' }),
  metric('load-percent', 'physical_data_read_percent', 'Percent', 'average', 'Data IO percentage', {
    localizedName: 'Data IO percentage',
  }),
  metric(
    'load-percent',
    'log_write_percent',
    'Percent',
    'average',
    'Log IO percentage. Not applicable to data warehouses.',
    {
      localizedName: 'Log IO percentage',
    },
  ),
  metric(
    'dtu-percent',
    'dtu_consumption_percent',
    'Percent',
    'average',
    'DTU Percentage. Applies to DTU-based databases.',
    {
      localizedName: 'DTU percentage',
    },
  ),
  metric('space-bytes', 'storage', 'Bytes', 'maximum', 'Data space used. Not applicable to data warehouses.', {
    localizedName: 'Data space used',
  }),
  metric(
    'space-percent',
    'storage_percent',
    'Percent',
    'maximum',
    'Data space used percent. Not applicable to data warehouses or hyperscale databases.',
    {
      localizedName: 'Data space used percent',
    },
  ),
  metric(
    'load-percent',
    'workers_percent',
    'Percent',
    'average',
    'Workers percentage. Not applicable to data warehouses.',
    {
      localizedName: 'Workers percentage',
    },
  ),
  metric(
    'load-percent',
    'sessions_percent',
    'Percent',
    'average',
    'Sessions percentage. Not applicable to data warehouses.',
    {
      localizedName: 'Sessions percentage',
    },
  ),
];

/** Metrics of storage accounts. */
export const STORAGE_METRICS: readonly MetricDefinition[] = [
  metric(
    'space-bytes',
    'UsedCapacity',
    'Bytes',
    'average',
    "The amount of storage used by the storage account. For standard storage accounts, it's the sum of capacity used by blob, table, file, and queue.",
    {
      localizedName: 'Used capacity',
      aggregations: ['average'],
      minimumGrain: 60,
    },
  ),
  metric(
    'requests',
    'Transactions',
    'Count',
    'total',
    'The number of requests made to a storage service or the specified API operation.',
  ),
  metric(
    'network',
    'Ingress',
    'Bytes',
    'total',
    'The amount of ingress data, in bytes. This number includes ingress from an external client into Azure Storage as well as ingress within Azure.',
  ),
  metric(
    'network',
    'Egress',
    'Bytes',
    'total',
    'The amount of egress data. This number includes egress to external client from Azure Storage as well as egress within Azure.',
  ),
  metric(
    'milliseconds',
    'SuccessServerLatency',
    'MilliSeconds',
    'average',
    'The average time used to process a successful request by Azure Storage.',
    {
      localizedName: 'Success Server Latency',
    },
  ),
  metric(
    'milliseconds',
    'SuccessE2ELatency',
    'MilliSeconds',
    'average',
    'The average end-to-end latency of successful requests made to a storage service or the specified API operation, in milliseconds.',
    {
      localizedName: 'Success E2E Latency',
    },
  ),
  metric(
    'availability',
    'Availability',
    'Percent',
    'average',
    'The percentage of availability for the storage service or the specified API operation.',
  ),
];

/** Metrics of flexible servers, by the names that PostgreSQL and MySQL share. */
export const FLEXIBLE_SERVER_METRICS: readonly MetricDefinition[] = [
  metric('cpu', 'cpu_percent', 'Percent', 'average', 'CPU percent', {
    localizedName: 'CPU percent',
    aggregations: ['average', 'minimum', 'maximum'],
  }),
  metric('space-percent', 'memory_percent', 'Percent', 'average', 'Memory percent', {
    localizedName: 'Memory percent',
    aggregations: ['average', 'minimum', 'maximum'],
  }),
  metric('space-percent', 'storage_percent', 'Percent', 'average', 'Storage percent', {
    localizedName: 'Storage percent',
    aggregations: ['average', 'minimum', 'maximum'],
  }),
  metric('requests', 'active_connections', 'Count', 'average', 'Active connections', {
    localizedName: 'Active Connections',
    aggregations: ['average', 'minimum', 'maximum'],
  }),
];

/** Metrics of dedicated SQL pools of Synapse. */
export const SQL_POOL_METRICS: readonly MetricDefinition[] = [
  metric(
    'load-percent',
    'DWUUsedPercent',
    'Percent',
    'maximum',
    'Represents a high-level representation of usage across the SQL pool.',
    { localizedName: 'DWU used percentage', aggregations: ['average', 'minimum', 'maximum'] },
  ),
  metric('requests', 'ActiveQueries', 'Count', 'total', 'The active queries.', {
    localizedName: 'Active queries',
    aggregations: ['total'],
    dimension: 'IsUserDefined',
  }),
];

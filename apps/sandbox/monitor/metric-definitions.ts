/** Aggregations in the spelling of an answer's points. */
export const AGGREGATIONS = ['average', 'minimum', 'maximum', 'total', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** What a metric measures; its values are generated per resource from this. */
export type SignalName =
  | 'cpu'
  | 'memory-bytes'
  | 'memory-percent'
  | 'network'
  | 'disk-bytes'
  | 'disk-operations'
  | 'load-percent'
  | 'data-disk-percent'
  | 'cpu-credits'
  | 'availability'
  | 'dtu-percent'
  | 'space-percent'
  | 'space-bytes'
  | 'queue-length'
  | 'requests'
  | 'milliseconds';

/** A metric of a resource type. */
export interface MetricDefinition {
  /** Canonical casing; requests may use any. */
  readonly name: string;
  readonly localizedName: string;
  readonly description: string;
  readonly unit: 'Percent' | 'Bytes' | 'BytesPerSecond' | 'Count' | 'CountPerSecond' | 'MilliSeconds';
  /** Answered when a request names no aggregation. */
  readonly primary: Aggregation;
  readonly aggregations: readonly Aggregation[];
  /** Shortest interval in minutes. */
  readonly minimumGrain: 1 | 60;
  readonly dimension?: string;
  readonly signal: SignalName;
}

/** A resource type with metrics. */
export interface MetricNamespace {
  readonly name: string;
  readonly metrics: readonly MetricDefinition[];
}

type Options = Partial<Pick<MetricDefinition, 'localizedName' | 'aggregations' | 'minimumGrain' | 'dimension'>>;

function metric(
  signal: SignalName,
  name: string,
  unit: MetricDefinition['unit'],
  primary: Aggregation,
  description: string,
  options: Options = {},
): MetricDefinition {
  return {
    name,
    localizedName: name,
    description,
    unit,
    primary,
    aggregations: AGGREGATIONS,
    minimumGrain: 1,
    signal,
    ...options,
  };
}

const HOST_METRICS: readonly MetricDefinition[] = [
  metric(
    'cpu',
    'Percentage CPU',
    'Percent',
    'average',
    'The percentage of allocated compute units that are currently in use by the Virtual Machine(s)',
  ),
  metric(
    'network',
    'Network In',
    'Bytes',
    'total',
    'The number of billable bytes received on all network interfaces by the Virtual Machine(s) (Incoming Traffic) (Deprecated)',
    { localizedName: 'Network In Billable (Deprecated)' },
  ),
  metric(
    'network',
    'Network Out',
    'Bytes',
    'total',
    'The number of billable bytes out on all network interfaces by the Virtual Machine(s) (Outgoing Traffic) (Deprecated)',
    { localizedName: 'Network Out Billable (Deprecated)' },
  ),
  metric('disk-bytes', 'Disk Read Bytes', 'Bytes', 'total', 'Bytes read from disk during monitoring period'),
  metric('disk-bytes', 'Disk Write Bytes', 'Bytes', 'total', 'Bytes written to disk during monitoring period'),
  metric('disk-operations', 'Disk Read Operations/Sec', 'CountPerSecond', 'average', 'Disk Read IOPS'),
  metric('disk-operations', 'Disk Write Operations/Sec', 'CountPerSecond', 'average', 'Disk Write IOPS'),
  metric(
    'cpu-credits',
    'CPU Credits Remaining',
    'Count',
    'average',
    'Total number of credits available to burst. Only available on B-series burstable VMs',
  ),
  metric(
    'load-percent',
    'OS Disk IOPS Consumed Percentage',
    'Percent',
    'average',
    'Percentage of operating system disk I/Os consumed per minute',
    { dimension: 'LUN' },
  ),
  metric(
    'data-disk-percent',
    'Data Disk IOPS Consumed Percentage',
    'Percent',
    'average',
    'Percentage of data disk I/Os consumed per minute',
    { dimension: 'LUN' },
  ),
  metric(
    'load-percent',
    'VM Cached IOPS Consumed Percentage',
    'Percent',
    'average',
    'Percentage of cached disk IOPS consumed by the VM',
  ),
  metric(
    'load-percent',
    'VM Uncached IOPS Consumed Percentage',
    'Percent',
    'average',
    'Percentage of uncached disk IOPS consumed by the VM',
  ),
  metric(
    'network',
    'Network In Total',
    'Bytes',
    'total',
    'The number of bytes received on all network interfaces by the Virtual Machine(s) (Incoming Traffic)',
  ),
  metric(
    'network',
    'Network Out Total',
    'Bytes',
    'total',
    'The number of bytes out on all network interfaces by the Virtual Machine(s) (Outgoing Traffic)',
  ),
  metric(
    'memory-bytes',
    'Available Memory Bytes',
    'Bytes',
    'average',
    'Amount of physical memory, in bytes, immediately available for allocation to a process or for system use in the Virtual Machine',
    { localizedName: 'Available Memory Bytes (Preview)' },
  ),
  metric(
    'memory-percent',
    'Available Memory Percentage',
    'Percent',
    'average',
    'Amount of physical memory, in percentage, immediately available for allocation to a process or for system use in the Virtual Machine',
    { localizedName: 'Available Memory Percentage (Preview)' },
  ),
  metric(
    'availability',
    'VmAvailabilityMetric',
    'Count',
    'average',
    'Measure of Availability of Virtual machines over time.',
    { localizedName: 'VM Availability Metric (Preview)' },
  ),
];

const DISK_METRICS: readonly MetricDefinition[] = [
  ['Read', 'Bytes', 'BytesPerSecond', 'disk-bytes'] as const,
  ['Read', 'Operations', 'CountPerSecond', 'disk-operations'] as const,
  ['Write', 'Bytes', 'BytesPerSecond', 'disk-bytes'] as const,
  ['Write', 'Operations', 'CountPerSecond', 'disk-operations'] as const,
].map(([direction, what, unit, signal]) =>
  metric(
    signal,
    `Composite Disk ${direction} ${what}/sec`,
    unit,
    'average',
    `${what}/sec ${direction === 'Read' ? 'read from' : 'written to'} disk during monitoring period, please note, this metric is in preview and is subject to change before becoming generally available`,
    { localizedName: `Disk ${direction} ${what}/sec(Preview)` },
  ),
);

const PLAN_METRICS: readonly MetricDefinition[] = [
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

const DATABASE_METRICS: readonly MetricDefinition[] = [
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

const STORAGE_METRICS: readonly MetricDefinition[] = [
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

const NAMESPACES = new Map(
  (
    [
      ['Microsoft.Compute/virtualMachines', HOST_METRICS],
      ['Microsoft.Compute/virtualMachineScaleSets', HOST_METRICS],
      ['Microsoft.Compute/disks', DISK_METRICS],
      ['Microsoft.Web/serverFarms', PLAN_METRICS],
      ['Microsoft.Sql/servers/databases', DATABASE_METRICS],
      ['Microsoft.Storage/storageAccounts', STORAGE_METRICS],
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

import { type MetricDefinition, metric } from './metric-definition.js';

/** Metrics of machines and scale sets, told by their host. */
export const HOST_METRICS: readonly MetricDefinition[] = [
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

/** Metrics of managed disks. */
export const DISK_METRICS: readonly MetricDefinition[] = [
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

/** A metric to read, and which of an interval's values its statistics are made of. */
export interface MetricSpec {
  /** In Azure's spelling. */
  name: string;
  /** `average`: how high it stood; `total`: how much there was in the interval. */
  value: 'average' | 'total';
}

/** What is read of one type of resource. Another type joins as another entry, without new code. */
export interface MetricProfile {
  /** Lower-cased; also the metrics' namespace. */
  resourceType: string;
  metrics: readonly MetricSpec[];
}

const levels = (...names: string[]): MetricSpec[] => names.map((name) => ({ name, value: 'average' }));
const amounts = (...names: string[]): MetricSpec[] => names.map((name) => ({ name, value: 'total' }));

/** Source: Azure Monitor supported metrics, by resource type. */
export const METRIC_PROFILES: readonly MetricProfile[] = [
  {
    resourceType: 'microsoft.compute/virtualmachines',
    metrics: [
      ...levels('Percentage CPU', 'Available Memory Percentage', 'Available Memory Bytes'),
      ...amounts('Network In Total', 'Network Out Total', 'Disk Read Bytes', 'Disk Write Bytes'),
    ],
  },
  {
    resourceType: 'microsoft.compute/virtualmachinescalesets',
    metrics: [
      ...levels('Percentage CPU', 'Available Memory Percentage'),
      ...amounts('Network In Total', 'Network Out Total'),
    ],
  },
  {
    resourceType: 'microsoft.compute/disks',
    metrics: levels(
      'Composite Disk Read Operations/sec',
      'Composite Disk Write Operations/sec',
      'Composite Disk Read Bytes/sec',
      'Composite Disk Write Bytes/sec',
    ),
  },
  { resourceType: 'microsoft.web/serverfarms', metrics: levels('CpuPercentage', 'MemoryPercentage') },
  {
    resourceType: 'microsoft.sql/servers/databases',
    metrics: [
      ...levels('cpu_percent', 'dtu_consumption_percent', 'storage_percent', 'sessions_percent'),
      ...levels('physical_data_read_percent', 'log_write_percent'),
    ],
  },
  { resourceType: 'microsoft.storage/storageaccounts', metrics: amounts('Transactions') },
  { resourceType: 'microsoft.dbforpostgresql/flexibleservers', metrics: levels('cpu_percent', 'memory_percent') },
  { resourceType: 'microsoft.dbformysql/flexibleservers', metrics: levels('cpu_percent', 'memory_percent') },
  { resourceType: 'microsoft.synapse/workspaces/sqlpools', metrics: levels('DWUUsedPercent') },
];

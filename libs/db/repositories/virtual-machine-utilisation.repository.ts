import type { MetricRecord } from '#core/records.js';
import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, Present, readList, type ListPage, type ListRequest, type ListSource } from '../list.js';

/** A metric's statistics as the utilisation rule reads them; null where the metric was never read. */
type Statistics = Pick<MetricRecord, 'average' | 'p05' | 'sampleCount' | 'coverage' | 'from' | 'to'> | null;

export interface VirtualMachineUtilisationRow {
  tenant_id: string;
  subscription_id: string;
  resource_id: string;
  name: string;
  location: string | null;
  resource_group: string | null;
  size: string | null;
  cpu: Statistics;
  memory: Statistics;
}

export interface VirtualMachineUtilisationFilter {
  tenant_id?: string;
  subscription_id?: string;
  resource_id?: string;
  verdict?: 'underutilised' | 'in_use' | 'not_evaluated';
}

/** Where the lines between verdicts are drawn. */
export interface VerdictThresholds {
  cpuAverageBelow: number;
  memoryUsedP95From: number;
  minimumCoverage: number;
  maximumAgeDays: number;
}

const DAY_MS = 86_400_000;

const MACHINES = `(
  SELECT r.tenant_id, r.subscription_id, r.resource_id, r.name, r.location, r.resource_group,
         r.properties -> 'hardwareProfile' ->> 'vmSize' AS size,
         c.average AS cpu_average, c.p05 AS cpu_p05, c.sample_count AS cpu_sample_count, c.coverage AS cpu_coverage,
         c.from_at AS cpu_from, c.to_at AS cpu_to,
         m.average AS memory_average, m.p05 AS memory_p05, m.sample_count AS memory_sample_count,
         m.coverage AS memory_coverage, m.from_at AS memory_from, m.to_at AS memory_to
  FROM resources r
  LEFT JOIN resource_metrics c
    ON c.tenant_id = r.tenant_id AND c.resource_id = r.resource_id AND c.metric = 'Percentage CPU'
  LEFT JOIN resource_metrics m
    ON m.tenant_id = r.tenant_id AND m.resource_id = r.resource_id AND m.metric = 'Available Memory Percentage'
  WHERE r.type = 'microsoft.compute/virtualmachines' AND r.deleted_at IS NULL
) machines`;

const SOURCE: ListSource = {
  columns: '*',
  from: MACHINES,
  sortable: {
    resource_id: { expression: 'resource_id', type: 'text' },
    name: { expression: 'name', type: 'text' },
  },
  defaultSort: 'resource_id',
  tieBreakers: [
    { expression: 'resource_id', type: 'text' },
    { expression: 'tenant_id', type: 'uuid' },
  ],
};

/** A number that was measured: of NaN and the infinities, PostgreSQL puts all but one above every number. */
const isMeasured = (metric: string, value: string) =>
  `(coalesce(${metric}_sample_count, 0) > 0 AND coalesce(${value} >= 0 AND ${value} < 'Infinity', false))`;

/**
 * The rule's verdict as SQL, so that a page of one verdict is a page. Wants the oldest end of a window twice,
 * the coverage twice, then the CPU and the memory threshold. A test holds it against the rule itself.
 */
const VERDICT = `CASE
  WHEN NOT ${isMeasured('cpu', 'cpu_average')} OR NOT ${isMeasured('memory', 'memory_p05')}
    OR cpu_to < ?::timestamptz OR memory_to < ?::timestamptz
    OR cpu_coverage < ?::float8 OR memory_coverage < ?::float8 THEN 'not_evaluated'
  WHEN cpu_average >= ?::float8 OR 100 - memory_p05 >= ?::float8 THEN 'in_use'
  ELSE 'underutilised' END`;

/** The inventory's virtual machines next to what is known of their CPU and memory. */
export class VirtualMachineUtilisationRepository {
  constructor(private readonly database: Database) {}

  async list(
    scope: TenantScope,
    { verdict, ...filter }: VirtualMachineUtilisationFilter,
    { cpuAverageBelow, memoryUsedP95From, minimumCoverage, maximumAgeDays }: VerdictThresholds,
    now: Date,
    request: ListRequest,
  ): Promise<ListPage<VirtualMachineUtilisationRow>> {
    const conditions = new Conditions()
      .within(scope, 'tenant_id')
      .add('tenant_id = ?', filter.tenant_id)
      .add('subscription_id = ?', filter.subscription_id?.toLowerCase())
      .add('resource_id = ?', filter.resource_id?.toLowerCase());
    if (verdict !== undefined) {
      const oldest = new Present(new Date(now.getTime() - maximumAgeDays * DAY_MS));
      const values = [oldest, oldest, minimumCoverage, minimumCoverage, cpuAverageBelow, memoryUsedP95From, verdict];
      conditions.add(`${VERDICT} = ?`, ...values);
    }
    const page = await readList<Columns>(this.database, scope, SOURCE, conditions, request);
    return { ...page, items: page.items.map(toRow) };
  }
}

type Metric = 'cpu' | 'memory';
type Columns = Omit<VirtualMachineUtilisationRow, Metric> &
  Record<`${Metric}_${'average' | 'p05' | 'sample_count' | 'coverage'}`, number | null> &
  Record<`${Metric}_${'from' | 'to'}`, Date | null>;

function toRow(row: Columns): VirtualMachineUtilisationRow {
  const { tenant_id, subscription_id, resource_id, name, location, resource_group, size } = row;
  const machine = { tenant_id, subscription_id, resource_id, name, location, resource_group, size };
  return { ...machine, cpu: statisticsOf(row, 'cpu'), memory: statisticsOf(row, 'memory') };
}

/** A joined row has all of its columns that may not be null, or none. */
function statisticsOf(row: Columns, metric: Metric): Statistics {
  const from = row[`${metric}_from`];
  if (from === null) return null;
  return {
    average: row[`${metric}_average`],
    p05: row[`${metric}_p05`],
    sampleCount: row[`${metric}_sample_count`]!,
    coverage: row[`${metric}_coverage`]!,
    from,
    to: row[`${metric}_to`]!,
  };
}

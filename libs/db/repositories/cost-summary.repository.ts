import { addDays, countDays, type Day, type DayRange } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from '../database.js';
import {
  coverageOf,
  describeGap,
  publicationOf,
  type AsOfRow,
  type CoverageRow,
  type IncompleteSubscription,
  type SummaryFilter,
} from './cost-coverage.js';
import { rollup } from './cost-rollup.js';
import { DATA_VERSION, type DataVersionRow } from './data-version.repository.js';

/** Decimal strings; null where no dataset of the period carries the column. */
export interface Amounts {
  currency: string;
  cost: string | null;
  amortized_cost: string | null;
}

export interface CurrencySummary extends Amounts {
  previous_cost: string | null;
  previous_amortized_cost: string | null;
  /** (cost − previous) ÷ |previous|; null with a reason when the two cannot be compared. */
  change_ratio: string | null;
  reason: string | null;
}

export interface CostSummary extends DayRange {
  previous: DayRange;
  totals: CurrencySummary[];
  by_service: (Amounts & { service_name: string | null })[];
  by_provider: (Amounts & { provider: string })[];
  daily: (Amounts & { date: Day })[];
  /** Latest publication that the answer rests on. */
  as_of: Date | null;
  incomplete: IncompleteSubscription[];
}

interface GroupRow extends Amounts {
  level: 'total' | 'service' | 'provider' | 'day';
  service_name: string | null;
  provider: string;
  date: Day;
}

type TotalRow = Omit<CurrencySummary, 'reason'>;

/** What a period lacks, and when it was published last: as long as nothing is published, both stay as they are. */
interface Coverage {
  version: string;
  rows: CoverageRow[];
  asOf: Date | null;
}

/** Questions whose coverage is remembered: it is as much to look up as there are subscriptions, sums are not. */
const MOST_REMEMBERED = 200;

/** Answers what a period cost, from the rollups alone, and says what the answer leaves out. */
export class CostSummaryRepository {
  private readonly coverages = new Map<string, Coverage>();

  constructor(private readonly database: Database) {}

  async summarize(scope: TenantScope, filter: SummaryFilter, range: DayRange, today: Day): Promise<CostSummary> {
    const length = countDays(range);
    const previous: DayRange = { from: addDays(range.from, -length), to: addDays(range.from, -1) };
    const { groups, totals, coverage, asOf } = await this.read(scope, filter, range, previous);
    const incomplete = coverage.flatMap((row) => describeGap(row, today));
    // The ratio compares billed cost, so a missing effective cost is no reason against it.
    const uncomparable = whyNotComparable(
      coverage.filter((row) => row.missing !== '{}').length,
      coverage.filter((row) => !row.previous_covered).length,
      previous,
    );
    const level = (name: GroupRow['level']) => groups.filter((row) => row.level === name);
    const amounts = ({ currency, cost, amortized_cost }: Amounts): Amounts => ({ currency, cost, amortized_cost });
    return {
      ...range,
      previous,
      totals: totals.map((row) => {
        const reason =
          uncomparable ??
          (row.change_ratio === null ? 'The previous period cost nothing, so there is no ratio.' : null);
        return { ...row, change_ratio: reason ? null : row.change_ratio, reason };
      }),
      by_service: level('service').map((row) => ({ service_name: row.service_name, ...amounts(row) })),
      by_provider: level('provider').map((row) => ({ provider: row.provider, ...amounts(row) })),
      daily: level('day').map((row) => ({ date: row.date, ...amounts(row) })),
      as_of: asOf,
      incomplete,
    };
  }

  /** The sums, with the coverage of exactly the same state. */
  private async read(scope: TenantScope, filter: SummaryFilter, range: DayRange, previous: DayRange) {
    const sums = [groupsOf(scope, filter, range), totalsOf(scope, filter, range, previous), DATA_VERSION] as const;
    const key = JSON.stringify([scope, filter, range]);
    const known = this.coverages.get(key);
    if (known) {
      const [groups, totals, [data]] = await this.database.queries<[GroupRow, TotalRow, DataVersionRow]>(scope, sums);
      if (data!.version === known.version) return { groups, totals, coverage: known.rows, asOf: known.asOf };
    }
    const [groups, totals, [data], rows, [latest]] = await this.database.queries<
      [GroupRow, TotalRow, DataVersionRow, CoverageRow, AsOfRow]
    >(scope, [...sums, coverageOf(scope, filter, range, previous), publicationOf(scope, filter, range)]);
    const coverage = { version: data!.version, rows, asOf: latest?.as_of ?? null };
    if (this.coverages.size >= MOST_REMEMBERED) this.coverages.clear();
    this.coverages.set(key, coverage);
    return { groups, totals, coverage: coverage.rows, asOf: coverage.asOf };
  }
}

/** One pass over the period for all three breakdowns. */
function groupsOf(scope: TenantScope, filter: SummaryFilter, range: DayRange): Statement {
  const { sql, conditions } = rollup(scope, filter, false, range);
  return {
    sql: `SELECT CASE WHEN grouping(service_name) = 0 THEN 'service' WHEN grouping(provider) = 0 THEN 'provider' ELSE 'day' END AS level,
            service_name, provider, day AS date, currency,
            trim_scale(sum(cost))::text AS cost, trim_scale(sum(amortized_cost))::text AS amortized_cost
     FROM (${sql}) t
     GROUP BY GROUPING SETS ((service_name, currency), (provider, currency), (day, currency))
     ORDER BY level, day, sum(cost) DESC NULLS LAST, service_name, provider, currency`,
    values: conditions.values,
  };
}

function totalsOf(scope: TenantScope, filter: SummaryFilter, range: DayRange, previous: DayRange): Statement {
  const { sql, conditions } = rollup(scope, filter, false, { from: previous.from, to: range.to });
  const start = conditions.bind(range.from);
  return {
    sql: `SELECT currency, trim_scale(cost)::text AS cost, trim_scale(amortized_cost)::text AS amortized_cost,
            trim_scale(previous_cost)::text AS previous_cost, trim_scale(previous_amortized_cost)::text AS previous_amortized_cost,
            CASE WHEN previous_cost <> 0 THEN trim_scale(round((coalesce(cost, 0) - previous_cost) / abs(previous_cost), 6))::text END AS change_ratio
     FROM (SELECT currency, sum(cost) FILTER (WHERE day >= ${start}::date) AS cost,
                  sum(amortized_cost) FILTER (WHERE day >= ${start}::date) AS amortized_cost,
                  sum(cost) FILTER (WHERE day < ${start}::date) AS previous_cost,
                  sum(amortized_cost) FILTER (WHERE day < ${start}::date) AS previous_amortized_cost
           FROM (${sql}) t GROUP BY currency) sums
     ORDER BY currency`,
    values: conditions.values,
  };
}

function whyNotComparable(incomplete: number, withoutPrevious: number, previous: DayRange): string | null {
  const count = (n: number) => (n === 1 ? '1 subscription' : `${n} subscriptions`);
  if (incomplete > 0) return `The period itself is incomplete for ${count(incomplete)}.`;
  if (withoutPrevious > 0)
    return `The previous period (${previous.from} to ${previous.to}) is not covered for ${count(withoutPrevious)}.`;
  return null;
}

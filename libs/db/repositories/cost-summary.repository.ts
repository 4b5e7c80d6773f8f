import { addDays, countDays, type Day, type DayRange } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from '../database.js';
import { parseDayRanges } from '../day-ranges.js';
import { Conditions } from '../list.js';
import { rollup, type CostFilter } from './cost-rollup.js';
import { DATA_VERSION, type DataVersionRow } from './data-version.repository.js';
import { UNLISTED } from './subscription-target.repository.js';

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

export interface IncompleteSubscription {
  tenant_id: string;
  provider: string;
  subscription_id: string;
  reason: string;
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

type SummaryFilter = Pick<CostFilter, 'tenant_id' | 'subscription_id' | 'provider' | 'currency' | 'service_name'>;

interface GroupRow extends Amounts {
  level: 'total' | 'service' | 'provider' | 'day';
  service_name: string | null;
  provider: string;
  date: Day;
}

type TotalRow = Omit<CurrencySummary, 'reason'>;

interface AsOfRow {
  as_of: Date | null;
}

interface CoverageRow {
  tenant_id: string;
  provider: string;
  subscription_id: string;
  state: string;
  /** Days of the period without billed cost, as a multirange; `{}` when whole. */
  missing: string;
  missing_amortized: string;
  previous_covered: boolean;
  last_reason: string | null;
}

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

/**
 * Subscriptions whose costs the period or its predecessor lacks, under whatever tenant they were read. An imported sub-account counts only where its files
 * cover a part of the period: a file of one month never claimed the others.
 */
function coverageOf(scope: TenantScope, filter: SummaryFilter, range: DayRange, previous: DayRange): Statement {
  const conditions = new Conditions()
    .within(scope, 's.tenant_id')
    .add('s.removed_at IS NULL')
    .add('s.tenant_id = ?', filter.tenant_id)
    .add('s.provider = ?', filter.provider)
    .add('s.subscription_id = ?', filter.subscription_id?.toLowerCase());
  const asked = `daterange(${conditions.bind(range.from)}::date, ${conditions.bind(range.to)}::date, '[]')`;
  const before = `daterange(${conditions.bind(previous.from)}::date, ${conditions.bind(previous.to)}::date, '[]')`;
  const counted = filter.tenant_id ? `d.tenant_id = ${conditions.bind(filter.tenant_id)}` : 'true';
  return {
    sql: `WITH spoken_for AS (
       SELECT d.tenant_id, 'Microsoft' AS provider, d.subscription_id, d.kind, d.covered
       FROM cost_datasets d WHERE d.subscription_id IS NOT NULL AND d.covered && ${before} + ${asked} AND ${counted}
       UNION ALL
       SELECT DISTINCT d.tenant_id, t.provider, t.subscription_id, d.kind, d.covered
       FROM cost_datasets d JOIN cost_daily_totals t ON t.tenant_id = d.tenant_id AND t.dataset_id = d.id
       WHERE d.subscription_id IS NULL AND d.covered && ${before} + ${asked} AND ${counted}
     ), coverage AS (
       SELECT s.tenant_id, s.provider, s.subscription_id, s.source, s.state,
              coalesce(range_agg(c.covered) FILTER (WHERE c.kind <> 'amortized'), '{}') AS billed,
              coalesce(range_agg(c.covered) FILTER (WHERE c.kind <> 'actual'), '{}') AS effective
       FROM subscriptions s
       LEFT JOIN spoken_for c ON c.provider = s.provider AND c.subscription_id = s.subscription_id
       ${conditions.where} AND EXISTS (SELECT FROM tenants t WHERE t.id = s.tenant_id AND t.removed_at IS NULL)
         AND NOT s.read_elsewhere
       GROUP BY s.tenant_id, s.provider, s.subscription_id, s.source, s.state
     )
     SELECT c.tenant_id, c.provider, c.subscription_id, c.state,
            gaps.missing::text AS missing, gaps.missing_amortized::text AS missing_amortized,
            c.billed @> ${before} AS previous_covered,
            -- What the last attempt at the missing days said; windows of other days have other reasons.
            (SELECT w.reason FROM ingestion_windows w
             WHERE w.tenant_id = c.tenant_id AND w.subscription_id = c.subscription_id AND w.finished_at IS NOT NULL
               AND w.status <> 'cancelled' AND w.from_day IS NOT NULL
               AND daterange(w.from_day, w.to_day, '[]')
                   && CASE WHEN isempty(gaps.missing) THEN gaps.missing_amortized ELSE gaps.missing END
             ORDER BY w.finished_at DESC LIMIT 1) AS last_reason
     FROM coverage c
     CROSS JOIN LATERAL (SELECT datemultirange(${asked}) - c.billed AS missing,
                                datemultirange(${asked}) - c.effective AS missing_amortized) gaps
     WHERE (c.source <> 'import' OR (c.billed + c.effective) && ${asked})
       AND NOT (c.billed @> ${asked} AND c.effective @> ${asked} AND c.billed @> ${before})
     ORDER BY c.provider, c.subscription_id`,
    values: conditions.values,
  };
}

/** Latest publication that the answer rests on. */
function publicationOf(scope: TenantScope, filter: SummaryFilter, range: DayRange): Statement {
  const subscriptionId = filter.subscription_id?.toLowerCase();
  const totals = 'SELECT FROM cost_daily_totals t WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id';
  const conditions = new Conditions()
    .within(scope, 'd.tenant_id')
    .add('d.tenant_id = ?', filter.tenant_id)
    .add(
      `(d.covered && daterange(?::date, ?::date, '[]') OR EXISTS (${totals} AND t.day BETWEEN ? AND ?))`,
      ...[range.from, range.to, range.from, range.to],
    )
    .add(`(d.subscription_id = ? OR EXISTS (${totals} AND t.subscription_id = ?))`, subscriptionId, subscriptionId)
    .add(`EXISTS (${totals} AND t.provider = ?)`, filter.provider);
  return {
    sql: `SELECT max(d.published_at) AS as_of FROM cost_datasets d ${conditions.where}`,
    values: conditions.values,
  };
}

function describeGap(row: CoverageRow, today: Day): IncompleteSubscription[] {
  const gap = (reason: string) => ({
    tenant_id: row.tenant_id,
    provider: row.provider,
    subscription_id: row.subscription_id,
    reason,
  });
  // Its costs so far are in the sums; it is whole once it was read after midnight UTC.
  if (row.missing === `{[${today},${addDays(today, 1)})}`)
    return [gap(`${today} is not over: its costs still come in.`)];
  if (row.missing !== '{}') {
    return [gap(`No billed cost for ${describeDays(row.missing)}: ${whyNotRead(row)}`)];
  }
  if (row.missing_amortized !== '{}') {
    const why = row.last_reason ?? 'the source carries billed cost only.';
    return [gap(`No effective (amortized) cost for ${describeDays(row.missing_amortized)}: ${why}`)];
  }
  return [];
}

function whyNotRead({ state, last_reason }: CoverageRow): string {
  if (state === UNLISTED) return 'Azure no longer lists the subscription to this tenant.';
  return last_reason ?? 'not read yet.';
}

function describeDays(multirange: string): string {
  return parseDayRanges(multirange)
    .map(({ from, to }) => (from === to ? from : `${from} to ${to}`))
    .join(', ');
}

function whyNotComparable(incomplete: number, withoutPrevious: number, previous: DayRange): string | null {
  const count = (n: number) => (n === 1 ? '1 subscription' : `${n} subscriptions`);
  if (incomplete > 0) return `The period itself is incomplete for ${count(incomplete)}.`;
  if (withoutPrevious > 0)
    return `The previous period (${previous.from} to ${previous.to}) is not covered for ${count(withoutPrevious)}.`;
  return null;
}

import { addDays, type Day, type DayRange } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Statement } from '../database.js';
import { parseDayRanges } from '../day-ranges.js';
import { Conditions } from '../list.js';
import type { CostFilter } from './cost-rollup.js';
import { UNLISTED } from './subscription-target.repository.js';

/** SQL: dataset `d` is the own one of subscription $2 of tenant $1, or an imported one with charges of it among others. */
export const HOLDS_CHARGES_OF = `d.tenant_id = $1 AND (d.subscription_id = $2 OR (d.subscription_id IS NULL AND EXISTS (
  SELECT FROM cost_daily_totals t
  WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id AND t.subscription_id = $2)))`;

/** What of the ledger a summary is about. */
export type SummaryFilter = Pick<
  CostFilter,
  'tenant_id' | 'subscription_id' | 'provider' | 'currency' | 'service_name'
>;

export interface IncompleteSubscription {
  tenant_id: string;
  provider: string;
  /** Null for what a billing account has without one. */
  subscription_id: string | null;
  reason: string;
}

export interface AsOfRow {
  as_of: Date | null;
}

export interface CoverageRow {
  tenant_id: string;
  provider: string;
  subscription_id: string | null;
  /** Of the costs without a subscription. */
  billing_account_id: string | null;
  source: string;
  state: string;
  /** Days of the period without billed cost, as a multirange; `{}` when whole. */
  missing: string;
  missing_amortized: string;
  previous_covered: boolean;
  last_reason: string | null;
  /** The last attempt read the missing days when they were over: they have been forgotten since. */
  was_read: boolean;
}

/**
 * Subscriptions whose costs the period or its predecessor lacks, under whatever tenant they were read, and billing accounts
 * with costs that have no subscription. What was imported counts only where its files cover a part of the period: a file of
 * one month never claimed the others.
 */
export function coverageOf(scope: TenantScope, filter: SummaryFilter, range: DayRange, previous: DayRange): Statement {
  const conditions = new Conditions()
    .within(scope, 's.tenant_id')
    .add('s.removed_at IS NULL')
    .add('s.tenant_id = ?', filter.tenant_id)
    .add('s.provider = ?', filter.provider)
    .add('s.subscription_id = ?', filter.subscription_id?.toLowerCase());
  const asked = `daterange(${conditions.bind(range.from)}::date, ${conditions.bind(range.to)}::date, '[]')`;
  const before = `daterange(${conditions.bind(previous.from)}::date, ${conditions.bind(previous.to)}::date, '[]')`;
  const counted = filter.tenant_id ? `d.tenant_id = ${conditions.bind(filter.tenant_id)}` : 'true';
  // A filter by subscription leaves no room for costs that have none.
  const onlyAsked = filter.subscription_id
    ? `t.subscription_id = ${conditions.bind(filter.subscription_id.toLowerCase())}`
    : 'true';
  const outside = filter.provider ? `f.provider = ${conditions.bind(filter.provider)}` : 'true';
  return {
    sql: `WITH files AS MATERIALIZED (
       SELECT d.*, c.* FROM cost_datasets d
       CROSS JOIN LATERAL (
         SELECT DISTINCT t.provider, t.subscription_id AS charged FROM cost_daily_totals t
         WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id AND ${onlyAsked}
       ) c
       WHERE d.subscription_id IS NULL AND d.covered && ${before} + ${asked} AND ${counted}
     ), spoken_for AS (
       SELECT d.tenant_id, 'Microsoft' AS provider, d.subscription_id, d.kind, d.covered
       FROM cost_datasets d WHERE d.subscription_id IS NOT NULL AND d.covered && ${before} + ${asked} AND ${counted}
       UNION ALL
       SELECT tenant_id, provider, charged, kind, covered FROM files
     ), accounts AS (
       SELECT DISTINCT tenant_id, provider, billing_account_id FROM files f WHERE charged IS NULL AND ${outside}
     ), coverage AS (
       SELECT s.tenant_id, s.provider, s.subscription_id, NULL::text AS billing_account_id, s.source, s.state,
              coalesce(range_agg(c.covered) FILTER (WHERE c.kind <> 'amortized'), '{}') AS billed,
              coalesce(range_agg(c.covered) FILTER (WHERE c.kind <> 'actual'), '{}') AS effective
       FROM subscriptions s
       LEFT JOIN spoken_for c ON c.provider = s.provider AND c.subscription_id = s.subscription_id
       ${conditions.where} AND EXISTS (SELECT FROM tenants t WHERE t.id = s.tenant_id AND t.removed_at IS NULL)
         AND NOT s.read_elsewhere
       GROUP BY s.tenant_id, s.provider, s.subscription_id, s.source, s.state
       UNION ALL
       SELECT a.tenant_id, a.provider, NULL, a.billing_account_id, 'import', '',
              coalesce(range_agg(d.covered) FILTER (WHERE d.kind <> 'amortized'), '{}'),
              coalesce(range_agg(d.covered) FILTER (WHERE d.kind <> 'actual'), '{}')
       FROM accounts a
       JOIN cost_datasets d ON d.tenant_id = a.tenant_id AND d.subscription_id IS NULL
        AND d.billing_account_id IS NOT DISTINCT FROM a.billing_account_id
       GROUP BY a.tenant_id, a.provider, a.billing_account_id
     )
     SELECT c.tenant_id, c.provider, c.subscription_id, c.billing_account_id, c.source, c.state,
            gaps.missing::text AS missing, gaps.missing_amortized::text AS missing_amortized,
            c.billed @> ${before} AS previous_covered, last.reason AS last_reason, coalesce(last.was_read, false) AS was_read
     FROM coverage c
     CROSS JOIN LATERAL (SELECT datemultirange(${asked}) - c.billed AS missing,
                                datemultirange(${asked}) - c.effective AS missing_amortized) gaps
     -- What the last attempt at the missing days said; windows of other days have other reasons.
     LEFT JOIN LATERAL (
       SELECT w.reason, w.status = 'succeeded' AND w.to_day < (w.finished_at AT TIME ZONE 'UTC')::date AS was_read
       FROM ingestion_windows w
       WHERE w.tenant_id = c.tenant_id AND w.subscription_id = c.subscription_id AND w.finished_at IS NOT NULL
         AND w.status <> 'cancelled' AND w.from_day IS NOT NULL
         AND daterange(w.from_day, w.to_day, '[]')
             && CASE WHEN isempty(gaps.missing) THEN gaps.missing_amortized ELSE gaps.missing END
       ORDER BY w.finished_at DESC LIMIT 1
     ) last ON true
     WHERE (c.source <> 'import' OR (c.billed + c.effective) && ${asked})
       AND NOT (c.billed @> ${asked} AND c.effective @> ${asked} AND c.billed @> ${before})
     ORDER BY c.provider, c.subscription_id, c.billing_account_id`,
    values: conditions.values,
  };
}

/** Latest publication that the answer rests on. */
export function publicationOf(scope: TenantScope, filter: SummaryFilter, range: DayRange): Statement {
  const subscriptionId = filter.subscription_id?.toLowerCase();
  const totals = 'SELECT FROM cost_daily_totals t WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id';
  const conditions = new Conditions()
    .within(scope, 'd.tenant_id')
    .add('d.tenant_id = ?', filter.tenant_id)
    .add(
      `(d.covered && daterange(?::date, ?::date, '[]') OR EXISTS (${totals} AND t.day BETWEEN ? AND ?))`,
      ...[range.from, range.to, range.from, range.to],
    )
    .add(
      `(d.subscription_id = ? OR (d.subscription_id IS NULL AND EXISTS (${totals} AND t.subscription_id = ?)))`,
      subscriptionId,
      subscriptionId,
    )
    .add(`EXISTS (${totals} AND t.provider = ?)`, filter.provider);
  return {
    sql: `SELECT max(d.published_at) AS as_of FROM cost_datasets d ${conditions.where}`,
    values: conditions.values,
  };
}

/** What a subscription lacks of the period, in a sentence; nothing where it lacks nothing. */
export function describeGap(row: CoverageRow, today: Day): IncompleteSubscription[] {
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
    return [gap(`No billed cost${ofAccount(row)} for ${describeDays(row.missing)}: ${whyNotRead(row)}`)];
  }
  if (row.missing_amortized !== '{}') {
    const why = row.last_reason ?? 'the source carries billed cost only.';
    return [gap(`No effective (amortized) cost${ofAccount(row)} for ${describeDays(row.missing_amortized)}: ${why}`)];
  }
  return [];
}

function ofAccount({ subscription_id, billing_account_id }: CoverageRow): string {
  return subscription_id === null && billing_account_id !== null ? ` of the billing account ${billing_account_id}` : '';
}

function whyNotRead({ source, state, last_reason, was_read }: CoverageRow): string {
  if (was_read) return 'what was read of it is no longer kept.';
  if (state === UNLISTED) return 'Azure no longer lists the subscription to this tenant.';
  return last_reason ?? (source === 'import' ? 'no import has these days.' : 'not read yet.');
}

function describeDays(multirange: string): string {
  return parseDayRanges(multirange)
    .map(({ from, to }) => (from === to ? from : `${from} to ${to}`))
    .join(', ');
}

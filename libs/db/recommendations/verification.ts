import { COMMITTED_PRICING } from '#core/facts.js';
import type { Transaction } from '../database.js';
import { HOLDS_CHARGES_OF } from '../repositories/cost-coverage.js';
import type { SinkTarget } from '../record-sink.js';

/** Days on each side of the day on which a person acted: another act among them is not told apart. */
export const SIDE_DAYS = 30;
/** How many of them are needed to tell. */
const LEAST_DAYS = 7;
/** Standard errors within which a difference is the normal variation of daily costs. */
const VARIATION = 2;

/**
 * Asks the ledger whether what was carried out in the subscription has become cheaper: the mean cost of a day before
 * against after, the day itself left out, commitments left out (they are paid all the same). A difference within twice its
 * standard error is normal variation and "not yet visible". Settled once 30 days after the act are published.
 */
export async function verifyExecuted(tx: Transaction, target: SinkTarget): Promise<void> {
  // Most subscriptions have nothing to verify, and to find that out by the statement below takes ten times as long.
  const some = await tx.query(
    `SELECT 1 FROM recommendations WHERE tenant_id = $1 AND subscription_id = $2 AND status = 'executed' LIMIT 1`,
    [target.tenantId, target.subscriptionId],
  );
  if (some.length === 0) return;
  await tx.query(
    `WITH acted AS (
       SELECT r.id, r.resource_id, r.currency, r.executed_at::date AS day, r.verification
       FROM recommendations r
       WHERE r.tenant_id = $1 AND r.subscription_id = $2 AND r.status = 'executed' AND r.resource_id IS NOT NULL
         AND r.executed_at > $3::timestamptz - interval '${2 * SIDE_DAYS} days'
         AND r.verification ->> 'settled' IS DISTINCT FROM 'true'
     ), own AS (
       SELECT d.id, d.kind, d.covered FROM cost_datasets d
       WHERE ${HOLDS_CHARGES_OF}
         AND d.covered && daterange(($3::timestamptz)::date - ${3 * SIDE_DAYS}, ($3::timestamptz)::date)
     ), asked AS (
       -- Effective cost before billed cost, never both.
       SELECT * FROM own WHERE kind <> 'actual' OR NOT EXISTS (SELECT FROM own WHERE kind <> 'actual')
     ), published AS (
       SELECT DISTINCT day::date FROM asked d, unnest(d.covered) AS part,
              generate_series(lower(part), least(upper(part) - 1, ($3::timestamptz AT TIME ZONE 'UTC')::date - 1), '1 day') AS day
     ), charged AS (
       SELECT a.id, f.day, f.currency, sum(CASE d.kind WHEN 'actual' THEN f.cost ELSE f.amortized_cost END) AS amount
       FROM acted a
       JOIN cost_dimensions c ON c.tenant_id = $1 AND c.resource_id = a.resource_id
            AND coalesce(c.pricing_model, '') !~* '${COMMITTED_PRICING}'
       JOIN asked d ON d.covered && daterange(a.day - ${SIDE_DAYS}, a.day + ${SIDE_DAYS}, '[]')
       JOIN costs_daily f ON f.tenant_id = $1 AND f.dataset_id = d.id AND f.dimension_id = c.id
            AND f.day BETWEEN a.day - ${SIDE_DAYS} AND a.day + ${SIDE_DAYS}
            AND f.month BETWEEN date_trunc('month', (a.day - ${SIDE_DAYS})::timestamp)::date AND a.day + ${SIDE_DAYS}
       GROUP BY a.id, f.day, f.currency
     ), daily AS (
       SELECT a.id, p.day < a.day AS before, coalesce(x.amount, 0) AS amount
       FROM acted a
       JOIN published p ON p.day BETWEEN a.day - ${SIDE_DAYS} AND a.day + ${SIDE_DAYS} AND p.day <> a.day
       LEFT JOIN charged x ON x.id = a.id AND x.day = p.day AND x.currency = a.currency
     ), sides AS (
       SELECT id,
              count(*) FILTER (WHERE before) AS days_before, count(*) FILTER (WHERE NOT before) AS days_after,
              coalesce(avg(amount) FILTER (WHERE before), 0) AS mean_before,
              coalesce(avg(amount) FILTER (WHERE NOT before), 0) AS mean_after,
              coalesce(var_samp(amount) FILTER (WHERE before), 0) AS variance
       FROM daily GROUP BY id
     ), judged AS (
       SELECT a.id, s.days_before, s.days_after, s.mean_before, s.mean_after, s.mean_before - s.mean_after AS difference,
              ${VARIATION} * sqrt(s.variance * (1.0 / nullif(s.days_before, 0) + 1.0 / nullif(s.days_after, 0))) AS variation,
              a.verification ->> 'status' AS was
       FROM acted a LEFT JOIN sides s ON s.id = a.id
     ), result AS (
       SELECT *, CASE
           WHEN coalesce(days_before, 0) < ${LEAST_DAYS} OR coalesce(days_after, 0) < ${LEAST_DAYS} THEN 'too_early'
           WHEN difference > variation THEN 'verified' ELSE 'not_yet_visible' END AS status
       FROM judged
     ), told AS (
       UPDATE recommendations r
       SET verified_monthly_savings = CASE WHEN t.status = 'verified' THEN round(t.difference * 30, 4) END,
           verification = jsonb_build_object('status', t.status, 'settled', coalesce(t.days_after, 0) >= ${SIDE_DAYS},
             'days_before', coalesce(t.days_before, 0), 'days_after', coalesce(t.days_after, 0),
             'daily_cost_before', trim_scale(round(t.mean_before, 6))::text,
             'daily_cost_after', trim_scale(round(t.mean_after, 6))::text,
             'normal_variation', trim_scale(round(t.variation::numeric, 6))::text)
       FROM result t WHERE r.tenant_id = $1 AND r.id = t.id
       RETURNING r.id, r.verified_monthly_savings, r.currency, t.was, t.status AS now_status
     )
     INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, from_status, to_status, run_id, details)
     SELECT $1, id, 'verified', 'executed', 'executed', $4,
            jsonb_build_object('verified_monthly_savings', trim_scale(verified_monthly_savings)::text, 'currency', currency)
     FROM told WHERE now_status = 'verified' AND was IS DISTINCT FROM 'verified'`,
    [target.tenantId, target.subscriptionId, target.startedAt, target.runId],
  );
}

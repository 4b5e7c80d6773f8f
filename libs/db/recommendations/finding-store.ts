import type { RecommendationRecord } from '#core/records.js';
import type { Transaction } from '../database.js';
import type { SinkTarget } from '../record-sink.js';
import { SCORE_PARTS } from './score.js';

/** Savings that move less than this share are the same savings: costs differ from day to day. */
const CHANGED_BY = 0.1;

/**
 * Has one attempt after the other publish what a source finds in a place: at once they would tell of everything twice, or
 * wait for each other's rows for ever. Held until the transaction ends; before anything else of it.
 */
export async function takeTurn(tx: Transaction, target: SinkTarget): Promise<void> {
  const place = [target.tenantId, target.source, target.subscriptionId ?? ''].join('/');
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`azcops.findings.${place}`]);
}

/**
 * Brings findings up to what was found, with the events that this makes. What people decided stays, but for what was
 * carried out, went away and is back: that is open again. Findings that were seen, or seen to be gone, later stay as they are.
 */
export async function storeFindings(
  tx: Transaction,
  target: SinkTarget,
  found: readonly RecommendationRecord[],
): Promise<void> {
  const records = [...new Map(found.map((record) => [record.sourceId, record])).values()];
  if (records.length === 0) return;
  await tx.query(
    `WITH incoming AS (
       SELECT * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
         $12::text[], $13::text[], $14::text[], $15::numeric[], $16::numeric[], $17::numeric[], $18::numeric[], $19::text[],
         $20::text[], $21::numeric[], $22::jsonb[], $23::text[], $24::boolean[], $25::jsonb[])
       AS f (source_id, rule, category, title, reason, subscription_id, resource_id, impact, action, risk, effort,
         estimated_monthly_savings, savings_low, savings_high, monthly_cost, currency, savings_method, confidence,
         confidence_parts, alternative_of, suppressed, evidence)
     ), before AS (
       SELECT r.id, r.observed, r.status, r.estimated_monthly_savings, r.currency, r.savings_method
       FROM recommendations r JOIN incoming USING (rule, subscription_id, source_id)
       -- So that an index is taken: the tenant may have many more.
       WHERE r.tenant_id = $1 AND r.source = $2 AND r.subscription_id = ANY ($27::text[])
     ), stored AS (
       INSERT INTO recommendations AS r (tenant_id, source, first_seen_at, last_seen_at, resource_group, source_id, rule,
         category, title, reason, subscription_id, resource_id, impact, action, risk, effort, estimated_monthly_savings,
         savings_low, savings_high, monthly_cost, currency, savings_method, confidence, confidence_parts, alternative_of,
         suppressed, evidence)
       SELECT $1, $2, $3, $3, substring(resource_id FROM '/resourcegroups/([^/]+)'), incoming.* FROM incoming
       ON CONFLICT ON CONSTRAINT recommendations_finding_uq DO UPDATE
         SET category = excluded.category, title = excluded.title, reason = excluded.reason, impact = excluded.impact,
             action = excluded.action, risk = excluded.risk, effort = excluded.effort,
             estimated_monthly_savings = excluded.estimated_monthly_savings, savings_low = excluded.savings_low,
             savings_high = excluded.savings_high, monthly_cost = excluded.monthly_cost, currency = excluded.currency,
             savings_method = excluded.savings_method, confidence = excluded.confidence,
             confidence_parts = excluded.confidence_parts, alternative_of = excluded.alternative_of,
             suppressed = excluded.suppressed, evidence = excluded.evidence, last_seen_at = excluded.last_seen_at,
             observed = 'present', resolved_at = NULL,
             status = CASE WHEN r.observed = 'resolved' AND r.status = 'executed' THEN 'open' ELSE r.status END,
             executed_at = CASE WHEN r.observed = 'resolved' THEN NULL ELSE r.executed_at END,
             verification = CASE WHEN r.observed = 'resolved' THEN NULL ELSE r.verification END,
             verified_monthly_savings = CASE WHEN r.observed = 'resolved' THEN NULL ELSE r.verified_monthly_savings END
         WHERE greatest(r.last_seen_at, r.resolved_at) <= excluded.last_seen_at
       RETURNING r.id, r.status, r.estimated_monthly_savings, r.currency, r.savings_method
     )
     INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, from_status, to_status, run_id, details)
     SELECT $1, s.id,
            CASE WHEN b.id IS NULL THEN 'found' WHEN b.observed = 'resolved' THEN 'returned' ELSE 'changed' END,
            b.status, s.status, $26,
            jsonb_strip_nulls(jsonb_build_object(
              'estimated_monthly_savings', trim_scale(s.estimated_monthly_savings)::text, 'currency', s.currency,
              'savings_method', s.savings_method,
              'previous_monthly_savings', trim_scale(b.estimated_monthly_savings)::text))
     FROM stored s LEFT JOIN before b ON b.id = s.id
     WHERE b.id IS NULL OR b.observed = 'resolved'
        OR b.currency IS DISTINCT FROM s.currency OR b.savings_method IS DISTINCT FROM s.savings_method
        OR abs(s.estimated_monthly_savings - b.estimated_monthly_savings) > ${CHANGED_BY} * abs(b.estimated_monthly_savings)`,
    [
      target.tenantId,
      target.source,
      target.startedAt,
      records.map((record) => record.sourceId),
      records.map((record) => record.rule),
      records.map((record) => record.category),
      records.map((record) => record.title),
      records.map((record) => record.reason),
      records.map((record) => record.subscriptionId),
      records.map((record) => record.resourceId),
      records.map((record) => record.impact),
      records.map((record) => record.action),
      records.map((record) => record.risk),
      records.map((record) => record.effort),
      records.map((record) => record.estimatedMonthlySavings),
      records.map((record) => record.savingsLow),
      records.map((record) => record.savingsHigh),
      records.map((record) => record.monthlyCost),
      records.map((record) => record.currency),
      records.map((record) => record.savingsMethod),
      records.map((record) => record.confidence),
      records.map((record) => JSON.stringify(record.confidenceParts)),
      records.map((record) => record.alternativeOf),
      records.map((record) => record.suppressed),
      records.map((record) => JSON.stringify(record.evidence)),
      target.runId,
      [...new Set(records.map((record) => record.subscriptionId))],
    ],
  );
}

/** What could not be judged, and therefore is not gone either. A null resource is the subscription itself. */
export interface Undecided {
  rule: string;
  resourceId: string | null;
}

/**
 * Marks what these subscriptions no longer show, with the event. Only within subscriptions that the answer covers: one
 * that may not be read shows nothing, which resolves nothing.
 */
export async function resolveUnseen(
  tx: Transaction,
  target: SinkTarget,
  subscriptionIds: readonly string[],
  undecided: readonly Undecided[] = [],
): Promise<void> {
  await tx.query(
    `WITH undecided AS (SELECT * FROM unnest($5::text[], $6::text[]) AS u (rule, resource_id)),
     gone AS (
       UPDATE recommendations r SET observed = 'resolved', resolved_at = $3
       WHERE r.tenant_id = $1 AND r.source = $2 AND r.observed = 'present' AND r.last_seen_at < $3
         AND r.subscription_id = ANY($4::text[])
         AND NOT EXISTS (SELECT FROM undecided u WHERE u.rule = r.rule AND u.resource_id = coalesce(r.resource_id, ''))
       RETURNING r.id, r.status
     )
     INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, from_status, to_status, run_id)
     SELECT $1, id, 'resolved', status, status, $7 FROM gone`,
    [
      target.tenantId,
      target.source,
      target.startedAt,
      subscriptionIds,
      undecided.map(({ rule }) => rule),
      undecided.map(({ resourceId }) => resourceId ?? ''),
      target.runId,
    ],
  );
}

/** Brings the scores of a source's present findings up to date. */
export async function scoreFindings(tx: Transaction, target: SinkTarget): Promise<void> {
  await tx.query(
    `UPDATE recommendations r SET score = s.score, score_parts = s.parts
     FROM (SELECT id, parts, (SELECT sum(value::numeric) FROM jsonb_each_text(parts)) AS score
           FROM (SELECT id, ${SCORE_PARTS} AS parts FROM recommendations
                 WHERE tenant_id = $1 AND source = $2 AND observed = 'present'
                   AND ($4::text IS NULL OR subscription_id = $4)) scored) s
     WHERE r.tenant_id = $1 AND r.id = s.id AND (r.score, r.score_parts) IS DISTINCT FROM (s.score, s.parts)`,
    [target.tenantId, target.source, target.startedAt, target.subscriptionId],
  );
}

import type { TestLogins } from './ledger.js';

/** What a database says of an estate: every figure that a reader of it could see wrong. */
export interface EstateDigest {
  /** Totals per currency, of the rollup and of the facts. */
  costs: object[];
  /** Per subscription: what exists, what was marked as gone, and a checksum over all of it. */
  subscriptions: object[];
  resources: object[];
  recommendations: object[];
  metrics: object[];
  /** Per currency and region. */
  prices: object[];
  /** Per region. */
  sizes: object[];
  /** Corrections of published days: none, as long as the estate stands still. */
  revisions: number;
}

const DIGEST = `SELECT jsonb_build_object(
  'costs', (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.currency), '[]') FROM (
    SELECT t.currency, sum(t.cost)::text AS cost, sum(t.amortized_cost)::text AS amortized,
           (SELECT concat_ws(' ', count(*), sum(f.cost), sum(f.amortized_cost)) FROM costs_daily_flat f
            WHERE f.currency = t.currency) AS facts
    FROM cost_daily_totals t GROUP BY t.currency) c),
  'subscriptions', (SELECT coalesce(jsonb_agg(jsonb_build_array(subscription_id, state) ORDER BY subscription_id), '[]')
    FROM subscriptions WHERE removed_at IS NULL),
  'resources', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.subscription_id), '[]') FROM (
    SELECT subscription_id, count(*) FILTER (WHERE deleted_at IS NULL) AS present,
           count(*) FILTER (WHERE deleted_at IS NOT NULL) AS gone,
           md5(string_agg(concat_ws('|', resource_id, type, location, tags, sku, properties), ',' ORDER BY resource_id)) AS sum
    FROM resources GROUP BY subscription_id) r),
  'recommendations', (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.subscription_id), '[]') FROM (
    SELECT subscription_id, count(*) FILTER (WHERE observed = 'present') AS present,
           count(*) FILTER (WHERE observed = 'resolved') AS resolved,
           md5(string_agg(concat_ws('|', source_id, rule, estimated_monthly_savings, currency, savings_method, suppressed),
                          ',' ORDER BY source_id)) AS sum
    FROM recommendations GROUP BY subscription_id) r),
  'metrics', (SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.subscription_id), '[]') FROM (
    SELECT subscription_id, count(*) AS metrics,
           md5(string_agg(concat_ws('|', resource_id, metric, unit, from_at, to_at, average, minimum, maximum, p05, p95,
                                    sample_count, coverage), ',' ORDER BY resource_id, metric)) AS sum
    FROM resource_metrics GROUP BY subscription_id) m),
  'prices', (SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.currency, p.region), '[]') FROM (
    SELECT currency, region, count(*) AS prices,
           sum(hashtextextended(concat_ws('|', meter_id, sku_name, type, reservation_term, retail_price), 0))::text AS sum
    FROM retail_prices GROUP BY currency, region) p),
  'sizes', (SELECT coalesce(jsonb_agg(to_jsonb(s) ORDER BY s.region), '[]') FROM (
    SELECT region, count(*) AS sizes,
           sum(hashtextextended(concat_ws('|', name, v_cpus, memory_gib, generations, uncached_iops, is_restricted), 0))::text AS sum
    FROM virtual_machine_sizes GROUP BY region) s),
  'revisions', (SELECT count(*) FROM cost_day_revisions)
) AS digest`;

/** The digest of everything in the database, for comparison with that of another time. */
export async function estateDigest({ owner }: TestLogins): Promise<EstateDigest> {
  const { rows } = await owner.pool.query<{ digest: EstateDigest }>(DIGEST);
  return rows[0]!.digest;
}

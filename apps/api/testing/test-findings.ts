import type pg from 'pg';

export interface SeededFinding {
  tenantId: string;
  subscriptionId: string;
  title: string;
  resourceId?: string | null;
  source?: string;
  rule?: string;
  status?: string;
  observed?: string;
  savings?: string | null;
  currency?: string | null;
  method?: string | null;
  alternativeOf?: string | null;
  suppressed?: boolean;
  evidence?: Record<string, unknown>;
  lastSeenAt?: string;
  action?: string | null;
  monthlyCost?: string | null;
  category?: string;
  risk?: string | null;
  effort?: string | null;
}

/** Writes a recommendation whose score follows its savings; answers its id. */
export async function seedFinding(client: pg.Client, finding: SeededFinding): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO recommendations (tenant_id, subscription_id, resource_id, source, source_id, rule, category, title, status,
       observed, impact, estimated_monthly_savings, currency, savings_method, confidence, alternative_of, suppressed, evidence,
       first_seen_at, last_seen_at, score, action, monthly_cost, resource_group,
       risk, effort)
     VALUES ($1, $2, $3, $4, gen_random_uuid()::text, $5, $18, $6, $7, $8, 'High', $9, $10, $11, 0.90, $12, $13, $14, $15, $15, $9::numeric / 10, $16, $17,
       substring($3 FROM '/resourcegroups/([^/]+)'), $19, $20)
     RETURNING id`,
    [
      finding.tenantId,
      finding.subscriptionId,
      finding.resourceId ?? null,
      finding.source ?? 'advisor',
      finding.rule ?? 'advisor/e10b1381-5f0a-47ff-8c7b-37bd13d7c974',
      finding.title,
      finding.status ?? 'open',
      finding.observed ?? 'present',
      finding.savings === undefined ? '10.50' : finding.savings,
      finding.currency === undefined ? 'EUR' : finding.currency,
      finding.method === undefined ? 'stated' : finding.method,
      finding.alternativeOf ?? null,
      finding.suppressed ?? false,
      finding.evidence ?? { problem: 'It idles' },
      finding.lastSeenAt ?? '2026-03-02T00:00:00Z',
      finding.action ?? null,
      finding.monthlyCost ?? null,
      finding.category ?? 'cost',
      finding.risk ?? null,
      finding.effort ?? null,
    ],
  );
  return rows[0]!.id;
}

export interface SeededMetric {
  tenantId: string;
  subscriptionId: string;
  resourceId: string;
  metric: string;
  average?: number | null;
  p05?: number | null;
  sampleCount?: number;
  coverage?: number;
  /** End of the fortnight. */
  to?: string;
}

/** Writes a metric's statistics of a fortnight; minimum, maximum and p95 follow from the average. */
export async function seedMetric(client: pg.Client, metric: SeededMetric): Promise<void> {
  const { average = 5.25, p05 = average, sampleCount = 336, coverage = 1, to = '2026-03-15T00:00:00Z' } = metric;
  await client.query(
    `INSERT INTO resource_metrics (tenant_id, subscription_id, resource_id, resource_type, metric, unit, from_at, to_at,
       interval_minutes, average, minimum, maximum, p05, p95, sample_count, coverage)
     VALUES ($1, $2, $3, 'microsoft.compute/virtualmachines', $4, 'Percent', $9::timestamptz - interval '14 days', $9,
             60, $5, $5, $5, $6, $5, $7, $8)`,
    [
      metric.tenantId,
      metric.subscriptionId,
      metric.resourceId.toLowerCase(),
      metric.metric,
      average,
      p05,
      sampleCount,
      coverage,
      to,
    ],
  );
}

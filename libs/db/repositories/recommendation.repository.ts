import { NotFoundError } from '#core/errors.js';
import type { RecommendationRecord } from '#core/records.js';
import { ALL_TENANTS, oneTenant, type TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';
import { READ_HERE } from './subscription-target.repository.js';

export interface RecommendationRow {
  id: string;
  tenant_id: string;
  subscription_id: string | null;
  resource_id: string | null;
  source: string;
  rule: string;
  category: string;
  title: string;
  status: string;
  observed: string;
  impact: string | null;
  estimated_monthly_savings: string | null;
  currency: string | null;
  savings_method: string | null;
  confidence: string | null;
  alternative_of: string | null;
  suppressed: boolean;
  evidence: Record<string, unknown>;
  first_seen_at: Date;
  last_seen_at: Date;
}

export interface RecommendationFilter {
  tenant_id?: string;
  subscription_id?: string;
  resource_id?: string;
  status?: string;
  source?: string;
  rule?: string;
  savings_method?: string;
  observed?: string;
  suppressed?: boolean;
}

/** What carrying everything out would save a month, of one currency and one way of knowing. */
export interface PotentialRow {
  currency: string;
  savings_method: string;
  recommendations: number;
  estimated_monthly_savings: string;
}

const COLUMNS = `id, tenant_id, subscription_id, resource_id, source, rule, category, title, status, observed, impact,
  trim_scale(estimated_monthly_savings)::text AS estimated_monthly_savings, currency, savings_method,
  trim_scale(confidence)::text AS confidence, alternative_of, suppressed, evidence, first_seen_at, last_seen_at`;

/** What should change, and what people decided about it. */
export class RecommendationRepository {
  constructor(private readonly database: Database) {}

  list(scope: TenantScope, filter: RecommendationFilter, request: ListRequest): Promise<ListPage<RecommendationRow>> {
    const conditions = new Conditions()
      .within(scope, 'tenant_id')
      .add('tenant_id = ?', filter.tenant_id)
      .add('subscription_id = ?', filter.subscription_id?.toLowerCase())
      .add('resource_id = ?', filter.resource_id?.toLowerCase())
      .add('status = ?', filter.status)
      .add('source = ?', filter.source)
      .add('rule = ?', filter.rule)
      .add('savings_method = ?', filter.savings_method)
      .add('observed = ?', filter.observed)
      .add('suppressed = ?', filter.suppressed);
    return readList<RecommendationRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: 'recommendations',
        sortable: {
          estimated_monthly_savings: { expression: 'coalesce(estimated_monthly_savings, 0)', type: 'numeric' },
          last_seen_at: { expression: 'last_seen_at', type: 'timestamptz' },
        },
        defaultSort: '-estimated_monthly_savings',
        tieBreakers: [{ expression: 'id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  async get(scope: TenantScope, id: string): Promise<RecommendationRow> {
    const [row] = await this.database.query<RecommendationRow>(
      scope,
      `SELECT ${COLUMNS} FROM recommendations WHERE id = $1`,
      [id],
    );
    if (!row) throw new NotFoundError(`There is no recommendation ${id}.`);
    return row;
  }

  /**
   * What open recommendations would save, per currency and method: a guess never stands in a sum of known amounts. Of
   * alternatives the best one counts; of commitments that compete for the same usage, the better kind. A subscription that
   * is removed, no longer listed or read under another tenant saves nothing here.
   */
  potential(scope: TenantScope, tenantId?: string): Promise<PotentialRow[]> {
    return this.database.query<PotentialRow>(
      scope,
      `WITH best AS (
         SELECT DISTINCT ON (tenant_id, currency, savings_method, coalesce(alternative_of, id::text))
                tenant_id, subscription_id, currency, savings_method, estimated_monthly_savings AS savings,
                CASE WHEN alternative_of LIKE 'commitment/%' THEN split_part(alternative_of, '/', 2) END AS commitment,
                CASE WHEN alternative_of LIKE 'commitment/%' THEN split_part(alternative_of, '/', 3) ELSE id::text END AS rival
         FROM recommendations r
         WHERE status IN ('open', 'approved') AND observed = 'present' AND NOT suppressed
           AND estimated_monthly_savings IS NOT NULL AND currency IS NOT NULL AND savings_method IS NOT NULL
           AND ($1::uuid IS NULL OR tenant_id = $1)
           AND (subscription_id IS NULL OR EXISTS (
             SELECT FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id AND t.removed_at IS NULL
             WHERE s.tenant_id = r.tenant_id AND s.subscription_id = r.subscription_id AND ${READ_HERE}))
         ORDER BY tenant_id, currency, savings_method, coalesce(alternative_of, id::text), estimated_monthly_savings DESC, id
       ), kinds AS (
         SELECT tenant_id, currency, savings_method, rival, commitment, sum(savings) AS savings, count(*) AS findings
         FROM best GROUP BY tenant_id, currency, savings_method, rival, commitment
       ), chosen AS (
         SELECT DISTINCT ON (tenant_id, currency, savings_method, rival) currency, savings_method, savings, findings
         FROM kinds ORDER BY tenant_id, currency, savings_method, rival, savings DESC, commitment
       )
       SELECT currency, savings_method, sum(findings)::float8 AS recommendations,
              trim_scale(sum(savings))::text AS estimated_monthly_savings
       FROM chosen GROUP BY currency, savings_method ORDER BY currency, savings_method`,
      [tenantId ?? null],
    );
  }

  /** How many recommendations of all tenants stand in each workflow status; for metrics. */
  countByStatus(): Promise<{ status: string; count: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      'SELECT status, count(*)::float8 AS count FROM recommendations GROUP BY status',
    );
  }

  /**
   * A source's findings as the sink of a window, visible together. Presence is the machine's observation and stays apart
   * from what people decided; only a complete read takes what it did not see for resolved.
   */
  openSink(target: SinkTarget): Promise<RecordSink<'recommendation'>> {
    const found: RecommendationRecord[] = [];
    return Promise.resolve({
      add: async (records) => void found.push(...records),
      publish: (proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          await upsert(tx, target, found);
          if (proof.complete) await markResolved(tx, target, proof.subscriptionsSeen ?? []);
          const published = { rows: found.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}

async function upsert(tx: Transaction, target: SinkTarget, found: readonly RecommendationRecord[]): Promise<void> {
  const records = [...new Map(found.map((record) => [record.sourceId, record])).values()];
  await tx.query(
    `INSERT INTO recommendations AS r (tenant_id, source, source_id, rule, category, title, subscription_id, resource_id,
       impact, estimated_monthly_savings, currency, savings_method, confidence, alternative_of, suppressed, evidence,
       first_seen_at, last_seen_at)
     SELECT $1, $2, f.*, $3, $3
     FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::numeric[],
                 $12::text[], $13::text[], $14::numeric[], $15::text[], $16::boolean[], $17::jsonb[]) AS f
     ON CONFLICT ON CONSTRAINT recommendations_finding_uq DO UPDATE
       SET category = excluded.category, title = excluded.title, impact = excluded.impact,
           estimated_monthly_savings = excluded.estimated_monthly_savings, currency = excluded.currency,
           savings_method = excluded.savings_method, confidence = excluded.confidence,
           alternative_of = excluded.alternative_of, suppressed = excluded.suppressed, evidence = excluded.evidence,
           last_seen_at = excluded.last_seen_at, observed = 'present'
       WHERE r.last_seen_at <= excluded.last_seen_at`,
    [
      target.tenantId,
      target.source,
      target.startedAt,
      records.map((record) => record.sourceId),
      records.map((record) => record.rule),
      records.map((record) => record.category),
      records.map((record) => record.title),
      records.map((record) => record.subscriptionId),
      records.map((record) => record.resourceId),
      records.map((record) => record.impact),
      records.map((record) => record.estimatedMonthlySavings),
      records.map((record) => record.currency),
      records.map((record) => record.savingsMethod),
      records.map((record) => record.confidence),
      records.map((record) => record.alternativeOf),
      records.map((record) => record.suppressed),
      records.map((record) => JSON.stringify(record.evidence)),
    ],
  );
}

/** Only within subscriptions that the answer covers: one that may not be read shows nothing, which resolves nothing. */
async function markResolved(tx: Transaction, target: SinkTarget, seen: readonly string[]): Promise<void> {
  await tx.query(
    `UPDATE recommendations SET observed = 'resolved'
     WHERE tenant_id = $1 AND source = $2 AND observed = 'present' AND last_seen_at < $3
       AND subscription_id = ANY($4::text[])`,
    [target.tenantId, target.source, target.startedAt, seen],
  );
}

import { NotFoundError } from '#core/errors.js';
import type { RecommendationRecord } from '#core/records.js';
import { ALL_TENANTS, oneTenant, type TenantScope } from '#core/scope.js';
import type { RecommendationStatus } from '#core/workflow.js';
import type { Database } from '../database.js';
import { Conditions, readAll, readList, type ListPage, type ListRequest, type ListSource } from '../list.js';
import { resolveUnseen, scoreFindings, storeFindings, takeTurn } from '../recommendations/finding-store.js';
import { EXEMPTION_OF, OF_A_READ_SUBSCRIPTION, POSSIBLE, SILENCED, standing } from '../recommendations/standing.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

export interface RecommendationRow {
  id: string;
  tenant_id: string;
  subscription_id: string | null;
  resource_group: string | null;
  resource_id: string | null;
  source: string;
  rule: string;
  category: string;
  title: string;
  reason: string | null;
  status: RecommendationStatus;
  observed: string;
  impact: string | null;
  action: string | null;
  risk: string | null;
  effort: string | null;
  estimated_monthly_savings: string | null;
  savings_low: string | null;
  savings_high: string | null;
  monthly_cost: string | null;
  currency: string | null;
  savings_method: string | null;
  confidence: string | null;
  confidence_parts: Record<string, number>;
  score: string | null;
  score_parts: Record<string, number>;
  alternative_of: string | null;
  suppressed: boolean;
  evidence: Record<string, unknown>;
  first_seen_at: Date;
  last_seen_at: Date;
  resolved_at: Date | null;
  executed_at: Date | null;
  dismissed_until: Date | null;
  verified_monthly_savings: string | null;
  verification: Record<string, unknown> | null;
}

export interface RecommendationFilter {
  tenant_id?: string;
  subscription_id?: string;
  resource_group?: string;
  resource_id?: string;
  status?: string;
  source?: string;
  rule?: string;
  category?: string;
  action?: string;
  risk?: string;
  effort?: string;
  savings_method?: string;
  currency?: string;
  /** The number, whatever its currency. */
  minimum_savings?: string;
  /** `name` or `name:value`, of the resource. */
  tag?: string;
  observed?: string;
  suppressed?: boolean;
}

/** One entry of a recommendation's history. */
export interface RecommendationEventRow {
  kind: string;
  from_status: string | null;
  to_status: string | null;
  reason: string | null;
  details: Record<string, unknown>;
  actor_id: string | null;
  actor_name: string | null;
  run_id: string | null;
  correlation_id: string | null;
  created_at: Date;
}

/** A recommendation about the same resource, with what it adds to a total. */
export interface ChainRow {
  id: string;
  rule: string;
  action: string | null;
  position: number;
  counted_monthly_savings: string;
  currency: string;
}

/** The resource that a recommendation is about, as Azure writes it. */
export interface RecommendationSubject {
  id: string;
  name: string;
  location: string | null;
}

export interface RecommendationBackground {
  history: RecommendationEventRow[];
  chain: ChainRow[];
  exemptions: { id: string; reason: string }[];
  /** Null for what is about a subscription. */
  resource: RecommendationSubject | null;
}

const AMOUNTS = [
  'estimated_monthly_savings',
  'savings_low',
  'savings_high',
  'monthly_cost',
  'confidence',
  'score',
  'verified_monthly_savings',
].map((name) => `trim_scale(r.${name})::text AS ${name}`);

const COLUMNS = `r.id, r.tenant_id, r.subscription_id, r.resource_group, r.resource_id, r.source, r.rule, r.category, r.title,
  r.reason, r.status, r.observed, r.impact, r.action, r.risk, r.effort, ${AMOUNTS.join(', ')}, r.currency, r.savings_method,
  r.confidence_parts, r.score_parts, r.alternative_of, ${SILENCED} AS suppressed, r.evidence, r.first_seen_at, r.last_seen_at,
  r.resolved_at, r.executed_at, r.dismissed_until, r.verification`;

/** Levels as numbers, so that they sort by meaning. */
const levelOf = (column: string) => `coalesce(array_position(ARRAY['low', 'medium', 'high'], ${column}), 4)`;

const SOURCE: ListSource = {
  columns: COLUMNS,
  from: 'recommendations r',
  sortable: {
    score: { expression: 'coalesce(r.score, 0)', type: 'numeric' },
    estimated_monthly_savings: { expression: 'coalesce(r.estimated_monthly_savings, 0)', type: 'numeric' },
    confidence: { expression: 'coalesce(r.confidence, 0)', type: 'numeric' },
    risk: { expression: levelOf('r.risk'), type: 'integer' },
    effort: { expression: levelOf('r.effort'), type: 'integer' },
    first_seen_at: { expression: 'r.first_seen_at', type: 'timestamptz' },
    last_seen_at: { expression: 'r.last_seen_at', type: 'timestamptz' },
  },
  defaultSort: '-score',
  tieBreakers: [{ expression: 'r.id', type: 'uuid' }],
};

/** What should change, how sure that is, and what people decided about it. */
export class RecommendationRepository {
  constructor(private readonly database: Database) {}

  list(scope: TenantScope, filter: RecommendationFilter, request: ListRequest): Promise<ListPage<RecommendationRow>> {
    return readList<RecommendationRow>(this.database, scope, SOURCE, conditionsOf(scope, filter), request);
  }

  /** The same, whole. */
  all(scope: TenantScope, filter: RecommendationFilter, sort?: string): AsyncGenerator<RecommendationRow[], void> {
    return readAll<RecommendationRow>(this.database, scope, SOURCE, conditionsOf(scope, filter), sort);
  }

  async get(scope: TenantScope, id: string): Promise<RecommendationRow> {
    const [row] = await this.database.query<RecommendationRow>(
      scope,
      `SELECT ${COLUMNS} FROM recommendations r WHERE r.id = $1`,
      [id],
    );
    if (!row) throw new NotFoundError(`There is no recommendation ${id}.`);
    return row;
  }

  /** What happened to a recommendation, oldest first, the resource as Azure writes it, and the chain of actions on its resource that can be carried out. */
  async background(
    scope: TenantScope,
    { id, tenant_id, resource_id }: Pick<RecommendationRow, 'id' | 'tenant_id' | 'resource_id'>,
  ): Promise<RecommendationBackground> {
    const [history, chain, exemptions, resources] = await this.database.queries<
      [RecommendationEventRow, ChainRow, { id: string; reason: string }, RecommendationSubject]
    >(scope, [
      {
        sql: `SELECT kind, from_status, to_status, reason, details, actor_id, actor_name, run_id, correlation_id, created_at
              FROM recommendation_events WHERE tenant_id = $1 AND recommendation_id = $2 ORDER BY id`,
        values: [tenant_id, id],
      },
      {
        sql: `SELECT s.id, r.rule, r.action, s.position::int AS position,
                     trim_scale(s.counted)::text AS counted_monthly_savings, s.currency
              FROM (${standing(
                `r.status IN ('open', 'approved') AND ${POSSIBLE} AND r.tenant_id = $1 AND r.resource_id = $2`,
              )}) s
              JOIN recommendations r ON r.tenant_id = s.tenant_id AND r.id = s.id ORDER BY s.position`,
        values: [tenant_id, resource_id],
      },
      {
        sql: `SELECT e.id, e.reason FROM recommendations r CROSS JOIN LATERAL (SELECT e.* ${EXEMPTION_OF}) e
              WHERE r.tenant_id = $1 AND r.id = $2 ORDER BY e.created_at`,
        values: [tenant_id, id],
      },
      {
        sql: `SELECT original_id AS id, name, location FROM resources WHERE tenant_id = $1 AND resource_id = $2`,
        values: [tenant_id, resource_id],
      },
    ]);
    return { history, chain, exemptions, resource: resources[0] ?? null };
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
          await takeTurn(tx, target);
          await storeFindings(tx, target, found);
          if (proof.complete) await resolveUnseen(tx, target, proof.subscriptionsSeen ?? []);
          await scoreFindings(tx, target);
          const published = { rows: found.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }
}

function conditionsOf(scope: TenantScope, filter: RecommendationFilter): Conditions {
  const [tagName, ...tagValue] = filter.tag?.split(':') ?? [];
  const tagged = `EXISTS (SELECT FROM resources s WHERE s.tenant_id = r.tenant_id AND s.resource_id = r.resource_id AND`;
  const conditions = new Conditions()
    .within(scope, 'r.tenant_id')
    .add('r.tenant_id = ?', filter.tenant_id)
    .add('r.subscription_id = ?', filter.subscription_id?.toLowerCase())
    .add('r.resource_group = ?', filter.resource_group?.toLowerCase())
    .add('r.resource_id = ?', filter.resource_id?.toLowerCase())
    .add('r.status = ?', filter.status)
    .add('r.source = ?', filter.source)
    .add('r.rule = ?', filter.rule)
    .add('r.category = ?', filter.category)
    .add('r.action = ?', filter.action)
    .add('r.risk = ?', filter.risk)
    .add('r.effort = ?', filter.effort)
    .add('r.savings_method = ?', filter.savings_method)
    .add('r.currency = ?', filter.currency)
    .add('r.estimated_monthly_savings >= ?::numeric', filter.minimum_savings)
    .add('r.observed = ?', filter.observed)
    .add(`${SILENCED} = ?`, filter.suppressed);
  // Nobody sees any more whether it is there.
  if (filter.observed === 'present') conditions.add(OF_A_READ_SUBSCRIPTION);
  if (tagName !== undefined && tagValue.length === 0) conditions.add(`${tagged} jsonb_exists(s.tags, ?))`, tagName);
  if (tagValue.length > 0) {
    conditions.add(`${tagged} s.tags @> ?::jsonb)`, JSON.stringify({ [tagName!]: tagValue.join(':') }));
  }
  return conditions;
}

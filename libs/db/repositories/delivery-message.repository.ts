import type { EventGroup, EventSummary, ToldEvent } from '#core/delivery.js';
import { oneTenant } from '#core/scope.js';
import type { Database } from '../database.js';

/** SQL: one event `e` with its recommendation as messages tell of them. */
const TOLD = `jsonb_build_object(
    'id', e.id::text, 'kind', e.kind, 'fromStatus', e.from_status, 'toStatus', e.to_status, 'reason', e.reason,
    'actorName', e.actor_name, 'details', e.details, 'recommendation', jsonb_build_object(
      'id', r.id, 'tenantName', t.name, 'azureTenantId', t.azure_tenant_id, 'subscriptionId', r.subscription_id,
      'subscriptionName', (SELECT min(s.display_name) FROM subscriptions s
                           WHERE s.tenant_id = r.tenant_id AND s.subscription_id = r.subscription_id),
      'resourceId', r.resource_id, 'resourceGroup', r.resource_group, 'rule', r.rule, 'category', r.category,
      'title', r.title, 'reason', r.reason, 'status', r.status, 'observed', r.observed, 'risk', r.risk,
      'effort', r.effort, 'estimatedMonthlySavings', trim_scale(r.estimated_monthly_savings)::text,
      'verifiedMonthlySavings', trim_scale(r.verified_monthly_savings)::text, 'currency', r.currency,
      'savingsMethod', r.savings_method)) AS told, e.created_at AS at`;
const FROM = `recommendation_events e
  JOIN recommendations r ON r.tenant_id = e.tenant_id AND r.id = e.recommendation_id
  JOIN tenants t ON t.id = e.tenant_id`;

/** Which events a summary is of: those of a digest, or these. */
export type SummaryOf = { digestId: string } | { eventIds: readonly string[] };

/** What messages say. Recommendations are told as they stand when the message is sent. */
export class DeliveryMessageRepository {
  constructor(private readonly database: Database) {}

  async event(tenantId: string, eventId: string): Promise<ToldEvent> {
    const [row] = await this.database.query<Told>(
      oneTenant(tenantId),
      `SELECT ${TOLD} FROM ${FROM} WHERE e.tenant_id = $1 AND e.id = $2`,
      [tenantId, eventId],
    );
    return toldEvent(row!);
  }

  /** The ticket that an earlier delivery to the channel made of the recommendation; null when there is none. */
  async ticketKey(tenantId: string, channelId: string, recommendationId: string): Promise<string | null> {
    const [row] = await this.database.query<{ key: string }>(
      oneTenant(tenantId),
      `SELECT external_ref AS key FROM deliveries
       WHERE tenant_id = $1 AND channel_id = $2 AND recommendation_id = $3 AND external_ref IS NOT NULL
       ORDER BY created_at DESC LIMIT 1`,
      [tenantId, channelId, recommendationId],
    );
    return row?.key ?? null;
  }

  /**
   * Counts and savings by kind of event, category and currency, and the `most` events with the largest savings, one of each
   * recommendation. Of alternatives the best one counts, and of commitments that compete for a subscription's usage too;
   * what is guessed stands apart.
   */
  async summary(tenantId: string, of: SummaryOf, most: number): Promise<EventSummary> {
    const [where, value] =
      'digestId' in of
        ? [`SELECT event_id FROM deliveries WHERE tenant_id = $1 AND digest_id = $2`, of.digestId]
        : ['SELECT unnest($2::bigint[])', of.eventIds];
    const [groups, biggest] = await this.database.queries<[EventGroup, Told & { total: number }]>(oneTenant(tenantId), [
      {
        sql: `WITH told AS (
                SELECT e.kind, r.id, r.category, r.currency, r.estimated_monthly_savings AS savings,
                       r.savings_method IS NOT DISTINCT FROM 'guessed' AS guessed,
                       CASE WHEN r.alternative_of LIKE 'commitment/%'
                            THEN 'commitment/' || split_part(r.alternative_of, '/', 3)
                            ELSE coalesce(r.alternative_of, r.id::text) END AS rivals
                FROM ${FROM} WHERE e.tenant_id = $1 AND e.id IN (${where})
              ), ranked AS (
                SELECT *, row_number() OVER (PARTITION BY kind, category, currency, guessed, rivals
                                             ORDER BY savings DESC NULLS LAST, id) = 1 AS counts
                FROM told
              )
              SELECT kind, category, currency, count(DISTINCT id)::int AS recommendations,
                     trim_scale(coalesce(sum(savings) FILTER (WHERE counts AND NOT guessed), 0))::text
                       AS "estimatedMonthlySavings",
                     trim_scale(coalesce(sum(savings) FILTER (WHERE counts AND guessed), 0))::text
                       AS "guessedMonthlySavings"
              FROM ranked GROUP BY kind, category, currency ORDER BY kind, category, currency`,
        values: [tenantId, value],
      },
      {
        sql: `SELECT told, at, (count(*) OVER ())::int AS total FROM (
                SELECT DISTINCT ON (r.id) ${TOLD}, r.estimated_monthly_savings AS savings
                FROM ${FROM} WHERE e.tenant_id = $1 AND e.id IN (${where}) ORDER BY r.id, e.id DESC) latest
              ORDER BY savings DESC NULLS LAST, told->>'id' LIMIT $3`,
        values: [tenantId, value, most],
      },
    ]);
    return { total: biggest[0]?.total ?? 0, groups, biggest: biggest.map(toldEvent) };
  }
}

interface Told {
  told: Omit<ToldEvent, 'at'>;
  at: Date;
}

function toldEvent({ told, at }: Told): ToldEvent {
  return { ...told, at };
}

import type { Day } from '#core/day.js';
import type { ChannelKind } from '#core/delivery.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import type { Database } from '../database.js';

/** A channel to which something can be sent now. */
export interface DueChannel {
  tenantId: string;
  id: string;
  kind: ChannelKind;
}

/** A channel as sending needs it. Its URL may be a secret: never log it. */
export interface SendingChannel extends DueChannel {
  name: string;
  url: string | null;
  secretRef: string;
  options: Record<string, unknown>;
}

/** A delivery in work. `attempt` is the fencing number that its outcome must carry. */
export interface ClaimedDelivery {
  id: string;
  kind: 'event' | 'digest' | 'test';
  eventId: string | null;
  recommendationId: string | null;
  digestDay: Day | null;
  attempt: number;
  /** A failure now is final. */
  expired: boolean;
}

/** How an attempt ended. `pending` has it tried again after `retryAfterMs`. */
export interface DeliveryOutcome {
  status: 'pending' | 'delivered' | 'failed';
  reason: string | null;
  action: string | null;
  responseStatus: number | null;
  retryAfterMs?: number;
  ticket?: { key: string; url: string };
}

/** Longer than the longest attempt, and than Jira takes to find an issue that was just made. */
const LEASE = `interval '3 minutes'`;
const READY = `c.removed_at IS NULL AND EXISTS (SELECT FROM tenants t WHERE t.id = c.tenant_id AND t.removed_at IS NULL)`;
const DUE = `d.status = 'pending' AND d.next_attempt_at <= now() AND (c.enabled OR d.kind = 'test')`;

/** What waits to be sent, for any number of workers at once. */
export class DeliveryOutboxRepository {
  constructor(private readonly database: Database) {}

  /** Channels that have something to be sent now. */
  async dueChannels(): Promise<DueChannel[]> {
    const rows = await this.database.query<{ tenant_id: string; id: string; kind: ChannelKind }>(
      ALL_TENANTS,
      `SELECT c.tenant_id, c.id, c.kind FROM delivery_channels c
       WHERE ${READY} AND EXISTS (SELECT FROM deliveries d WHERE d.tenant_id = c.tenant_id AND d.channel_id = c.id AND ${DUE})`,
    );
    return rows.map(({ tenant_id: tenantId, id, kind }) => ({ tenantId, id, kind }));
  }

  /**
   * Takes what is due of a channel, oldest first, for one attempt. Of a recommendation only what nothing older waits
   * before, so that its story is told in order. Null when nothing is left.
   */
  async claim(
    { tenantId, id }: DueChannel,
    most: number,
  ): Promise<{ channel: SendingChannel; deliveries: ClaimedDelivery[] } | null> {
    return this.database.transaction(oneTenant(tenantId), async (tx) => {
      const [channel] = await tx.query<SendingChannel>(
        `SELECT c.tenant_id AS "tenantId", c.id, c.kind, c.name, c.url, c.secret_ref AS "secretRef", c.options
         FROM delivery_channels c WHERE c.tenant_id = $1 AND c.id = $2 AND ${READY}`,
        [tenantId, id],
      );
      if (!channel) return null;
      const deliveries = await tx.query<ClaimedDelivery>(
        `WITH due AS (
           SELECT d.id FROM deliveries d JOIN delivery_channels c ON c.tenant_id = d.tenant_id AND c.id = d.channel_id
           WHERE d.tenant_id = $1 AND d.channel_id = $2 AND ${DUE}
             AND NOT EXISTS (
               SELECT FROM deliveries older
               WHERE older.tenant_id = d.tenant_id AND older.channel_id = d.channel_id AND older.status = 'pending'
                 AND older.recommendation_id = d.recommendation_id AND older.event_id < d.event_id)
           ORDER BY d.event_id NULLS FIRST LIMIT $3 FOR UPDATE OF d SKIP LOCKED
         ), taken AS (
           UPDATE deliveries d SET attempts = attempts + 1, next_attempt_at = now() + ${LEASE}
           FROM due WHERE d.tenant_id = $1 AND d.id = due.id RETURNING d.*
         )
         SELECT id, kind, event_id::text AS "eventId", recommendation_id AS "recommendationId",
                digest_day::text AS "digestDay", attempts AS attempt, expires_at <= now() AS expired
         FROM taken ORDER BY event_id NULLS FIRST`,
        [tenantId, id, most],
      );
      return deliveries.length > 0 ? { channel, deliveries } : null;
    });
  }

  /** Records how an attempt ended; answers how many of the deliveries were still this attempt's. */
  async finish(
    { tenantId, id }: DueChannel,
    deliveries: readonly ClaimedDelivery[],
    outcome: DeliveryOutcome,
  ): Promise<number> {
    return this.database.transaction(oneTenant(tenantId), async (tx) => {
      const finished = await tx.query(
        `UPDATE deliveries d SET status = $4, reason = $5, action = $6, response_status = $7,
           next_attempt_at = now() + $8 * interval '1 millisecond',
           finished_at = CASE WHEN $4 <> 'pending' THEN now() END,
           external_ref = coalesce($9, external_ref), external_url = coalesce($10, external_url)
         FROM unnest($2::uuid[], $3::integer[]) AS a (id, attempt)
         WHERE d.tenant_id = $1 AND d.id = a.id AND d.attempts = a.attempt AND d.status = 'pending' RETURNING d.id`,
        [
          tenantId,
          deliveries.map((delivery) => delivery.id),
          deliveries.map((delivery) => delivery.attempt),
          outcome.status,
          outcome.reason,
          outcome.action,
          outcome.responseStatus,
          outcome.retryAfterMs ?? 0,
          outcome.ticket?.key ?? null,
          outcome.ticket?.url ?? null,
        ],
      );
      // A receiver that has been away for a day is away for all that has waited as long.
      if (outcome.status === 'failed' && deliveries.some(({ expired }) => expired)) {
        await tx.query(
          `UPDATE deliveries SET status = 'failed', reason = $3, action = $4, finished_at = now()
           WHERE tenant_id = $1 AND channel_id = $2 AND status = 'pending' AND expires_at <= now()
             AND next_attempt_at <= now()`,
          [tenantId, id, outcome.reason, outcome.action],
        );
      }
      return finished.length;
    });
  }

  /** Makes the digests of a day, of what was collected before `cut`; whoever asks again makes none. */
  async makeDigests(day: Day, cut: Date): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query(
        `WITH due AS (
           SELECT DISTINCT d.tenant_id, d.channel_id
           FROM deliveries d JOIN delivery_channels c ON c.tenant_id = d.tenant_id AND c.id = d.channel_id
           WHERE d.status = 'collected' AND d.digest_id IS NULL AND d.created_at < $2 AND c.enabled AND ${READY}
         ), made AS (
           INSERT INTO deliveries (tenant_id, channel_id, kind, digest_day)
           SELECT tenant_id, channel_id, 'digest', $1 FROM due
           ON CONFLICT (tenant_id, channel_id, digest_day) WHERE digest_day IS NOT NULL DO NOTHING
           RETURNING tenant_id, channel_id, id
         )
         UPDATE deliveries d SET digest_id = made.id FROM made
         WHERE d.tenant_id = made.tenant_id AND d.channel_id = made.channel_id AND d.status = 'collected'
           AND d.digest_id IS NULL AND d.created_at < $2`,
        [day, cut],
      ),
    );
  }
}

import type { ChannelKind, EventKind } from '#core/delivery.js';
import type { Day } from '#core/day.js';
import { ConflictError, NotFoundError } from '#core/errors.js';
import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export type DeliveryStatus = 'pending' | 'collected' | 'delivered' | 'failed';

export interface DeliveryRow {
  id: string;
  tenant_id: string;
  channel_id: string;
  channel_name: string;
  channel_kind: ChannelKind;
  kind: 'event' | 'digest' | 'test';
  event_id: string | null;
  event_kind: EventKind | null;
  recommendation_id: string | null;
  digest_id: string | null;
  digest_day: Day | null;
  status: DeliveryStatus;
  attempts: number;
  next_attempt_at: Date | null;
  finished_at: Date | null;
  reason: string | null;
  action: string | null;
  response_status: number | null;
  external_ref: string | null;
  external_url: string | null;
  created_at: Date;
}

export interface DeliveryFilter {
  tenant_id?: string;
  channel_id?: string;
  recommendation_id?: string;
  status?: string;
}

const COLUMNS = `d.id, d.tenant_id, d.channel_id, c.name AS channel_name, c.kind AS channel_kind, d.kind,
  d.event_id::text AS event_id, e.kind AS event_kind, d.recommendation_id, d.digest_id, d.digest_day::text AS digest_day,
  d.status, d.attempts, CASE WHEN d.status = 'pending' THEN d.next_attempt_at END AS next_attempt_at, d.finished_at,
  d.reason, d.action, d.response_status, d.external_ref, d.external_url, d.created_at`;
const FROM = `deliveries d JOIN delivery_channels c ON c.tenant_id = d.tenant_id AND c.id = d.channel_id
  LEFT JOIN recommendation_events e ON e.tenant_id = d.tenant_id AND e.id = d.event_id`;

/** What was told to whom, and what became of it. Sending is `DeliveryOutboxRepository`'s. */
export class DeliveryRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  list(scope: TenantScope, filter: DeliveryFilter, request: ListRequest): Promise<ListPage<DeliveryRow>> {
    const conditions = new Conditions()
      .within(scope, 'd.tenant_id')
      .add('d.tenant_id = ?', filter.tenant_id)
      .add('d.channel_id = ?', filter.channel_id)
      .add('d.recommendation_id = ?', filter.recommendation_id)
      .add('d.status = ?', filter.status);
    return readList<DeliveryRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: FROM,
        sortable: { created_at: { expression: 'd.created_at', type: 'timestamptz' } },
        defaultSort: '-created_at',
        tieBreakers: [{ expression: 'd.id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  async get(scope: TenantScope, id: string): Promise<DeliveryRow> {
    const [row] = await this.database.query<DeliveryRow>(scope, `SELECT ${COLUMNS} FROM ${FROM} WHERE d.id = $1`, [id]);
    if (!row) throw new NotFoundError(`There is no delivery ${id}.`);
    return row;
  }

  /** Has a failed delivery tried again for another day, under the same id. Throws `ConflictError` for any other. */
  async retry(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const [delivery] = await tx.query<{ tenant_id: string; status: DeliveryStatus; removed: boolean }>(
        `SELECT d.tenant_id, d.status, c.removed_at IS NOT NULL AS removed FROM ${FROM} WHERE d.id = $1 FOR UPDATE OF d`,
        [id],
      );
      if (!delivery) throw new NotFoundError(`There is no delivery ${id}.`);
      if (delivery.status !== 'failed') {
        throw new ConflictError(`The delivery is ${delivery.status}. Only a failed one can be retried.`);
      }
      if (delivery.removed) throw new ConflictError('The channel of the delivery was removed.');
      await tx.query(
        `UPDATE deliveries SET status = 'pending', next_attempt_at = now(), expires_at = now() + interval '1 day', finished_at = NULL
         WHERE tenant_id = $1 AND id = $2`,
        [delivery.tenant_id, id],
      );
      await this.auditLogs.append(tx, actor, {
        tenantId: delivery.tenant_id,
        action: 'delivery.retry',
        objectType: 'delivery',
        objectId: id,
      });
    });
  }
}

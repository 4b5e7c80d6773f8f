import { maskedUrl, type ChannelFilter, type ChannelKind } from '#core/delivery.js';
import { ConflictError, InvalidInputError, NotFoundError } from '#core/errors.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export interface DeliveryChannelRow {
  id: string;
  tenant_id: string;
  name: string;
  kind: ChannelKind;
  /** Masked: the rest of it may be a secret. */
  url: string | null;
  secret_ref: string;
  options: Record<string, unknown>;
  filter: ChannelFilter;
  digest: 'each' | 'daily';
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
}

export type NewDeliveryChannel = Omit<DeliveryChannelRow, 'id' | 'created_at' | 'updated_at'>;
export type DeliveryChannelChange = Partial<Omit<NewDeliveryChannel, 'tenant_id' | 'kind'>>;
export interface DeliveryChannelFilter {
  tenant_id?: string;
  kind?: string;
}

const COLUMNS =
  'c.id, c.tenant_id, c.name, c.kind, c.url, c.secret_ref, c.options, c.filter, c.digest, c.enabled, c.created_at, c.updated_at';
/** A channel of a removed tenant is as gone as a removed one. */
const VISIBLE =
  'c.removed_at IS NULL AND EXISTS (SELECT FROM tenants t WHERE t.id = c.tenant_id AND t.removed_at IS NULL)';
const UNIQUE_VIOLATION = '23505';

/** Where tenants are told of their recommendations. No URL leaves it whole. */
export class DeliveryChannelRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  async list(
    scope: TenantScope,
    filter: DeliveryChannelFilter,
    request: ListRequest,
  ): Promise<ListPage<DeliveryChannelRow>> {
    const conditions = new Conditions()
      .add(VISIBLE)
      .add('c.tenant_id = ?', filter.tenant_id)
      .add('c.kind = ?', filter.kind);
    const page = await readList<DeliveryChannelRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: 'delivery_channels c',
        sortable: {
          name: { expression: 'c.name', type: 'text' },
          created_at: { expression: 'c.created_at', type: 'timestamptz' },
        },
        defaultSort: 'name',
        tieBreakers: [{ expression: 'c.id', type: 'uuid' }],
      },
      conditions,
      request,
    );
    return { ...page, items: page.items.map(shown) };
  }

  async get(scope: TenantScope, id: string): Promise<DeliveryChannelRow> {
    const [row] = await this.database.query<DeliveryChannelRow>(
      scope,
      `SELECT ${COLUMNS} FROM delivery_channels c WHERE c.id = $1 AND ${VISIBLE}`,
      [id],
    );
    if (!row) throw new NotFoundError(`There is no delivery channel ${id}.`);
    return shown(row);
  }

  /** Makes a channel; throws `ConflictError` when the tenant has one of that name. */
  async create(scope: TenantScope, channel: NewDeliveryChannel, actor: Actor): Promise<DeliveryChannelRow> {
    return this.database.transaction(scope, async (tx) => {
      const tenants = await tx.query('SELECT id FROM tenants WHERE id = $1 AND removed_at IS NULL', [
        channel.tenant_id,
      ]);
      if (tenants.length === 0) {
        throw new InvalidInputError('The tenant is not registered.', [
          { field: 'tenant_id', message: 'is not a registered tenant' },
        ]);
      }
      const [created] = await tx
        .query<DeliveryChannelRow>(
          `INSERT INTO delivery_channels AS c (tenant_id, name, kind, url, secret_ref, options, filter, digest, enabled)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
          [
            channel.tenant_id,
            channel.name,
            channel.kind,
            channel.url,
            channel.secret_ref,
            channel.options,
            channel.filter,
            channel.digest,
            channel.enabled,
          ],
        )
        .catch((error: unknown) => nameTaken(error, channel.name));
      await this.audit(tx, actor, 'delivery_channel.create', created!, { after: shown(channel) });
      return shown(created!);
    });
  }

  async change(
    scope: TenantScope,
    id: string,
    change: DeliveryChannelChange,
    actor: Actor,
  ): Promise<DeliveryChannelRow> {
    return this.database.transaction(scope, async (tx) => {
      const [before] = await tx.query<DeliveryChannelRow>(
        `SELECT ${COLUMNS} FROM delivery_channels c WHERE c.id = $1 AND ${VISIBLE} FOR UPDATE OF c`,
        [id],
      );
      if (!before) throw new NotFoundError(`There is no delivery channel ${id}.`);
      const after = { ...before, ...change };
      const [changed] = await tx
        .query<DeliveryChannelRow>(
          `UPDATE delivery_channels c SET name = $2, url = $3, secret_ref = $4, options = $5, filter = $6, digest = $7,
             enabled = $8
           WHERE c.id = $1 RETURNING ${COLUMNS}`,
          [id, after.name, after.url, after.secret_ref, after.options, after.filter, after.digest, after.enabled],
        )
        .catch((error: unknown) => nameTaken(error, after.name));
      await this.audit(tx, actor, 'delivery_channel.update', before, {
        before: shown(before),
        after: 'url' in change ? shown(change as DeliveryChannelRow) : change,
      });
      return shown(changed!);
    });
  }

  /** Marks the channel removed: what it was told stays known, what waits is given up. */
  async remove(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const [removed] = await tx.query<DeliveryChannelRow>(
        `UPDATE delivery_channels c SET removed_at = now() WHERE c.id = $1 AND ${VISIBLE} RETURNING ${COLUMNS}`,
        [id],
      );
      if (!removed) throw new NotFoundError(`There is no delivery channel ${id}.`);
      await tx.query(
        `UPDATE deliveries SET status = 'failed', finished_at = now(), reason = 'The channel was removed.', action = NULL
         WHERE tenant_id = $1 AND channel_id = $2 AND status IN ('pending', 'collected') AND digest_id IS NULL`,
        [removed.tenant_id, id],
      );
      await this.audit(tx, actor, 'delivery_channel.delete', removed);
    });
  }

  /** Queues a message that only says that it arrived; answers its id. */
  async queueTest(scope: TenantScope, id: string, actor: Actor): Promise<string> {
    return this.database.transaction(scope, async (tx) => {
      const [channel] = await tx.query<DeliveryChannelRow>(
        `SELECT ${COLUMNS} FROM delivery_channels c WHERE c.id = $1 AND ${VISIBLE}`,
        [id],
      );
      if (!channel) throw new NotFoundError(`There is no delivery channel ${id}.`);
      const [delivery] = await tx.query<{ id: string }>(
        `INSERT INTO deliveries (tenant_id, channel_id, kind) VALUES ($1, $2, 'test') RETURNING id`,
        [channel.tenant_id, id],
      );
      await this.audit(tx, actor, 'delivery_channel.test', channel, { delivery_id: delivery!.id });
      return delivery!.id;
    });
  }

  private audit(
    tx: Transaction,
    actor: Actor,
    action: string,
    row: DeliveryChannelRow,
    changes?: Record<string, unknown>,
  ) {
    return this.auditLogs.append(tx, actor, {
      tenantId: row.tenant_id,
      action,
      objectType: 'delivery_channel',
      objectId: row.id,
      changes,
    });
  }
}

function shown<Row extends { url: string | null }>(row: Row): Row {
  return { ...row, url: row.url && maskedUrl(row.url) };
}

function nameTaken(error: unknown, name: string): never {
  if ((error as { code?: unknown }).code !== UNIQUE_VIOLATION) throw error;
  throw new ConflictError(`The tenant has a delivery channel named "${name}" already.`);
}

import { ConflictError, InvalidInputError, NotFoundError } from '#core/errors.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { Conditions, containing, readList, type ListPage, type ListRequest } from '../list.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export interface SubscriptionRow {
  id: string;
  tenant_id: string;
  provider: string;
  subscription_id: string;
  display_name: string;
  state: string;
  quota_id: string | null;
  billing_scope: string | null;
  home_tenant_id: string | null;
  managed_by: string[];
  source: 'manual' | 'discovery' | 'import';
  created_at: Date;
  updated_at: Date;
}

export interface NewSubscription {
  tenant_id: string;
  provider: string;
  subscription_id: string;
  display_name?: string;
  billing_scope?: string | null;
}
export interface SubscriptionChange {
  display_name?: string;
  billing_scope?: string | null;
}

export interface SubscriptionFilter {
  tenant_id?: string;
  provider?: string;
  subscription_id?: string;
  state?: string;
  q?: string;
}

const COLUMNS =
  's.id, s.tenant_id, s.provider, s.subscription_id, s.display_name, s.state, s.quota_id, s.billing_scope, s.home_tenant_id, s.managed_by, s.source, s.created_at, s.updated_at';
/** A subscription of a removed tenant is as gone as a removed one. */
const VISIBLE =
  's.removed_at IS NULL AND EXISTS (SELECT FROM tenants t WHERE t.id = s.tenant_id AND t.removed_at IS NULL)';

/** The registry of subscriptions (for other clouds: sub-accounts), found by discovery, imports or people. */
export class SubscriptionRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  list(scope: TenantScope, filter: SubscriptionFilter, request: ListRequest): Promise<ListPage<SubscriptionRow>> {
    const conditions = new Conditions()
      .add(VISIBLE)
      .add('s.tenant_id = ?', filter.tenant_id)
      .add('s.provider = ?', filter.provider)
      .add('s.subscription_id = ?', filter.subscription_id?.toLowerCase())
      .add('s.state = ?', filter.state)
      .add('s.display_name ILIKE ?', containing(filter.q));
    return readList<SubscriptionRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: 'subscriptions s',
        sortable: {
          display_name: { expression: 's.display_name', type: 'text' },
          subscription_id: { expression: 's.subscription_id', type: 'text' },
          created_at: { expression: 's.created_at', type: 'timestamptz' },
        },
        defaultSort: 'display_name',
        tieBreakers: [{ expression: 's.id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  async get(scope: TenantScope, id: string): Promise<SubscriptionRow> {
    const [row] = await this.database.query<SubscriptionRow>(
      scope,
      `SELECT ${COLUMNS} FROM subscriptions s WHERE s.id = $1 AND ${VISIBLE}`,
      [id],
    );
    if (!row) throw new NotFoundError(`There is no subscription ${id}.`);
    return row;
  }

  /** Which of these provider ids are no subscription in the scope, or not one of that tenant. */
  async unregistered(
    scope: TenantScope,
    tenantId: string | null,
    subscriptionIds: readonly string[],
  ): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      scope,
      `SELECT asked.id FROM unnest($1::text[]) AS asked (id)
       WHERE NOT EXISTS (SELECT FROM subscriptions s WHERE s.subscription_id = lower(asked.id)
                         AND ($2::uuid IS NULL OR s.tenant_id = $2) AND ${VISIBLE})`,
      [subscriptionIds, tenantId],
    );
    return rows.map(({ id }) => id);
  }

  /** Registers a subscription; an explicit POST revives a removed one. */
  async create(scope: TenantScope, subscription: NewSubscription, actor: Actor): Promise<SubscriptionRow> {
    return this.database.transaction(scope, async (tx) => {
      const tenants = await tx.query('SELECT id FROM tenants WHERE id = $1 AND removed_at IS NULL', [
        subscription.tenant_id,
      ]);
      if (tenants.length === 0) {
        throw new InvalidInputError('The tenant is not registered.', [
          { field: 'tenant_id', message: 'is not a tenant you can see' },
        ]);
      }
      const subscriptionId = subscription.subscription_id.toLowerCase();
      const [created] = await tx.query<SubscriptionRow>(
        `INSERT INTO subscriptions AS s (tenant_id, provider, subscription_id, display_name, billing_scope, source)
         VALUES ($1, $2, $3, $4, $5, 'manual')
         ON CONFLICT (tenant_id, provider, subscription_id) DO UPDATE
           SET display_name = excluded.display_name, billing_scope = excluded.billing_scope, removed_at = NULL
           WHERE s.removed_at IS NOT NULL
         RETURNING ${COLUMNS}`,
        [
          subscription.tenant_id,
          subscription.provider,
          subscriptionId,
          subscription.display_name ?? subscriptionId,
          subscription.billing_scope ?? null,
        ],
      );
      if (!created) throw new ConflictError(`The subscription ${subscriptionId} is registered already.`);
      await this.audit(tx, actor, 'subscription.create', created, { after: subscription });
      return created;
    });
  }

  async change(scope: TenantScope, id: string, change: SubscriptionChange, actor: Actor): Promise<SubscriptionRow> {
    return this.database.transaction(scope, async (tx) => {
      const [before] = await tx.query<SubscriptionRow>(
        `SELECT ${COLUMNS} FROM subscriptions s WHERE s.id = $1 AND ${VISIBLE} FOR UPDATE OF s`,
        [id],
      );
      if (!before) throw new NotFoundError(`There is no subscription ${id}.`);
      const after = { ...before, ...change };
      const [changed] = await tx.query<SubscriptionRow>(
        `UPDATE subscriptions s SET display_name = $2, billing_scope = $3 WHERE s.id = $1 RETURNING ${COLUMNS}`,
        [id, after.display_name, after.billing_scope],
      );
      await this.audit(tx, actor, 'subscription.update', before, { before, after: change });
      return changed!;
    });
  }

  /** Marks the subscription removed: ingestion stops, discovery does not revive it, ledger and audit stay. */
  async remove(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const [removed] = await tx.query<SubscriptionRow>(
        `UPDATE subscriptions s SET removed_at = now() WHERE s.id = $1 AND ${VISIBLE} RETURNING ${COLUMNS}`,
        [id],
      );
      if (!removed) throw new NotFoundError(`There is no subscription ${id}.`);
      await this.audit(tx, actor, 'subscription.delete', removed);
    });
  }

  private audit(
    tx: Transaction,
    actor: Actor,
    action: string,
    row: SubscriptionRow,
    changes?: Record<string, unknown>,
  ) {
    return this.auditLogs.append(tx, actor, {
      tenantId: row.tenant_id,
      action,
      objectType: 'subscription',
      objectId: row.id,
      changes,
    });
  }
}

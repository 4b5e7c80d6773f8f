import { ConflictError, InvalidInputError, NotFoundError } from '#core/errors.js';
import type { TargetSubscription } from '#core/connector.js';
import type { Day } from '#core/day.js';
import type { SubscriptionRecord } from '#core/records.js';
import { ALL_TENANTS, type TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { parseDayRanges } from '../day-ranges.js';
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
/** A sub-account found in an imported file. */
export interface ImportedSubscription {
  provider: string;
  subscriptionId: string;
  displayName: string;
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
const ARM = 'Microsoft';
/** A discovered subscription that the provider no longer lists: moved, deleted for good, or out of the credential's sight. */
export const UNLISTED = 'Unlisted';
/** How long a month that Azure could not serve is left alone: asking for it every day would use up the quota. */
const UNAVAILABLE_LASTS = `interval '7 days'`;
/** SQL: ingestion may read the subscription under this alias. */
const READABLE = (alias: string) =>
  `${alias}.source <> 'import' AND ${alias}.removed_at IS NULL AND ${alias}.state <> '${UNLISTED}'`;

/** SQL: subscription `s` is delegated here, and another registered tenant reads it: its own, else the oldest. */
export const READ_ELSEWHERE = `s.source <> 'import' AND EXISTS (
  SELECT FROM subscriptions o
  JOIN tenants mine ON mine.id = s.tenant_id
  JOIN tenants theirs ON theirs.id = o.tenant_id AND theirs.removed_at IS NULL
  WHERE o.provider = s.provider AND o.subscription_id = s.subscription_id AND o.tenant_id <> s.tenant_id
    AND ${READABLE('o')} AND s.home_tenant_id <> mine.azure_tenant_id
    AND (o.home_tenant_id = theirs.azure_tenant_id
         OR (theirs.created_at, theirs.id) < (mine.created_at, mine.id)))`;

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

  /**
   * Azure subscriptions of a tenant that ingestion may read, with what it and others published of their costs. One that
   * several registered tenants see (Azure Lighthouse) is read once: under the tenant that it lives in, else the oldest.
   */
  async targets(tenantId: string, only: readonly string[] | null = null): Promise<TargetSubscription[]> {
    const rows = await this.database.query<{
      subscription_id: string;
      state: string;
      quota_id: string | null;
      covered: string;
      read_at: Date | null;
      unavailable: string;
      owned_elsewhere: Day[];
    }>(
      // Whether another tenant reads a delegated subscription is beyond this tenant's own scope.
      ALL_TENANTS,
      `WITH owned AS (
         SELECT DISTINCT t.subscription_id, d.month
         FROM cost_datasets d JOIN cost_daily_totals t ON t.tenant_id = d.tenant_id AND t.dataset_id = d.id
         WHERE d.tenant_id = $1 AND d.source <> $3 AND t.provider = $2 AND t.subscription_id IS NOT NULL
       )
       SELECT s.subscription_id, s.state, s.quota_id,
              (SELECT coalesce(range_agg(d.covered), '{}')::text FROM cost_datasets d
               WHERE d.tenant_id = s.tenant_id AND d.source = $3 AND d.subscription_id = s.subscription_id) AS covered,
              (SELECT max(d.published_at) FROM cost_datasets d
               WHERE d.tenant_id = s.tenant_id AND d.source = $3 AND d.subscription_id = s.subscription_id) AS read_at,
              (SELECT coalesce(range_agg(daterange(w.from_day, w.to_day, '[]')), '{}')::text FROM ingestion_windows w
               WHERE w.tenant_id = s.tenant_id AND w.subscription_id = s.subscription_id AND w.connector = $3
                 AND w.status = 'unavailable' AND w.finished_at > now() - ${UNAVAILABLE_LASTS}) AS unavailable,
              ARRAY(SELECT o.month::text FROM owned o WHERE o.subscription_id = s.subscription_id ORDER BY 1) AS owned_elsewhere
       FROM subscriptions s
       WHERE s.tenant_id = $1 AND s.provider = $2 AND ${READABLE('s')} AND NOT (${READ_ELSEWHERE})
         AND ($4::text[] IS NULL OR s.subscription_id = ANY($4))
       ORDER BY s.subscription_id`,
      [tenantId, ARM, 'cost-management', only],
    );
    return rows.map((row) => ({
      subscriptionId: row.subscription_id,
      state: row.state,
      quotaId: row.quota_id,
      costsCovered: parseDayRanges(row.covered),
      costsUnavailable: parseDayRanges(row.unavailable),
      costsReadAt: row.read_at?.toISOString() ?? null,
      costMonthsOwnedElsewhere: row.owned_elsewhere,
    }));
  }

  /** Brings the registry up to what discovery saw. What people removed stays removed; what a whole list lacks is unlisted. */
  async storeDiscovered(
    tx: Transaction,
    tenantId: string,
    seen: readonly SubscriptionRecord[],
    isComplete: boolean,
  ): Promise<void> {
    // Pages may overlap, and one statement may not touch a row twice.
    const records = [...new Map(seen.map((record) => [record.subscriptionId, record])).values()];
    await tx.query(
      `INSERT INTO subscriptions (tenant_id, provider, subscription_id, display_name, state, quota_id, home_tenant_id, managed_by,
                                  listed_at, source)
       SELECT DISTINCT ON (subscription_id) $1::uuid, $2, subscription_id, display_name, state, quota_id, home_tenant_id,
              ARRAY(SELECT jsonb_array_elements_text(managed_by)), now(), 'discovery'
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
         AS found (subscription_id, display_name, state, quota_id, home_tenant_id, managed_by)
       ON CONFLICT (tenant_id, provider, subscription_id) DO UPDATE
         SET display_name = excluded.display_name, state = excluded.state, quota_id = excluded.quota_id,
             home_tenant_id = excluded.home_tenant_id, managed_by = excluded.managed_by, listed_at = excluded.listed_at,
             source = CASE WHEN subscriptions.source = 'import' THEN excluded.source ELSE subscriptions.source END`,
      [
        tenantId,
        ARM,
        records.map((record) => record.subscriptionId),
        records.map((record) => record.displayName),
        records.map((record) => record.state),
        records.map((record) => record.quotaId),
        records.map((record) => record.homeTenantId),
        records.map((record) => JSON.stringify(record.managedBy)),
      ],
    );
    // An empty list is what a credential without any role gets: that says nothing about the subscriptions.
    if (!isComplete || records.length === 0) return;
    await tx.query(
      `UPDATE subscriptions SET state = $3
       WHERE tenant_id = $1 AND provider = $2 AND source = 'discovery' AND state <> $3
         AND NOT subscription_id = ANY($4::text[])`,
      [tenantId, ARM, UNLISTED, records.map((record) => record.subscriptionId)],
    );
  }

  /** Makes the sub-accounts of imported files known; what discovery or people registered stays as it is. */
  async storeImported(tx: Transaction, tenantId: string, found: readonly ImportedSubscription[]): Promise<void> {
    await tx.query(
      `INSERT INTO subscriptions (tenant_id, provider, subscription_id, display_name, source)
       SELECT $1, found.*, 'import' FROM unnest($2::text[], $3::text[], $4::text[]) AS found
       ON CONFLICT (tenant_id, provider, subscription_id) DO NOTHING`,
      [
        tenantId,
        found.map(({ provider }) => provider),
        found.map(({ subscriptionId }) => subscriptionId),
        found.map(({ displayName }) => displayName),
      ],
    );
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

import { ConflictError, NotFoundError } from '#core/errors.js';
import type { TargetTenant } from '#core/connector.js';
import { ALL_TENANTS, type TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, containing, readList, type ListPage, type ListRequest } from '../list.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export interface TenantRow {
  id: string;
  name: string;
  type: 'internal' | 'external';
  azure_tenant_id: string;
  credential_ref: string | null;
  created_at: Date;
  updated_at: Date;
}

export type NewTenant = Pick<TenantRow, 'name' | 'type' | 'azure_tenant_id'> & { credential_ref?: string | null };
export type TenantChange = Partial<Pick<TenantRow, 'name' | 'type' | 'credential_ref'>>;
export interface TenantFilter {
  type?: string;
  azure_tenant_id?: string;
  q?: string;
}

const COLUMNS = 'id, name, type, azure_tenant_id, credential_ref, created_at, updated_at';

/** The registry of tenants. A removed tenant is invisible; registering it again brings it back with its history. */
export class TenantRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  list(scope: TenantScope, filter: TenantFilter, request: ListRequest): Promise<ListPage<TenantRow>> {
    const conditions = new Conditions()
      .add('removed_at IS NULL')
      .add('type = ?', filter.type)
      .add('azure_tenant_id = ?', filter.azure_tenant_id?.toLowerCase())
      .add('name ILIKE ?', containing(filter.q));
    return readList<TenantRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: 'tenants',
        sortable: {
          name: { expression: 'name', type: 'text' },
          created_at: { expression: 'created_at', type: 'timestamptz' },
        },
        defaultSort: 'name',
        tieBreakers: [{ expression: 'id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  async get(scope: TenantScope, id: string): Promise<TenantRow> {
    const [tenant] = await this.database.query<TenantRow>(
      scope,
      `SELECT ${COLUMNS} FROM tenants WHERE id = $1 AND removed_at IS NULL`,
      [id],
    );
    if (!tenant) throw new NotFoundError(`There is no tenant ${id}.`);
    return tenant;
  }

  /** Registers a tenant; throws `ConflictError` when its `azure_tenant_id` is registered already. */
  async create(scope: TenantScope, tenant: NewTenant, actor: Actor): Promise<TenantRow> {
    return this.database.transaction(scope, async (tx) => {
      const [created] = await tx.query<TenantRow>(
        `INSERT INTO tenants (name, type, azure_tenant_id, credential_ref) VALUES ($1, $2, $3, $4)
         ON CONFLICT (azure_tenant_id) DO UPDATE
           SET name = excluded.name, type = excluded.type, credential_ref = excluded.credential_ref, removed_at = NULL
           WHERE tenants.removed_at IS NOT NULL
         RETURNING ${COLUMNS}`,
        [tenant.name, tenant.type, tenant.azure_tenant_id.toLowerCase(), tenant.credential_ref ?? null],
      );
      if (!created)
        throw new ConflictError(`A tenant with azure_tenant_id ${tenant.azure_tenant_id} is registered already.`);
      await this.auditLogs.append(tx, actor, {
        tenantId: created.id,
        action: 'tenant.create',
        objectType: 'tenant',
        objectId: created.id,
        changes: { after: tenant },
      });
      return created;
    });
  }

  async change(scope: TenantScope, id: string, change: TenantChange, actor: Actor): Promise<TenantRow> {
    return this.database.transaction(scope, async (tx) => {
      const [before] = await tx.query<TenantRow>(
        `SELECT ${COLUMNS} FROM tenants WHERE id = $1 AND removed_at IS NULL FOR UPDATE`,
        [id],
      );
      if (!before) throw new NotFoundError(`There is no tenant ${id}.`);
      const after = { ...before, ...change };
      const [changed] = await tx.query<TenantRow>(
        `UPDATE tenants SET name = $2, type = $3, credential_ref = $4 WHERE id = $1 RETURNING ${COLUMNS}`,
        [id, after.name, after.type, after.credential_ref],
      );
      await this.auditLogs.append(tx, actor, {
        tenantId: id,
        action: 'tenant.update',
        objectType: 'tenant',
        objectId: id,
        changes: { before, after: change },
      });
      return changed!;
    });
  }

  /** Marks the tenant removed: ingestion stops, ledger and audit stay. */
  async remove(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const removed = await tx.query(
        'UPDATE tenants SET removed_at = now() WHERE id = $1 AND removed_at IS NULL RETURNING id',
        [id],
      );
      if (removed.length === 0) throw new NotFoundError(`There is no tenant ${id}.`);
      await this.auditLogs.append(tx, actor, {
        tenantId: id,
        action: 'tenant.delete',
        objectType: 'tenant',
        objectId: id,
      });
    });
  }

  /** Tenants to read, or the one asked for; removed ones never. */
  async targets(tenantId: string | null): Promise<TargetTenant[]> {
    const rows = await this.database.query<{ id: string; azure_tenant_id: string; credential_ref: string | null }>(
      ALL_TENANTS,
      `SELECT id, azure_tenant_id, credential_ref FROM tenants
       WHERE removed_at IS NULL AND ($1::uuid IS NULL OR id = $1) ORDER BY created_at, id`,
      [tenantId],
    );
    return rows.map((row) => ({ id: row.id, azureTenantId: row.azure_tenant_id, credentialRef: row.credential_ref }));
  }

  /** The tenant by our id or by Entra's, whichever a person has at hand; null when there is none. */
  async find(idOrAzureTenantId: string): Promise<TargetTenant | null> {
    const [row] = await this.database.query<{ id: string; azure_tenant_id: string; credential_ref: string | null }>(
      ALL_TENANTS,
      `SELECT id, azure_tenant_id, credential_ref FROM tenants
       WHERE removed_at IS NULL AND (id::text = lower($1) OR azure_tenant_id = lower($1))`,
      [idOrAzureTenantId],
    );
    return row ? { id: row.id, azureTenantId: row.azure_tenant_id, credentialRef: row.credential_ref } : null;
  }
}

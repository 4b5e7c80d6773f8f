import type { TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';

/** Who acts: a caller of the API, or one of our own processes. */
export interface Actor {
  tenantId: string | null;
  id: string;
  name: string | null;
  correlationId: string | null;
}

export interface AuditEntry {
  /** Null for acts over all tenants. */
  tenantId: string | null;
  action: string;
  objectType: string;
  objectId: string;
  changes?: Record<string, unknown>;
}

export interface AuditLogRow {
  id: string;
  tenant_id: string | null;
  actor_tenant_id: string | null;
  actor_id: string;
  actor_name: string | null;
  action: string;
  object_type: string;
  object_id: string;
  changes: Record<string, unknown>;
  correlation_id: string | null;
  created_at: Date;
}

export interface AuditLogFilter {
  tenant_id?: string;
  action?: string;
  object_type?: string;
  object_id?: string;
  actor_id?: string;
}

/** The append-only record of every write; entries are made in the transaction of the write itself. */
export class AuditLogRepository {
  constructor(private readonly database: Database) {}

  async append(tx: Transaction, actor: Actor, entry: AuditEntry): Promise<void> {
    await tx.query(
      `INSERT INTO audit_logs (tenant_id, actor_tenant_id, actor_id, actor_name, correlation_id, action, object_type, object_id, changes)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        entry.tenantId,
        actor.tenantId,
        actor.id,
        actor.name,
        actor.correlationId,
        entry.action,
        entry.objectType,
        entry.objectId,
        entry.changes ?? {},
      ],
    );
  }

  list(scope: TenantScope, filter: AuditLogFilter, request: ListRequest): Promise<ListPage<AuditLogRow>> {
    const conditions = new Conditions()
      .add('tenant_id = ?', filter.tenant_id)
      .add('action = ?', filter.action)
      .add('object_type = ?', filter.object_type)
      .add('object_id = ?', filter.object_id)
      .add('actor_id = ?', filter.actor_id);
    return readList<AuditLogRow>(
      this.database,
      scope,
      {
        columns:
          'id, tenant_id, actor_tenant_id, actor_id, actor_name, action, object_type, object_id, changes, correlation_id, created_at',
        from: 'audit_logs',
        sortable: { created_at: { expression: 'created_at', type: 'timestamptz' } },
        defaultSort: '-created_at',
        tieBreakers: [{ expression: 'id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }
}

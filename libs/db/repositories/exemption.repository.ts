import { NotFoundError } from '#core/errors.js';
import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export interface ExemptionRow {
  id: string;
  tenant_id: string;
  rule: string | null;
  subscription_id: string | null;
  resource_group: string | null;
  resource_id: string | null;
  reason: string;
  author_id: string;
  author_name: string | null;
  expires_at: Date | null;
  ended_at: Date | null;
  created_at: Date;
}

export interface NewExemption {
  tenant_id: string;
  rule?: string;
  subscription_id?: string;
  resource_group?: string;
  resource_id?: string;
  reason: string;
  expires_at?: Date;
}

const COLUMNS = `id, tenant_id, rule, subscription_id, resource_group, resource_id, reason, author_id, author_name, expires_at,
  ended_at, created_at`;

/** What tenants do not want to hear about: a rule, a subscription, a resource group, a resource, or where they meet. */
export class ExemptionRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  list(
    scope: TenantScope,
    filter: { tenant_id?: string; rule?: string; active?: boolean },
    request: ListRequest,
  ): Promise<ListPage<ExemptionRow>> {
    const conditions = new Conditions()
      .within(scope, 'tenant_id')
      .add('tenant_id = ?', filter.tenant_id)
      .add('rule = ?', filter.rule)
      .add('(ended_at IS NULL) = ?', filter.active);
    return readList<ExemptionRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: 'recommendation_exemptions',
        sortable: { created_at: { expression: 'created_at', type: 'timestamptz' } },
        defaultSort: '-created_at',
        tieBreakers: [{ expression: 'id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  /** Throws `NotFoundError` for a tenant outside the scope. */
  async create(scope: TenantScope, exemption: NewExemption, actor: Actor): Promise<ExemptionRow> {
    return this.database.transaction(scope, async (tx) => {
      const tenants = await tx.query('SELECT id FROM tenants WHERE id = $1 AND removed_at IS NULL', [
        exemption.tenant_id,
      ]);
      if (tenants.length === 0) throw new NotFoundError(`There is no tenant ${exemption.tenant_id}.`);
      const [created] = await tx.query<ExemptionRow>(
        `INSERT INTO recommendation_exemptions (tenant_id, rule, subscription_id, resource_group, resource_id, reason,
           author_id, author_name, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING ${COLUMNS}`,
        [
          exemption.tenant_id,
          exemption.rule ?? null,
          exemption.subscription_id?.toLowerCase() ?? null,
          exemption.resource_group?.toLowerCase() ?? null,
          exemption.resource_id?.toLowerCase() ?? null,
          exemption.reason,
          actor.id,
          actor.name,
          exemption.expires_at ?? null,
        ],
      );
      await this.auditLogs.append(tx, actor, {
        tenantId: exemption.tenant_id,
        action: 'exemption.create',
        objectType: 'exemption',
        objectId: created!.id,
        changes: { after: exemption },
      });
      return created!;
    });
  }

  /** Ends an exemption; its row stays, so that what it hid can be explained. */
  async end(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const [ended] = await tx.query<{ tenant_id: string }>(
        'UPDATE recommendation_exemptions SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING tenant_id',
        [id],
      );
      if (!ended) throw new NotFoundError(`There is no exemption ${id} in force.`);
      await this.auditLogs.append(tx, actor, {
        tenantId: ended.tenant_id,
        action: 'exemption.end',
        objectType: 'exemption',
        objectId: id,
      });
    });
  }
}

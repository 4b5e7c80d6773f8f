import { NotFoundError } from '#core/errors.js';
import type { RuleSetting } from '#core/facts.js';
import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { OF_A_READ_SUBSCRIPTION } from '../recommendations/standing.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

/** How a rule's latest evaluations went, over all of a scope's subscriptions. */
export interface RuleCountRow {
  rule: string;
  examined: number;
  found: number;
  /** Resources that could not be judged, by reason. */
  not_evaluated: Record<string, number>;
  evaluated_at: Date;
}

/** How rules are set for a tenant, and what came of evaluating them. */
export class RuleRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
  ) {}

  /**
   * The latest evaluation of each rule over the subscriptions that are still read; the oldest says how far back that
   * reaches.
   */
  async counts(scope: TenantScope, tenantId?: string): Promise<RuleCountRow[]> {
    return this.database.query<RuleCountRow>(
      scope,
      `WITH latest AS (
         SELECT r.* FROM rule_evaluations r WHERE ($1::uuid IS NULL OR r.tenant_id = $1) AND ${OF_A_READ_SUBSCRIPTION}
       ), reasons AS (
         SELECT rule, key AS reason, sum(value::bigint) AS total
         FROM latest, jsonb_each_text(not_evaluated) GROUP BY rule, key
       ), told AS (
         SELECT rule, jsonb_object_agg(reason, total) AS reasons FROM reasons GROUP BY rule
       )
       SELECT e.rule, sum(e.examined)::float8 AS examined, sum(e.found)::float8 AS found, min(e.evaluated_at) AS evaluated_at,
              coalesce(t.reasons, '{}') AS not_evaluated
       FROM latest e LEFT JOIN told t ON t.rule = e.rule GROUP BY e.rule, t.reasons`,
      [tenantId ?? null],
    );
  }

  /** Where a tenant departs from the rules' defaults. */
  settings(scope: TenantScope, tenantId: string): Promise<RuleSetting[]> {
    return this.database.query<RuleSetting>(
      scope,
      'SELECT rule, enabled, thresholds FROM rule_settings WHERE tenant_id = $1 ORDER BY rule',
      [tenantId],
    );
  }

  /** Sets a rule for a tenant, whole; it counts from the next evaluation. Throws `NotFoundError` outside the scope. */
  async set(scope: TenantScope, tenantId: string, setting: RuleSetting, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const tenants = await tx.query('SELECT id FROM tenants WHERE id = $1 AND removed_at IS NULL', [tenantId]);
      if (tenants.length === 0) throw new NotFoundError(`There is no tenant ${tenantId}.`);
      const [before] = await tx.query<RuleSetting>(
        'SELECT rule, enabled, thresholds FROM rule_settings WHERE tenant_id = $1 AND rule = $2 FOR UPDATE',
        [tenantId, setting.rule],
      );
      await tx.query(
        `INSERT INTO rule_settings (tenant_id, rule, enabled, thresholds) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, rule) DO UPDATE SET enabled = excluded.enabled, thresholds = excluded.thresholds`,
        [tenantId, setting.rule, setting.enabled, setting.thresholds],
      );
      await this.auditLogs.append(tx, actor, {
        tenantId,
        action: 'rule.set',
        objectType: 'rule',
        objectId: setting.rule,
        changes: { before: before ?? null, after: setting },
      });
    });
  }
}

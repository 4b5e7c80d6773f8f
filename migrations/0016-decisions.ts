import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What rules found, why, how sure that is, what people decided about it, and what became of it. */
export class Decisions1760000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- monthly_cost: what the subject costs a month today, of which the savings are a part; null where unknown.
      -- verification: what the ledger said after the recommendation was carried out.
      ALTER TABLE recommendations
        ADD reason text,
        ADD action text,
        ADD risk text,
        ADD effort text,
        ADD savings_low numeric,
        ADD savings_high numeric,
        ADD monthly_cost numeric,
        ADD confidence_parts jsonb NOT NULL DEFAULT '{}',
        ADD score numeric,
        ADD score_parts jsonb NOT NULL DEFAULT '{}',
        ADD resolved_at timestamptz,
        ADD executed_at timestamptz,
        ADD dismissed_until timestamptz,
        ADD verified_monthly_savings numeric,
        ADD verification jsonb,
        ADD resource_group text,
        ADD CONSTRAINT recommendations_action_ck
          CHECK (action IN ('remove', 'stop', 'resize', 'retier', 'relicense', 'commit', 'upgrade', 'label')),
        ADD CONSTRAINT recommendations_risk_ck CHECK (risk IN ('low', 'medium', 'high')),
        ADD CONSTRAINT recommendations_effort_ck CHECK (effort IN ('low', 'medium', 'high'));
      UPDATE recommendations SET resource_group = substring(resource_id FROM '/resourcegroups/([^/]+)');
      -- The default order of the list. It reads a page of a tenant's many instead of sorting them all.
      CREATE INDEX recommendations_score_ix ON recommendations (tenant_id, (coalesce(score, 0)), id);
      -- Decisions know a recommendation by its id alone.
      CREATE UNIQUE INDEX recommendations_id_uq ON recommendations (id);
      CREATE INDEX recommendations_resource_ix ON recommendations (tenant_id, resource_id);
      CREATE INDEX recommendations_snoozed_ix ON recommendations (dismissed_until) WHERE dismissed_until IS NOT NULL;
      CREATE INDEX recommendations_executed_ix ON recommendations (tenant_id, subscription_id) WHERE status = 'executed';
      -- People decide; the rest of a recommendation is the worker's.
      GRANT UPDATE (status, executed_at, dismissed_until, verified_monthly_savings, verification) ON recommendations
        TO azcops_api;

      -- The history of a recommendation: what was observed and what was decided, in order.
      CREATE TABLE recommendation_events (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        recommendation_id uuid NOT NULL,
        kind text NOT NULL,
        from_status text,
        to_status text,
        reason text,
        details jsonb NOT NULL DEFAULT '{}',
        actor_id text,
        actor_name text,
        run_id uuid,
        correlation_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT recommendation_events_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT recommendation_events_recommendation_fk
          FOREIGN KEY (tenant_id, recommendation_id) REFERENCES recommendations (tenant_id, id),
        CONSTRAINT recommendation_events_kind_ck CHECK (kind IN ('found', 'changed', 'resolved', 'returned', 'approved',
          'rejected', 'executed', 'dismissed', 'reopened', 'verified'))
      );
      CREATE INDEX recommendation_events_recommendation_ix ON recommendation_events (tenant_id, recommendation_id, id);
      CALL scope_to_tenant('recommendation_events', 'tenant_id');
      GRANT SELECT, INSERT ON recommendation_events TO azcops_api, azcops_worker;

      -- What a tenant does not want to hear about, until when, and who said so. Null columns match everything.
      CREATE TABLE recommendation_exemptions (
        tenant_id uuid NOT NULL,
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        rule text,
        subscription_id text,
        resource_group text,
        resource_id text,
        reason text NOT NULL,
        author_id text NOT NULL,
        author_name text,
        expires_at timestamptz,
        ended_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT recommendation_exemptions_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT recommendation_exemptions_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT recommendation_exemptions_scope_ck
          CHECK (num_nonnulls(rule, subscription_id, resource_id) > 0
                 AND (resource_group IS NULL OR subscription_id IS NOT NULL))
      );
      CREATE TRIGGER recommendation_exemptions_touch BEFORE UPDATE ON recommendation_exemptions
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CREATE INDEX recommendation_exemptions_active_ix ON recommendation_exemptions (tenant_id) WHERE ended_at IS NULL;
      CALL scope_to_tenant('recommendation_exemptions', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE ON recommendation_exemptions TO azcops_api;
      GRANT SELECT, UPDATE ON recommendation_exemptions TO azcops_worker;

      -- Where a tenant departs from a rule's defaults.
      CREATE TABLE rule_settings (
        tenant_id uuid NOT NULL,
        rule text NOT NULL,
        enabled boolean NOT NULL DEFAULT true,
        thresholds jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT rule_settings_pk PRIMARY KEY (tenant_id, rule),
        CONSTRAINT rule_settings_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id)
      );
      CREATE TRIGGER rule_settings_touch BEFORE UPDATE ON rule_settings FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('rule_settings', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE, DELETE ON rule_settings TO azcops_api;
      GRANT SELECT ON rule_settings TO azcops_worker;

      -- The latest evaluation of each rule over each subscription. not_evaluated counts resources by reason.
      CREATE TABLE rule_evaluations (
        tenant_id uuid NOT NULL,
        rule text NOT NULL,
        subscription_id text NOT NULL,
        examined integer NOT NULL,
        found integer NOT NULL,
        not_evaluated jsonb NOT NULL DEFAULT '{}',
        evaluated_at timestamptz NOT NULL,
        run_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT rule_evaluations_pk PRIMARY KEY (tenant_id, subscription_id, rule),
        CONSTRAINT rule_evaluations_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id)
      );
      CREATE TRIGGER rule_evaluations_touch BEFORE UPDATE ON rule_evaluations
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('rule_evaluations', 'tenant_id');
      GRANT SELECT ON rule_evaluations TO azcops_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON rule_evaluations TO azcops_worker;

      -- What chained actions leave of a cost is a product of shares.
      CREATE AGGREGATE product(numeric) (SFUNC = numeric_mul, STYPE = numeric, INITCOND = '1');

      -- What a resource belongs to, in Azure's own words: the machine of a disk, the service that made a group.
      ALTER TABLE resources ADD managed_by text;

      -- When the subscription's inventory was last read whole: rules conclude nothing from half of one.
      ALTER TABLE subscriptions ADD inventory_at timestamptz;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE subscriptions DROP inventory_at;
      DROP AGGREGATE product(numeric);
      ALTER TABLE resources DROP managed_by;
      DROP TABLE rule_evaluations; DROP TABLE rule_settings; DROP TABLE recommendation_exemptions;
      DROP TABLE recommendation_events;
      REVOKE UPDATE (status, executed_at, dismissed_until, verified_monthly_savings, verification) ON recommendations
        FROM azcops_api;
      DROP INDEX recommendations_id_uq; DROP INDEX recommendations_score_ix;
      DROP INDEX recommendations_executed_ix; DROP INDEX recommendations_snoozed_ix; DROP INDEX recommendations_resource_ix;
      ALTER TABLE recommendations DROP resource_group, DROP verification, DROP verified_monthly_savings,
        DROP dismissed_until, DROP executed_at, DROP resolved_at, DROP score_parts, DROP score, DROP confidence_parts,
        DROP monthly_cost, DROP savings_high, DROP savings_low, DROP effort, DROP risk, DROP action, DROP reason;
    `);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What exists (resources) and what should change (recommendations). */
export class Inventory1760000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE resources (
        tenant_id uuid NOT NULL,
        resource_id text NOT NULL,
        original_id text NOT NULL,
        subscription_id text NOT NULL,
        name text NOT NULL,
        type text NOT NULL,
        kind text,
        location text,
        resource_group text,
        tags jsonb NOT NULL DEFAULT '{}',
        sku jsonb,
        properties jsonb NOT NULL DEFAULT '{}',
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        deleted_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT resources_pk PRIMARY KEY (tenant_id, resource_id),
        CONSTRAINT resources_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id)
      );
      CREATE INDEX resources_type_ix ON resources (tenant_id, type, resource_id);
      CREATE INDEX resources_subscription_ix ON resources (tenant_id, subscription_id, resource_id);
      CREATE INDEX resources_tags_ix ON resources USING gin (tags);
      CREATE TRIGGER resources_touch BEFORE UPDATE ON resources FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('resources', 'tenant_id');
      GRANT SELECT ON resources TO azcops_api;
      GRANT SELECT, INSERT, UPDATE ON resources TO azcops_worker;

      -- Workflow status is a person's decision; observed says what the last complete evaluation saw.
      CREATE TABLE recommendations (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL,
        subscription_id text,
        resource_id text,
        rule text NOT NULL,
        category text NOT NULL,
        title text NOT NULL,
        status text NOT NULL DEFAULT 'open',
        observed text NOT NULL DEFAULT 'present',
        estimated_monthly_savings numeric,
        currency text,
        savings_method text,
        confidence numeric,
        evidence jsonb NOT NULL DEFAULT '{}',
        first_seen_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT recommendations_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT recommendations_finding_uq UNIQUE NULLS NOT DISTINCT (tenant_id, rule, subscription_id, resource_id),
        CONSTRAINT recommendations_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT recommendations_status_ck
          CHECK (status IN ('open', 'approved', 'executed', 'rejected', 'dismissed')),
        CONSTRAINT recommendations_observed_ck CHECK (observed IN ('present', 'resolved'))
      );
      CREATE TRIGGER recommendations_touch BEFORE UPDATE ON recommendations
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('recommendations', 'tenant_id');
      GRANT SELECT ON recommendations TO azcops_api;
      GRANT SELECT, INSERT, UPDATE ON recommendations TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE recommendations; DROP TABLE resources;');
  }
}

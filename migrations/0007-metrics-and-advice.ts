import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How resources were used (Monitor), what Azure itself recommends (Advisor), and where subscriptions live. */
export class MetricsAndAdvice1760000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One row per resource and metric: the latest look-back window. Statistics are null where no point had a value.
      CREATE TABLE resource_metrics (
        tenant_id uuid NOT NULL,
        resource_id text NOT NULL,
        metric text NOT NULL,
        subscription_id text NOT NULL,
        resource_type text NOT NULL,
        unit text NOT NULL,
        from_at timestamptz NOT NULL,
        to_at timestamptz NOT NULL,
        interval_minutes integer NOT NULL,
        average double precision,
        minimum double precision,
        maximum double precision,
        p05 double precision,
        p95 double precision,
        sample_count integer NOT NULL,
        coverage double precision NOT NULL,
        run_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT resource_metrics_pk PRIMARY KEY (tenant_id, resource_id, metric),
        CONSTRAINT resource_metrics_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT resource_metrics_coverage_ck CHECK (coverage >= 0 AND coverage <= 1)
      );
      CREATE INDEX resource_metrics_subscription_ix ON resource_metrics (tenant_id, subscription_id);
      CREATE TRIGGER resource_metrics_touch BEFORE UPDATE ON resource_metrics
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('resource_metrics', 'tenant_id');
      GRANT SELECT ON resource_metrics TO azcops_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON resource_metrics TO azcops_worker;

      -- source_id tells findings of one rule on one resource apart (Advisor offers variants of one purchase);
      -- findings with the same alternative_of exclude each other.
      ALTER TABLE recommendations
        ADD source text NOT NULL DEFAULT 'rules',
        ADD source_id text,
        ADD alternative_of text,
        ADD impact text,
        ADD suppressed boolean NOT NULL DEFAULT false,
        DROP CONSTRAINT recommendations_finding_uq,
        ADD CONSTRAINT recommendations_finding_uq
          UNIQUE NULLS NOT DISTINCT (tenant_id, rule, subscription_id, resource_id, source_id),
        ADD CONSTRAINT recommendations_method_ck CHECK (savings_method IN ('measured', 'priced', 'stated', 'guessed'));
      CREATE INDEX recommendations_source_ix ON recommendations (tenant_id, source, subscription_id);

      -- listed_at: when the provider last listed the subscription to this tenant's credential.
      ALTER TABLE subscriptions ADD listed_at timestamptz, ADD managed_by text[] NOT NULL DEFAULT '{}';
      CREATE INDEX subscriptions_provider_ix ON subscriptions (provider, subscription_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX subscriptions_provider_ix;
      ALTER TABLE subscriptions DROP listed_at, DROP managed_by;
      DROP INDEX recommendations_source_ix;
      ALTER TABLE recommendations DROP CONSTRAINT recommendations_method_ck, DROP CONSTRAINT recommendations_finding_uq,
        DROP source, DROP source_id, DROP alternative_of, DROP impact, DROP suppressed,
        ADD CONSTRAINT recommendations_finding_uq
          UNIQUE NULLS NOT DISTINCT (tenant_id, rule, subscription_id, resource_id);
      DROP TABLE resource_metrics;
    `);
  }
}

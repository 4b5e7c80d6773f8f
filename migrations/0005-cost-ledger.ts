import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The ledger: narrow facts beside their dimensions, rollups and revisions kept in the same transaction.
 * Layout and its reasons: docs/adr/0003-cost-ledger-layout.md
 */
export class CostLedger1760000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Who owns what. A dataset is the unit of replacement; covered holds the days it was published for.
      CREATE TABLE cost_datasets (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        source text NOT NULL,
        billing_account_id text,
        subscription_id text,
        kind text NOT NULL,
        month date NOT NULL,
        covered datemultirange NOT NULL DEFAULT '{}',
        grain text[],
        run_id uuid,
        published_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_datasets_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT cost_datasets_owner_uq
          UNIQUE NULLS NOT DISTINCT (tenant_id, source, billing_account_id, subscription_id, kind, month),
        CONSTRAINT cost_datasets_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT cost_datasets_kind_ck CHECK (kind IN ('actual', 'amortized', 'both'))
      );
      CREATE TRIGGER cost_datasets_touch BEFORE UPDATE ON cost_datasets FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

      -- Everything that describes a charge but its day, currency and amounts. A month repeats each about 30 times.
      CREATE TABLE cost_dimensions (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        key bytea NOT NULL,
        provider text NOT NULL,
        billing_account_id text,
        subscription_id text,
        resource_group text,
        service_name text,
        meter_category text,
        charge_type text,
        pricing_model text,
        publisher text,
        location text,
        resource_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_dimensions_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT cost_dimensions_key_uq UNIQUE (tenant_id, key)
      );
      CREATE INDEX cost_dimensions_resource_ix ON cost_dimensions (tenant_id, resource_id);

      -- No foreign keys on facts: one writer, which makes dimensions and facts in one transaction.
      CREATE TABLE costs_daily (
        tenant_id uuid NOT NULL,
        dataset_id bigint NOT NULL,
        day date NOT NULL,
        dimension_id bigint NOT NULL,
        currency text NOT NULL,
        cost numeric,
        amortized_cost numeric,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT costs_daily_pk PRIMARY KEY (tenant_id, dataset_id, day, dimension_id, currency)
      ) PARTITION BY RANGE (day);
      CREATE INDEX costs_daily_day_ix ON costs_daily (tenant_id, day, dimension_id, currency);

      -- The worker may not create tables; it asks for a month. Partitions grant nothing: access is by the parent only.
      CREATE FUNCTION ensure_cost_partition(month date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      DECLARE
        first_day date := date_trunc('month', month)::date;
        partition_name text := 'costs_daily_' || to_char(date_trunc('month', month), 'YYYY_MM');
      BEGIN
        IF first_day < DATE '2000-01-01' OR first_day > DATE '2099-12-01' THEN
          RAISE EXCEPTION 'no cost partition for %', month USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF to_regclass('public.' || partition_name) IS NOT NULL THEN RETURN; END IF;
        -- Two workers may ask for the same month at once, or for the same two in another order: one lock for all months.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.costs_daily', 0));
        BEGIN
          EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.costs_daily FOR VALUES FROM (%L) TO (%L)',
                         partition_name, first_day, (first_day + interval '1 month')::date);
        EXCEPTION WHEN duplicate_table THEN NULL; -- made by the one we waited for
        END;
      END $$;
      REVOKE ALL ON FUNCTION ensure_cost_partition FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION ensure_cost_partition TO azcops_worker;

      -- Summaries read this, never the facts.
      CREATE TABLE cost_daily_totals (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        dataset_id bigint NOT NULL,
        day date NOT NULL,
        provider text NOT NULL,
        billing_account_id text,
        subscription_id text,
        service_name text,
        currency text NOT NULL,
        cost numeric,
        amortized_cost numeric,
        rows bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_daily_totals_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT cost_daily_totals_key_uq UNIQUE NULLS NOT DISTINCT
          (tenant_id, dataset_id, day, provider, billing_account_id, subscription_id, service_name, currency)
      );
      CREATE INDEX cost_daily_totals_day_ix ON cost_daily_totals (tenant_id, day);

      -- How a published day moved: one row per dataset owner, subscription, day and currency whose total changed.
      CREATE TABLE cost_day_revisions (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        day date NOT NULL,
        source text NOT NULL,
        provider text NOT NULL,
        billing_account_id text,
        subscription_id text,
        currency text NOT NULL,
        old_cost numeric,
        new_cost numeric,
        old_amortized_cost numeric,
        new_amortized_cost numeric,
        old_rows bigint NOT NULL,
        new_rows bigint NOT NULL,
        run_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_day_revisions_pk PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX cost_day_revisions_day_ix ON cost_day_revisions (tenant_id, day);

      CREATE VIEW costs_daily_flat WITH (security_invoker = true) AS
        SELECT f.tenant_id, f.day, d.provider, d.billing_account_id, d.subscription_id, d.resource_group, d.service_name,
               d.meter_category, d.charge_type, d.pricing_model, d.publisher, d.location, d.resource_id,
               f.currency, f.cost, f.amortized_cost, s.source
        FROM costs_daily f
        JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
        JOIN cost_datasets s ON s.tenant_id = f.tenant_id AND s.id = f.dataset_id;

      CALL scope_to_tenant('cost_datasets', 'tenant_id');
      CALL scope_to_tenant('cost_dimensions', 'tenant_id');
      CALL scope_to_tenant('costs_daily', 'tenant_id');
      CALL scope_to_tenant('cost_daily_totals', 'tenant_id');
      CALL scope_to_tenant('cost_day_revisions', 'tenant_id');
      GRANT SELECT ON cost_datasets, cost_dimensions, costs_daily, cost_daily_totals, cost_day_revisions, costs_daily_flat
        TO azcops_api, azcops_worker;
      GRANT INSERT, UPDATE, DELETE ON cost_datasets, costs_daily, cost_daily_totals TO azcops_worker;
      GRANT INSERT ON cost_dimensions, cost_day_revisions TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW costs_daily_flat; DROP TABLE cost_day_revisions; DROP TABLE cost_daily_totals;
      DROP FUNCTION ensure_cost_partition; DROP TABLE costs_daily;
      DROP TABLE cost_dimensions; DROP TABLE cost_datasets;
    `);
  }
}

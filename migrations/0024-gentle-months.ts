import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ensurePartitionOf, expireCostsOf } from './0021-costs-monthly.js';

/**
 * Months come and go without holding up readers: a partition is made beside the ledger and then attached, which a backup
 * does not have to end for, and is dropped in a transaction of its own that gives up when it would have to wait. Nothing is
 * published while a month is forgotten: an import of an old month lost what it wrote in between.
 */
export class GentleMonths1760000000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE OR REPLACE FUNCTION ensure_cost_partition(month date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      DECLARE
        first_day date := date_trunc('month', month)::date;
        partition_name text := 'costs_monthly_' || to_char(date_trunc('month', month), 'YYYY_MM');
      BEGIN
        IF first_day < DATE '2000-01-01' OR first_day > DATE '2099-12-01' THEN
          RAISE EXCEPTION 'no cost partition for %', month USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF to_regclass('public.' || partition_name) IS NOT NULL THEN RETURN; END IF;
        -- Two workers may ask for the same month at once, or for the same two in another order: one lock for all months.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.costs_daily', 0));
        IF EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname = partition_name) THEN
          RETURN; -- made by the one we waited for
        END IF;
        EXECUTE format('CREATE TABLE public.%I (LIKE public.costs_monthly INCLUDING ALL)', partition_name);
        EXECUTE format('ALTER TABLE public.costs_monthly ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                       partition_name, first_day, (first_day + interval '1 month')::date);
      END $$;

      DROP FUNCTION expire_costs;
      -- Forgets what sources published of a month, named as they are or by what their names begin with up to a slash. A month
      -- that holds nothing else loses its partition; what others published stays. Answers whether anything was forgotten.
      CREATE FUNCTION expire_cost_month(first_day date, names text[]) RETURNS boolean
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      DECLARE
        partition_name text := 'costs_monthly_' || to_char(first_day, 'YYYY_MM');
        next_month date := (first_day + interval '1 month')::date;
        sources text[];
        tenants uuid[];
        was_covered boolean;
      BEGIN
        -- Every publication holds it, shared.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.retention', 0));
        -- The same lock as making a partition.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.costs_daily', 0));
        SELECT coalesce(array_agg(DISTINCT d.source), '{}') INTO sources
        FROM cost_datasets d, unnest(names) n WHERE d.source = n OR starts_with(d.source, n || '/');
        WITH removed AS (
          DELETE FROM cost_daily_totals t USING cost_datasets d
          WHERE d.tenant_id = t.tenant_id AND d.id = t.dataset_id AND d.source = ANY(sources)
            AND t.day >= first_day AND t.day < next_month
          RETURNING t.tenant_id
        )
        SELECT coalesce(array_agg(DISTINCT tenant_id), '{}') INTO tenants FROM removed;
        DELETE FROM cost_day_revisions r
        WHERE r.day >= first_day AND r.day < next_month
          AND EXISTS (SELECT FROM unnest(names) n WHERE r.source = n OR starts_with(r.source, n || '/'));
        DELETE FROM cost_export_runs r WHERE r.month = first_day AND r.source = ANY(sources);
        IF EXISTS (SELECT FROM cost_daily_totals t WHERE t.day >= first_day AND t.day < next_month) THEN
          DELETE FROM costs_monthly f USING cost_datasets d
          WHERE tenants <> '{}' AND f.month = first_day
            AND d.tenant_id = f.tenant_id AND d.id = f.dataset_id AND d.source = ANY(sources);
        ELSE
          EXECUTE format('DROP TABLE IF EXISTS public.%I', partition_name);
        END IF;
        UPDATE cost_datasets d SET covered = d.covered - datemultirange(daterange(first_day, next_month))
        WHERE d.source = ANY(sources) AND d.covered && daterange(first_day, next_month);
        was_covered := FOUND;
        DELETE FROM cost_datasets d
        WHERE d.source = ANY(sources) AND isempty(d.covered) AND d.month <= first_day
          AND NOT EXISTS (SELECT FROM cost_daily_totals t WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id);
        -- Late charges go without their dataset, whose change would have been counted.
        PERFORM count_data_version(tenant) FROM unnest(tenants) AS t (tenant) ORDER BY tenant;
        RETURN was_covered OR tenants <> '{}';
      END $$;
      REVOKE ALL ON FUNCTION expire_cost_month FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION expire_cost_month TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${ensurePartitionOf('costs_monthly')}
      DROP FUNCTION expire_cost_month;
      ${expireCostsOf('costs_monthly', 'f.month = lower(days)')}
      REVOKE ALL ON FUNCTION expire_costs FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION expire_costs TO azcops_worker;
    `);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A month of a charge is one row that holds its days, not a row a day: a fifth of the disk, half the work.
 * Charges move over at once, about 300,000 a second, and nobody reads or writes costs meanwhile.
 */
export class CostsMonthly1760000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW costs_daily_flat;
      ALTER TABLE costs_daily RENAME TO costs_by_day;

      -- No foreign keys on facts: one writer, which makes dimensions and facts in one transaction.
      CREATE TABLE costs_monthly (
        tenant_id uuid NOT NULL,
        dataset_id bigint NOT NULL,
        month date NOT NULL,
        dimension_id bigint NOT NULL,
        currency text NOT NULL,
        costs numeric[],
        amortized_costs numeric[],
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT costs_monthly_pk PRIMARY KEY (tenant_id, dataset_id, month, dimension_id, currency),
        -- A place for each day; null where the dataset does not carry the column.
        CONSTRAINT costs_monthly_days_ck CHECK (cardinality(costs) = 31 AND cardinality(amortized_costs) = 31)
      ) PARTITION BY RANGE (month);

      ${ensurePartitionOf('costs_monthly')}

      -- Amounts of a month, those of some days replaced; null when nothing is left.
      CREATE FUNCTION replace_days(amounts numeric[], others numeric[], month date, first_day date, last_day date)
        RETURNS numeric[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
        AS $$
      DECLARE
        none numeric[] := array_fill(NULL::numeric, ARRAY[31]);
        old numeric[] := coalesce(amounts, none);
        first_place int := greatest(first_day, month) - month + 1;
        last_place int := least(last_day, month + 30) - month + 1;
        replaced numeric[] := old[1:first_place - 1] || (coalesce(others, none))[first_place:last_place]
                              || old[last_place + 1:31];
      BEGIN
        RETURN CASE WHEN cardinality(array_remove(replaced, NULL)) > 0 THEN replaced END;
      END $$;

      -- Adds months up day by day. A part may be of some days only, as '[5:7]={…}', and one that comes alone costs nothing.
      CREATE FUNCTION add_month(sums numeric[], part numeric[]) RETURNS numeric[]
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
        AS $$
      BEGIN
        FOR place IN array_lower(part, 1)..array_upper(part, 1) LOOP
          IF part[place] IS NOT NULL THEN sums[place] := coalesce(sums[place] + part[place], part[place]); END IF;
        END LOOP;
        RETURN sums;
      END $$;
      CREATE FUNCTION whole_month(sums numeric[]) RETURNS numeric[]
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
        AS $$
      BEGIN
        IF cardinality(sums) = 31 THEN RETURN sums; END IF;
        RETURN add_month(array_fill(NULL::numeric, ARRAY[31]), sums);
      END $$;
      CREATE AGGREGATE sum_by_day(numeric[]) (SFUNC = add_month, STYPE = numeric[], FINALFUNC = whole_month, PARALLEL = SAFE);

      CREATE FUNCTION pg_temp.month_of(places int[], amounts numeric[]) RETURNS numeric[] LANGUAGE plpgsql AS $$
      DECLARE
        filled numeric[] := array_fill(NULL::numeric, ARRAY[31]);
      BEGIN
        IF cardinality(array_remove(amounts, NULL)) = 0 THEN RETURN NULL; END IF;
        FOR n IN 1..cardinality(places) LOOP filled[places[n]] := amounts[n]; END LOOP;
        RETURN filled;
      END $$;
      SELECT ensure_cost_partition(to_date(right(c.relname, 7), 'YYYY_MM'))
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.costs_by_day'::regclass;
      INSERT INTO costs_monthly (tenant_id, dataset_id, month, dimension_id, currency, costs, amortized_costs)
      SELECT tenant_id, dataset_id, month, dimension_id, currency, pg_temp.month_of(array_agg(place), array_agg(cost)),
             pg_temp.month_of(array_agg(place), array_agg(amortized_cost))
      FROM (
        SELECT *, date_trunc('month', day::timestamp)::date AS month, extract(day FROM day)::int AS place FROM costs_by_day
      ) f
      GROUP BY tenant_id, dataset_id, month, dimension_id, currency;
      DROP TABLE costs_by_day;

      -- What people and statements about days read.
      CREATE VIEW costs_daily WITH (security_invoker = true) AS
        SELECT f.tenant_id, f.dataset_id, f.month, f.month + d.place::integer - 1 AS day, f.dimension_id, f.currency,
               d.cost, d.amortized_cost
        FROM costs_monthly f
        CROSS JOIN LATERAL unnest(f.costs, f.amortized_costs) WITH ORDINALITY AS d (cost, amortized_cost, place)
        WHERE d.cost IS NOT NULL OR d.amortized_cost IS NOT NULL;
      ${FLAT_VIEW}

      ${expireCostsOf('costs_monthly', 'f.month = lower(days)')}

      CALL scope_to_tenant('costs_monthly', 'tenant_id');
      GRANT SELECT ON costs_monthly, costs_daily, costs_daily_flat TO azcops_api, azcops_worker;
      GRANT INSERT, DELETE ON costs_monthly TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP VIEW costs_daily_flat;
      ALTER VIEW costs_daily RENAME TO costs_by_day;

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

      ${ensurePartitionOf('costs_daily')}

      SELECT ensure_cost_partition(to_date(right(c.relname, 7), 'YYYY_MM'))
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'public.costs_monthly'::regclass;
      INSERT INTO costs_daily (tenant_id, dataset_id, day, dimension_id, currency, cost, amortized_cost)
      SELECT tenant_id, dataset_id, day, dimension_id, currency, cost, amortized_cost FROM costs_by_day;
      DROP VIEW costs_by_day;
      DROP TABLE costs_monthly;
      DROP AGGREGATE sum_by_day(numeric[]);
      DROP FUNCTION whole_month;
      DROP FUNCTION add_month;
      DROP FUNCTION replace_days;

      ${FLAT_VIEW}

      ${expireCostsOf('costs_daily', 'f.day >= lower(days) AND f.day < upper(days)')}

      CALL scope_to_tenant('costs_daily', 'tenant_id');
      GRANT SELECT ON costs_daily, costs_daily_flat TO azcops_api, azcops_worker;
      GRANT INSERT, UPDATE, DELETE ON costs_daily TO azcops_worker;
    `);
  }
}

const FLAT_VIEW = `
      CREATE VIEW costs_daily_flat WITH (security_invoker = true) AS
        SELECT f.tenant_id, f.day, d.provider, d.billing_account_id, d.subscription_id, d.resource_group, d.service_name,
               d.meter_category, d.charge_type, d.pricing_model, d.publisher, d.location, d.resource_id,
               f.currency, f.cost, f.amortized_cost, s.source
        FROM costs_daily f
        JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
        JOIN cost_datasets s ON s.tenant_id = f.tenant_id AND s.id = f.dataset_id;`;

export const ensurePartitionOf = (table: string) => `
      -- The worker may not create tables; it asks for a month. Partitions grant nothing: access is by the parent only.
      CREATE OR REPLACE FUNCTION ensure_cost_partition(month date) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      DECLARE
        first_day date := date_trunc('month', month)::date;
        partition_name text := '${table}_' || to_char(date_trunc('month', month), 'YYYY_MM');
      BEGIN
        IF first_day < DATE '2000-01-01' OR first_day > DATE '2099-12-01' THEN
          RAISE EXCEPTION 'no cost partition for %', month USING ERRCODE = 'invalid_parameter_value';
        END IF;
        IF to_regclass('public.' || partition_name) IS NOT NULL THEN RETURN; END IF;
        -- Two workers may ask for the same month at once, or for the same two in another order: one lock for all months.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.costs_daily', 0));
        BEGIN
          EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.${table} FOR VALUES FROM (%L) TO (%L)',
                         partition_name, first_day, (first_day + interval '1 month')::date);
        EXCEPTION WHEN duplicate_table THEN NULL; -- made by the one we waited for
        END;
      END $$;`;

/** `ofMonth` finds the facts `f` of a month that begins with `lower(days)`. */
export const expireCostsOf = (table: string, ofMonth: string) => `
      -- Forgets what the sources published of the months before a day. A month that holds nothing else loses its
      -- partition; what others published stays. Answers the months that were forgotten.
      CREATE OR REPLACE FUNCTION expire_costs(before_day date, sources text[]) RETURNS SETOF date
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      DECLARE
        partition_name text;
        days daterange;
        removed bigint;
      BEGIN
        -- The same lock as making one.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.costs_daily', 0));
        FOR partition_name IN
          SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
          WHERE i.inhparent = 'public.${table}'::regclass
            AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= before_day
          ORDER BY 1
        LOOP
          days := daterange(to_date(right(partition_name, 7), 'YYYY_MM'),
                             (to_date(right(partition_name, 7), 'YYYY_MM') + interval '1 month')::date);
          DELETE FROM cost_daily_totals t USING cost_datasets d
          WHERE d.tenant_id = t.tenant_id AND d.id = t.dataset_id AND d.source = ANY(sources)
            AND t.day >= lower(days) AND t.day < upper(days);
          GET DIAGNOSTICS removed = ROW_COUNT;
          DELETE FROM cost_day_revisions r
          WHERE r.source = ANY(sources) AND r.day >= lower(days) AND r.day < upper(days);
          IF EXISTS (SELECT FROM cost_daily_totals t WHERE t.day >= lower(days) AND t.day < upper(days)) THEN
            DELETE FROM ${table} f USING cost_datasets d
            WHERE removed > 0 AND d.tenant_id = f.tenant_id AND d.id = f.dataset_id AND d.source = ANY(sources)
              AND ${ofMonth};
          ELSE
            EXECUTE format('DROP TABLE public.%I', partition_name);
          END IF;
          UPDATE cost_datasets d SET covered = d.covered - datemultirange(days)
          WHERE d.source = ANY(sources) AND d.covered && days;
          IF FOUND OR removed > 0 THEN RETURN NEXT lower(days); END IF;
        END LOOP;
        DELETE FROM cost_datasets d
        WHERE d.source = ANY(sources) AND isempty(d.covered) AND d.month < before_day
          AND NOT EXISTS (SELECT FROM cost_daily_totals t WHERE t.tenant_id = d.tenant_id AND t.dataset_id = d.id);
      END $$;`;

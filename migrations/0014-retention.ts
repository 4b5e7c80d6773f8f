import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Old months go by dropping their partition, which only the owner may do. */
export class Retention1760000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Forgets what the sources published of the months before a day. A month that holds nothing else loses its
      -- partition; what others published stays. Answers the months that were forgotten.
      CREATE FUNCTION expire_costs(before_day date, sources text[]) RETURNS SETOF date
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
          WHERE i.inhparent = 'public.costs_daily'::regclass
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
            DELETE FROM costs_daily f USING cost_datasets d
            WHERE removed > 0 AND d.tenant_id = f.tenant_id AND d.id = f.dataset_id AND d.source = ANY(sources)
              AND f.day >= lower(days) AND f.day < upper(days);
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
      END $$;
      REVOKE ALL ON FUNCTION expire_costs FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION expire_costs TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION expire_costs');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What may still be asked of Azure, shared by all workers; and windows that wait for it: released a few at a time, and
 * continued where they stopped. Reasons: docs/adr/0006-shared-quota-budget.md
 */
export class QuotaBudget1760000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Booked calls, at most one period back (and a few seconds ahead): a sliding window per key.
      CREATE TABLE quota_uses (
        tenant_id uuid NOT NULL,
        key text NOT NULL,
        at timestamptz NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        units integer NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT quota_uses_pk PRIMARY KEY (tenant_id, key, at, id)
      );
      CREATE INDEX quota_uses_expiry_ix ON quota_uses (tenant_id, expires_at);
      CALL scope_to_tenant('quota_uses', 'tenant_id');
      GRANT SELECT, INSERT, DELETE ON quota_uses TO azcops_worker;

      -- The source has said when it will listen again.
      CREATE TABLE quota_closures (
        tenant_id uuid NOT NULL,
        key text NOT NULL,
        until timestamptz NOT NULL,
        CONSTRAINT quota_closures_pk PRIMARY KEY (tenant_id, key)
      );
      CALL scope_to_tenant('quota_closures', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE, DELETE ON quota_closures TO azcops_worker;

      -- The earliest instant at which a call exceeds no quota. Booked only when that is near enough, so that nobody
      -- holds a place in a queue that others, or a cancelled run, would have to wait for.
      CREATE FUNCTION book_quota(tenant uuid, keys text[], units integer[], limits integer[], periods interval[],
                                 max_wait interval, OUT wait_ms double precision, OUT waits_for text)
        LANGUAGE plpgsql AS $$
      DECLARE
        started timestamptz;
        opens timestamptz;
        free timestamptz;
      BEGIN
        -- One booking of a tenant at a time, in whatever order its calls name their quotas.
        PERFORM pg_advisory_xact_lock(hashtextextended('azcops.quota.' || tenant, 0));
        started := clock_timestamp();
        opens := started;
        FOR i IN 1 .. cardinality(keys) LOOP
          SELECT max(c.until) INTO free FROM quota_closures c WHERE c.tenant_id = tenant AND c.key = keys[i];
          IF free > opens THEN
            opens := free;
            waits_for := keys[i];
          END IF;
          CONTINUE WHEN limits[i] IS NULL;
          -- Counted back from the latest booking: the first use that no longer fits must have left the window.
          SELECT max(u.at) + periods[i] INTO free
          FROM (SELECT q.at, sum(q.units) OVER (ORDER BY q.at DESC, q.id DESC) AS used
                FROM quota_uses q WHERE q.tenant_id = tenant AND q.key = keys[i] AND q.at > started - periods[i]) u
          WHERE u.used + units[i] > limits[i];
          IF free > opens THEN
            opens := free;
            waits_for := keys[i];
          END IF;
        END LOOP;
        wait_ms := ceil(extract(epoch FROM opens - started) * 1000);
        IF opens - started > max_wait THEN RETURN; END IF;
        DELETE FROM quota_uses q WHERE q.tenant_id = tenant AND q.expires_at <= started;
        FOR i IN 1 .. cardinality(keys) LOOP
          CONTINUE WHEN limits[i] IS NULL;
          INSERT INTO quota_uses (tenant_id, key, at, units, expires_at)
          VALUES (tenant, keys[i], opens, units[i], opens + periods[i]);
        END LOOP;
      END $$;
      REVOKE ALL ON FUNCTION book_quota FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION book_quota TO azcops_worker;

      -- ordinal keeps the planner's order; queued_at is null until the window is released to the queue.
      -- Pages of the attempts from continued_from on still count, if the wait since continued_at was short.
      ALTER TABLE ingestion_windows
        ADD ordinal integer NOT NULL DEFAULT 0,
        ADD queued_at timestamptz,
        ADD continued_from integer,
        ADD continued_at timestamptz;
      CREATE INDEX ingestion_windows_unreleased_ix ON ingestion_windows (run_id, tenant_id, connector, ordinal)
        WHERE status = 'pending' AND queued_at IS NULL;
      CREATE INDEX ingestion_windows_awake_ix ON ingestion_windows (run_id, tenant_id, connector)
        WHERE status IN ('pending', 'running') AND queued_at IS NOT NULL;
      -- What the page answered, so that an interrupted read need not ask again.
      ALTER TABLE raw_snapshots ADD request_hash text, ADD status integer, ADD headers jsonb;
      -- How much of the estate the quota allowed to plan.
      ALTER TABLE ingestion_runs ADD refresh jsonb NOT NULL DEFAULT '[]';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE ingestion_runs DROP refresh;
      ALTER TABLE raw_snapshots DROP request_hash, DROP status, DROP headers;
      DROP INDEX ingestion_windows_awake_ix; DROP INDEX ingestion_windows_unreleased_ix;
      ALTER TABLE ingestion_windows DROP ordinal, DROP queued_at, DROP continued_from, DROP continued_at;
      DROP FUNCTION book_quota; DROP TABLE quota_closures; DROP TABLE quota_uses;
    `);
  }
}

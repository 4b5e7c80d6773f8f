import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs, their windows (state, fencing, proof) and the index of raw files. */
export class IngestionRuns1760000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A run over all tenants has tenant_id null and is the operator's alone.
      CREATE TABLE ingestion_runs (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid,
        mode text NOT NULL,
        status text NOT NULL DEFAULT 'queued',
        source text NOT NULL,
        request jsonb NOT NULL DEFAULT '{}',
        request_key text NOT NULL,
        tick text,
        stage text,
        windows_total integer,
        requested_by text,
        correlation_id text,
        error text,
        started_at timestamptz,
        finished_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ingestion_runs_pk PRIMARY KEY (id),
        CONSTRAINT ingestion_runs_tick_uq UNIQUE (tick),
        CONSTRAINT ingestion_runs_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT ingestion_runs_mode_ck CHECK (mode IN ('full', 'incremental')),
        CONSTRAINT ingestion_runs_source_ck CHECK (source IN ('api', 'cli', 'schedule')),
        CONSTRAINT ingestion_runs_status_ck
          CHECK (status IN ('queued', 'running', 'succeeded', 'partially_succeeded', 'failed', 'cancelled'))
      );
      -- The same request while an equal run is active is that run.
      CREATE UNIQUE INDEX ingestion_runs_active_request_uq ON ingestion_runs (request_key)
        WHERE status IN ('queued', 'running');
      CREATE INDEX ingestion_runs_created_ix ON ingestion_runs (created_at);
      CREATE TRIGGER ingestion_runs_touch BEFORE UPDATE ON ingestion_runs FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('ingestion_runs', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE ON ingestion_runs TO azcops_api, azcops_worker;

      CREATE TABLE ingestion_windows (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL,
        run_id uuid NOT NULL,
        stage text NOT NULL,
        connector text NOT NULL,
        scope text NOT NULL,
        subscription_id text,
        from_day date,
        to_day date,
        status text NOT NULL DEFAULT 'pending',
        attempt integer NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        worker text,
        heartbeat_at timestamptz,
        waiting_until timestamptz,
        reason text,
        action text,
        pages integer NOT NULL DEFAULT 0,
        rows bigint NOT NULL DEFAULT 0,
        proof jsonb,
        totals jsonb NOT NULL DEFAULT '[]',
        started_at timestamptz,
        finished_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT ingestion_windows_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT ingestion_windows_unit_uq
          UNIQUE NULLS NOT DISTINCT (tenant_id, run_id, connector, scope, from_day),
        CONSTRAINT ingestion_windows_run_fk FOREIGN KEY (run_id) REFERENCES ingestion_runs (id),
        CONSTRAINT ingestion_windows_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT ingestion_windows_status_ck
          CHECK (status IN ('pending', 'running', 'succeeded', 'unavailable', 'failed', 'cancelled'))
      );
      CREATE INDEX ingestion_windows_run_ix ON ingestion_windows (run_id);
      CREATE INDEX ingestion_windows_open_ix ON ingestion_windows (status) WHERE status IN ('pending', 'running');
      CREATE INDEX ingestion_windows_subscription_ix ON ingestion_windows (tenant_id, subscription_id, finished_at);
      CREATE INDEX ingestion_windows_success_ix ON ingestion_windows (connector, finished_at) WHERE status = 'succeeded';
      CREATE TRIGGER ingestion_windows_touch BEFORE UPDATE ON ingestion_windows
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('ingestion_windows', 'tenant_id');
      GRANT SELECT ON ingestion_windows TO azcops_api;
      GRANT UPDATE (status, reason, action, finished_at) ON ingestion_windows TO azcops_api;
      GRANT SELECT, INSERT, UPDATE ON ingestion_windows TO azcops_worker;

      CREATE TABLE raw_snapshots (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL,
        run_id uuid,
        window_id uuid,
        attempt integer,
        source text NOT NULL,
        path text NOT NULL,
        sha256 text NOT NULL,
        bytes bigint NOT NULL,
        stored_bytes bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT raw_snapshots_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT raw_snapshots_path_uq UNIQUE (tenant_id, path),
        CONSTRAINT raw_snapshots_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id)
      );
      CREATE INDEX raw_snapshots_window_ix ON raw_snapshots (window_id);
      CALL scope_to_tenant('raw_snapshots', 'tenant_id');
      GRANT SELECT ON raw_snapshots TO azcops_api;
      GRANT SELECT, INSERT ON raw_snapshots TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE raw_snapshots; DROP TABLE ingestion_windows; DROP TABLE ingestion_runs;');
  }
}

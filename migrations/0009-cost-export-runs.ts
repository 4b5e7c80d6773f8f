import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which run of a Cost Management export a billing month was published from. */
export class CostExportRuns1760000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cost_export_runs (
        tenant_id uuid NOT NULL,
        source text NOT NULL,
        kind text NOT NULL,
        month date NOT NULL,
        run_id text NOT NULL,
        submitted_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_export_runs_pk PRIMARY KEY (tenant_id, source, kind, month),
        CONSTRAINT cost_export_runs_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT cost_export_runs_kind_ck CHECK (kind IN ('actual', 'amortized', 'both'))
      );
      CALL scope_to_tenant('cost_export_runs', 'tenant_id');
      GRANT SELECT ON cost_export_runs TO azcops_api;
      GRANT SELECT, INSERT, DELETE ON cost_export_runs TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE cost_export_runs`);
  }
}

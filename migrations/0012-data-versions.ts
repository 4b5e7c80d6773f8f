import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A number per tenant that changes with whatever its readers are shown, so that an unchanged answer need not be read
 * again. Counted by triggers, because no writer may forget it, at the end of each transaction and in a few stripes, so
 * that writers hardly wait for each other.
 */
export class DataVersions1760000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE data_versions (
        tenant_id uuid NOT NULL,
        stripe smallint NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT data_versions_pk PRIMARY KEY (tenant_id, stripe)
      );
      CREATE TRIGGER data_versions_touch BEFORE UPDATE ON data_versions
        FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('data_versions', 'tenant_id');
      GRANT SELECT ON data_versions TO azcops_api;

      CREATE FUNCTION count_data_version() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
      BEGIN
        IF NEW.tenant_id IS NOT NULL THEN
          INSERT INTO data_versions (tenant_id, stripe) VALUES (NEW.tenant_id, pg_backend_pid() % 8)
          ON CONFLICT (tenant_id, stripe) DO UPDATE SET version = data_versions.version + 1;
        END IF;
        RETURN NULL;
      END $$;
      REVOKE ALL ON FUNCTION count_data_version FROM PUBLIC;

      -- What ingestion publishes becomes visible with its window; what people and imports change is audited.
      CREATE CONSTRAINT TRIGGER ingestion_windows_version AFTER UPDATE OF finished_at ON ingestion_windows
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.finished_at IS NOT NULL)
        EXECUTE FUNCTION count_data_version();
      CREATE CONSTRAINT TRIGGER audit_logs_version AFTER INSERT ON audit_logs
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_data_version();
      CREATE CONSTRAINT TRIGGER subscriptions_version AFTER UPDATE OF read_elsewhere ON subscriptions
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.read_elsewhere <> OLD.read_elsewhere)
        EXECUTE FUNCTION count_data_version();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER subscriptions_version ON subscriptions;
      DROP TRIGGER audit_logs_version ON audit_logs;
      DROP TRIGGER ingestion_windows_version ON ingestion_windows;
      DROP FUNCTION count_data_version;
      DROP TABLE data_versions;
    `);
  }
}

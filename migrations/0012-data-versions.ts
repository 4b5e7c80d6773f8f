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

      CREATE FUNCTION count_data_version(tenant uuid) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$
          INSERT INTO data_versions (tenant_id, stripe) VALUES (tenant, pg_backend_pid() % 8)
          ON CONFLICT (tenant_id, stripe) DO UPDATE SET version = data_versions.version + 1;
        $$;
      REVOKE ALL ON FUNCTION count_data_version FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION count_data_version TO azcops_api, azcops_worker;

      CREATE FUNCTION count_changed_row() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE tenant uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
      BEGIN
        IF tenant IS NOT NULL THEN PERFORM count_data_version(tenant); END IF;
        RETURN NULL;
      END $$;
      CREATE FUNCTION count_changed_rows() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM count_data_version(tenant_id) FROM (SELECT DISTINCT tenant_id FROM changed ORDER BY tenant_id) c;
        RETURN NULL;
      END $$;

      -- Costs, what a window published beside them, and what people and imports change, which is audited.
      CREATE CONSTRAINT TRIGGER cost_datasets_version AFTER INSERT OR UPDATE OR DELETE ON cost_datasets
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_changed_row();
      CREATE CONSTRAINT TRIGGER ingestion_windows_version AFTER INSERT OR UPDATE OF finished_at ON ingestion_windows
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.finished_at IS NOT NULL) EXECUTE FUNCTION count_changed_row();
      CREATE CONSTRAINT TRIGGER audit_logs_version AFTER INSERT ON audit_logs
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_changed_row();
      -- Discovery writes a thousand at once: those count once.
      CREATE TRIGGER subscriptions_added AFTER INSERT ON subscriptions
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_rows();
      CREATE TRIGGER subscriptions_changed AFTER UPDATE ON subscriptions
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_changed_rows();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER subscriptions_changed ON subscriptions; DROP TRIGGER subscriptions_added ON subscriptions;
      DROP TRIGGER audit_logs_version ON audit_logs; DROP TRIGGER ingestion_windows_version ON ingestion_windows;
      DROP TRIGGER cost_datasets_version ON cost_datasets;
      DROP FUNCTION count_changed_rows; DROP FUNCTION count_changed_row; DROP FUNCTION count_data_version;
      DROP TABLE data_versions;
    `);
  }
}

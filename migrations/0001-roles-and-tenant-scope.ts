import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Group roles of the two processes, and how a table becomes tenant-scoped.
 * Logins are made by whoever runs the database and join a role: `CREATE ROLE … LOGIN IN ROLE azcops_api`.
 */
export class RolesAndTenantScope1760000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Roles belong to the cluster, not to this database, so another database may have made them already.
    await runner.query(`
      DO $$
      DECLARE role_name text;
      BEGIN
        FOREACH role_name IN ARRAY ARRAY['azcops_api', 'azcops_worker'] LOOP
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            BEGIN
              EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END;
          END IF;
        END LOOP;
      END $$;
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;
      GRANT USAGE ON SCHEMA public TO azcops_api, azcops_worker;

      CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.updated_at := now();
        RETURN NEW;
      END $$;

      -- Sub-selects make the settings an init plan: read once per statement, not once per row.
      CREATE PROCEDURE scope_to_tenant(target regclass, tenant_column name) LANGUAGE plpgsql AS $$
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
        EXECUTE format(
          'CREATE POLICY tenant_scope ON %1$s TO azcops_api, azcops_worker
             USING ((SELECT coalesce(current_setting(''azcops.all_tenants'', true), '''')) = ''on''
                    OR %2$I = (SELECT nullif(current_setting(''azcops.tenant_id'', true), '''')::uuid))',
          target, tenant_column);
      END $$;
      REVOKE ALL ON PROCEDURE scope_to_tenant FROM PUBLIC;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The roles stay: other databases of the cluster may use them.
    await runner.query('DROP PROCEDURE scope_to_tenant; DROP FUNCTION touch_updated_at;');
  }
}

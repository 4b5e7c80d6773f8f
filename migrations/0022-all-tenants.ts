import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Reads of all tenants take a role whose policy is simply true: with a setting that is asked for each row, listing
 * resources took the database a seventh longer. Writes and the worker keep the setting. `migrate` lets the API take the role.
 */
export class AllTenants1760000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'azcops_all_tenants') THEN
          BEGIN
            CREATE ROLE azcops_all_tenants NOLOGIN;
          EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
          END;
        END IF;
      END $$;
      GRANT USAGE ON SCHEMA public TO azcops_all_tenants;

      ${scopeToTenant(`
        IF NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = target AND p.polname = 'all_tenants') THEN
          EXECUTE format('CREATE POLICY all_tenants ON %s FOR SELECT TO azcops_all_tenants USING (true)', target);
        END IF;`)}

      -- It reads what the API reads.
      DO $$
      DECLARE readable regclass;
      BEGIN
        FOR readable IN SELECT polrelid FROM pg_policy WHERE polname = 'tenant_scope' LOOP
          CALL scope_to_tenant(readable, CASE WHEN readable = 'tenants'::regclass THEN 'id' ELSE 'tenant_id' END);
        END LOOP;
        FOR readable IN ${readableBy('azcops_api')} LOOP
          EXECUTE format('GRANT SELECT ON %s TO azcops_all_tenants', readable);
        END LOOP;
      END $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    // The role stays: other databases of the cluster may use it.
    await runner.query(`
      DO $$
      DECLARE readable regclass;
      BEGIN
        FOR readable IN SELECT polrelid FROM pg_policy WHERE polname = 'all_tenants' LOOP
          EXECUTE format('DROP POLICY all_tenants ON %s', readable);
        END LOOP;
        FOR readable IN ${readableBy('azcops_all_tenants')} LOOP
          EXECUTE format('REVOKE SELECT ON %s FROM azcops_all_tenants', readable);
        END LOOP;
      END $$;
      REVOKE ALL ON SCHEMA public FROM azcops_all_tenants;
      ${scopeToTenant('')}
    `);
  }
}

const readableBy = (role: string) => `
          SELECT c.oid FROM pg_class c, aclexplode(c.relacl) a
          WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = '${role}'::regrole
            AND a.privilege_type = 'SELECT'`;

/** How a table becomes tenant-scoped. */
const scopeToTenant = (more: string) => `
      CREATE OR REPLACE PROCEDURE scope_to_tenant(target regclass, tenant_column name) LANGUAGE plpgsql AS $$
      DECLARE
        rule text := format(
          'USING ((SELECT coalesce(current_setting(''azcops.all_tenants'', true), '''') = ''on'')
                  OR %I = (SELECT nullif(current_setting(''azcops.tenant_id'', true), '''')::uuid))', tenant_column);
      BEGIN
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
        IF EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = target AND p.polname = 'tenant_scope') THEN
          EXECUTE format('ALTER POLICY tenant_scope ON %s %s', target, rule);
        ELSE
          EXECUTE format('CREATE POLICY tenant_scope ON %s TO azcops_api, azcops_worker %s', target, rule);
        END IF;${more}
      END $$;`;

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is read (tenants, subscriptions) and who did what (audit_logs). */
export class RegistryAndAudit1760000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tenants (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        name text NOT NULL,
        type text NOT NULL,
        azure_tenant_id text NOT NULL,
        credential_ref text,
        removed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT tenants_pk PRIMARY KEY (id),
        CONSTRAINT tenants_azure_tenant_id_uq UNIQUE (azure_tenant_id),
        CONSTRAINT tenants_type_ck CHECK (type IN ('internal', 'external'))
      );
      CREATE TRIGGER tenants_touch BEFORE UPDATE ON tenants FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('tenants', 'id');
      GRANT SELECT, INSERT, UPDATE ON tenants TO azcops_api;
      GRANT SELECT ON tenants TO azcops_worker;

      -- A caller is known by its token's tid before any scope exists; this is the one look-up outside the scope.
      CREATE FUNCTION tenant_id_of(azure_tenant text) RETURNS uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
        AS $$ SELECT id FROM public.tenants WHERE azure_tenant_id = lower(azure_tenant) AND removed_at IS NULL $$;
      REVOKE ALL ON FUNCTION tenant_id_of FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION tenant_id_of TO azcops_api;

      CREATE TABLE subscriptions (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid NOT NULL,
        provider text NOT NULL DEFAULT 'Microsoft',
        subscription_id text NOT NULL,
        display_name text NOT NULL,
        state text NOT NULL DEFAULT 'Enabled',
        quota_id text,
        billing_scope text,
        home_tenant_id text,
        source text NOT NULL,
        removed_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT subscriptions_pk PRIMARY KEY (tenant_id, id),
        CONSTRAINT subscriptions_provider_id_uq UNIQUE (tenant_id, provider, subscription_id),
        CONSTRAINT subscriptions_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (id),
        CONSTRAINT subscriptions_source_ck CHECK (source IN ('manual', 'discovery', 'import'))
      );
      CREATE TRIGGER subscriptions_touch BEFORE UPDATE ON subscriptions FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
      CALL scope_to_tenant('subscriptions', 'tenant_id');
      GRANT SELECT, INSERT, UPDATE ON subscriptions TO azcops_api, azcops_worker;

      -- No foreign keys: the log outlives whatever it speaks of. tenant_id is null for acts over all tenants.
      CREATE TABLE audit_logs (
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        tenant_id uuid,
        actor_tenant_id text,
        actor_id text NOT NULL,
        actor_name text,
        action text NOT NULL,
        object_type text NOT NULL,
        object_id text NOT NULL,
        changes jsonb NOT NULL DEFAULT '{}',
        correlation_id text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT audit_logs_pk PRIMARY KEY (id)
      );
      CREATE INDEX audit_logs_tenant_created_ix ON audit_logs (tenant_id, created_at);
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
      END $$;
      CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_logs
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
      CALL scope_to_tenant('audit_logs', 'tenant_id');
      GRANT SELECT, INSERT ON audit_logs TO azcops_api;
      GRANT INSERT ON audit_logs TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE audit_logs; DROP FUNCTION refuse_change; DROP TABLE subscriptions;
      DROP FUNCTION tenant_id_of; DROP TABLE tenants;
    `);
  }
}

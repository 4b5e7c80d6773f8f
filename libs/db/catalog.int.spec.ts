import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigurationError } from '#core/errors.js';
import { ALL_TENANTS } from '#core/scope.js';
import { ALL_TENANTS_ROLE, Database } from './database.js';
import { refuseUnsafeLogin } from './process-login.js';
import { addTenant, connectTo, openTestLogins, type TestLogins } from '../../test/harness/ledger.js';

const TENANT_TABLES = [
  'audit_logs',
  'cost_daily_totals',
  'cost_datasets',
  'cost_day_revisions',
  'cost_dimensions',
  'cost_export_runs',
  'cost_tenant_totals',
  'costs_monthly',
  'data_versions',
  'deliveries',
  'delivery_channels',
  'ingestion_runs',
  'ingestion_windows',
  'quota_closures',
  'quota_uses',
  'raw_snapshots',
  'recommendation_events',
  'recommendation_exemptions',
  'recommendations',
  'resource_metrics',
  'resources',
  'rule_evaluations',
  'rule_settings',
  'subscriptions',
  'tenants',
];

/** What Azure publishes for everybody belongs to no tenant: one tenant's read of it serves all, and nothing in it is theirs. */
const SHARED_TABLES = ['retail_prices', 'virtual_machine_sizes'];

describe('database catalog', () => {
  let logins: TestLogins;
  beforeAll(async () => {
    logins = await openTestLogins();
    await logins.worker.pool.query(`SELECT ensure_cost_partition('2026-04-01'), ensure_cost_partition('2026-05-01')`);
  });
  afterAll(() => logins.close());

  const rows = async (sql: string, values: unknown[] = []): Promise<unknown[]> =>
    (await logins.owner.pool.query<object>(sql, values)).rows;
  const column = async (sql: string, values: unknown[] = []): Promise<unknown[]> =>
    (await rows(sql, values)).map((row) => Object.values(row as object)[0] as unknown);

  it('has row-level security on every table but the shared ones, the migration log and the partitions', async () => {
    const secured = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                     AND relrowsecurity ORDER BY 1`;
    expect(await column(secured)).toEqual(TENANT_TABLES);
    const open = `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
                  AND NOT relrowsecurity ORDER BY 1`;
    expect(await column(open)).toEqual([
      'costs_monthly_2026_04',
      'costs_monthly_2026_05',
      'migrations',
      ...SHARED_TABLES,
    ]);
    const ofTenants = `SELECT attrelid::regclass::text FROM pg_attribute
                       WHERE attrelid = ANY($1::regclass[]) AND attname ~ 'tenant|subscription'`;
    expect(await column(ofTenants, [SHARED_TABLES])).toEqual([]);
  });

  it('lets the processes see the scope alone, by one policy per table, and the role of all tenants read everything', async () => {
    const scope = (id: string) =>
      `(( SELECT (COALESCE(current_setting('azcops.all_tenants'::text, true), ''::text) = 'on'::text))` +
      ` OR (${id} = ( SELECT (NULLIF(current_setting('azcops.tenant_id'::text, true), ''::text))::uuid AS "nullif")))`;
    const policies = await rows(
      `SELECT tablename AS table, permissive, array_to_string(roles, ',') AS roles, cmd, qual, with_check
       FROM pg_policies WHERE schemaname = 'public' ORDER BY 1, policyname`,
    );
    expect(policies).toEqual(
      TENANT_TABLES.flatMap((table) => [
        { table, permissive: 'PERMISSIVE', roles: 'azcops_all_tenants', cmd: 'SELECT', qual: 'true', with_check: null },
        {
          table,
          permissive: 'PERMISSIVE',
          roles: 'azcops_api,azcops_worker',
          cmd: 'ALL',
          qual: scope(table === 'tenants' ? 'id' : 'tenant_id'),
          with_check: null, // the same as qual
        },
      ]),
    );
  });

  it('grants each role exactly what it needs', async () => {
    const granted = async (role: string) =>
      Object.fromEntries(
        (
          (await rows(
            `SELECT c.relname AS name, string_agg(a.privilege_type, ' ' ORDER BY a.privilege_type) AS privileges
             FROM pg_class c, aclexplode(c.relacl) a
             WHERE c.relnamespace = 'public'::regnamespace AND (a.grantee = 0 OR a.grantee = $1::regrole)
             GROUP BY c.relname`,
            [role],
          )) as { name: string; privileges: string }[]
        ).map(({ name, privileges }) => [name, privileges]),
      );
    const api = await granted('azcops_api');
    const readable = Object.entries(api).filter(([, privileges]) => privileges.includes('SELECT'));
    expect(await granted('azcops_all_tenants')).toEqual(Object.fromEntries(readable.map(([name]) => [name, 'SELECT'])));
    expect(api).toEqual({
      tenants: 'INSERT SELECT UPDATE',
      subscriptions: 'INSERT SELECT UPDATE',
      audit_logs: 'INSERT SELECT',
      ingestion_runs: 'INSERT SELECT UPDATE',
      ingestion_windows: 'SELECT',
      raw_snapshots: 'SELECT',
      resources: 'SELECT',
      resource_metrics: 'SELECT',
      recommendations: 'SELECT',
      recommendation_events: 'INSERT SELECT',
      recommendation_exemptions: 'INSERT SELECT UPDATE',
      rule_settings: 'DELETE INSERT SELECT UPDATE',
      rule_evaluations: 'SELECT',
      delivery_channels: 'INSERT SELECT UPDATE',
      deliveries: 'INSERT SELECT',
      cost_datasets: 'SELECT',
      cost_dimensions: 'SELECT',
      costs_daily: 'SELECT',
      costs_monthly: 'SELECT',
      cost_daily_totals: 'SELECT',
      cost_tenant_totals: 'SELECT',
      cost_day_revisions: 'SELECT',
      cost_export_runs: 'SELECT',
      costs_daily_flat: 'SELECT',
      data_versions: 'SELECT',
      retail_prices: 'SELECT',
      virtual_machine_sizes: 'SELECT',
    });
    expect(await granted('azcops_worker')).toEqual({
      tenants: 'SELECT',
      subscriptions: 'INSERT SELECT UPDATE',
      audit_logs: 'INSERT',
      ingestion_runs: 'INSERT SELECT UPDATE',
      ingestion_windows: 'INSERT SELECT UPDATE',
      raw_snapshots: 'INSERT SELECT',
      resources: 'INSERT SELECT UPDATE',
      resource_metrics: 'DELETE INSERT SELECT UPDATE',
      quota_uses: 'DELETE INSERT SELECT',
      quota_closures: 'DELETE INSERT SELECT UPDATE',
      recommendations: 'INSERT SELECT UPDATE',
      recommendation_events: 'INSERT SELECT',
      recommendation_exemptions: 'SELECT UPDATE',
      rule_settings: 'SELECT',
      rule_evaluations: 'DELETE INSERT SELECT UPDATE',
      delivery_channels: 'SELECT',
      deliveries: 'INSERT SELECT UPDATE',
      cost_datasets: 'DELETE INSERT SELECT UPDATE',
      cost_dimensions: 'INSERT SELECT',
      costs_daily: 'SELECT',
      costs_monthly: 'DELETE INSERT SELECT',
      cost_daily_totals: 'DELETE INSERT SELECT',
      cost_tenant_totals: 'DELETE INSERT SELECT UPDATE',
      cost_day_revisions: 'INSERT SELECT',
      cost_export_runs: 'DELETE INSERT SELECT',
      costs_daily_flat: 'SELECT',
      retail_prices: 'DELETE INSERT SELECT',
      virtual_machine_sizes: 'DELETE INSERT SELECT',
    });
    // What the API needs to cancel, to decide and to send again, column by column.
    const columns = `SELECT a.grantee::regrole::text || ' ' || a.privilege_type || ' ' || attrelid::regclass || '.' || attname
                     FROM pg_attribute, aclexplode(attacl) a WHERE attrelid::regclass::text NOT LIKE 'pg\\_%' ORDER BY 1`;
    expect(await column(columns)).toEqual([
      'azcops_api UPDATE deliveries.action',
      'azcops_api UPDATE deliveries.expires_at',
      'azcops_api UPDATE deliveries.finished_at',
      'azcops_api UPDATE deliveries.next_attempt_at',
      'azcops_api UPDATE deliveries.reason',
      'azcops_api UPDATE deliveries.status',
      'azcops_api UPDATE ingestion_windows.action',
      'azcops_api UPDATE ingestion_windows.finished_at',
      'azcops_api UPDATE ingestion_windows.reason',
      'azcops_api UPDATE ingestion_windows.status',
      'azcops_api UPDATE recommendations.dismissed_until',
      'azcops_api UPDATE recommendations.executed_at',
      'azcops_api UPDATE recommendations.status',
      'azcops_api UPDATE recommendations.verification',
      'azcops_api UPDATE recommendations.verified_monthly_savings',
    ]);
    expect(await column(`SELECT defaclobjtype FROM pg_default_acl`)).toEqual([]);
  });

  it('gives nobody a way past the parent table of the ledger', async () => {
    for (const login of [logins.api, logins.worker]) {
      await expect(login.query(ALL_TENANTS, 'SELECT 1 FROM costs_monthly_2026_04')).rejects.toThrow(
        /permission denied/,
      );
      expect(await login.query(ALL_TENANTS, 'SELECT 1 FROM costs_monthly')).toEqual([]);
    }
  });

  it('opens privileged functions to those who need them alone', async () => {
    const callers = `
      SELECT p.proname AS name, p.prosecdef AS definer, string_agg(r.rolname, ',' ORDER BY r.rolname) AS callers
      FROM pg_proc p JOIN pg_roles r ON has_function_privilege(r.oid, p.oid, 'EXECUTE')
      WHERE p.pronamespace = 'public'::regnamespace AND r.rolname IN ('azcops_api', 'azcops_worker')
        AND (p.prosecdef OR p.prokind = 'p') GROUP BY 1, 2 ORDER BY 1`;
    expect(await rows(callers)).toEqual([
      { name: 'count_data_version', definer: true, callers: 'azcops_api,azcops_worker' },
      { name: 'ensure_cost_partition', definer: true, callers: 'azcops_worker' },
      { name: 'expire_cost_month', definer: true, callers: 'azcops_worker' },
      { name: 'tenant_id_of', definer: true, callers: 'azcops_api' },
    ]);
    const paths = `SELECT DISTINCT proconfig FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef`;
    expect(await column(paths)).toEqual([['search_path=pg_catalog, public']]);
  });

  it('makes partitions of this century only, named after their month', async () => {
    for (const month of ['1999-12-31', '2100-01-01']) {
      await expect(logins.worker.pool.query('SELECT ensure_cost_partition($1)', [month])).rejects.toThrow(
        /no cost partition/,
      );
    }
    await logins.worker.pool.query(`SELECT ensure_cost_partition('2024-02-29')`);
    const bounds = `SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'costs_monthly_2024_02'`;
    expect(await column(bounds)).toEqual([`FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')`]);
    await logins.owner.pool.query('DROP TABLE costs_monthly_2024_02');
  });

  it('takes absent values of a key for equal where a key may have them', async () => {
    const keys = `SELECT conname FROM pg_constraint JOIN pg_index ON indexrelid = conindid
                  WHERE connamespace = 'public'::regnamespace AND contype = 'u' AND indnullsnotdistinct ORDER BY 1`;
    expect(await column(keys)).toEqual([
      'cost_datasets_owner_uq',
      'ingestion_windows_unit_uq',
      'recommendations_finding_uq',
    ]);
    const nullable = `SELECT conname FROM pg_constraint c JOIN pg_index i ON indexrelid = conindid
                      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)
                      WHERE connamespace = 'public'::regnamespace AND contype = 'u' AND NOT indnullsnotdistinct
                        AND NOT attnotnull`;
    expect(await column(nullable)).toEqual(['ingestion_runs_tick_uq']);
  });

  it('keeps the audit log append-only, even for its owner', async () => {
    await addTenant(logins.owner, 'audited');
    await logins.api.transaction(ALL_TENANTS, (tx) =>
      tx.query(`INSERT INTO audit_logs (actor_id, action, object_type, object_id) VALUES ('a', 'b', 'c', 'd')`),
    );
    for (const sql of ['UPDATE audit_logs SET action = $$x$$', 'DELETE FROM audit_logs', 'TRUNCATE audit_logs']) {
      await expect(logins.owner.pool.query(sql)).rejects.toThrow('audit_logs is append-only');
      await expect(logins.api.transaction(ALL_TENANTS, (tx) => tx.query(sql))).rejects.toThrow(/permission denied/);
    }
    expect(await column('SELECT count(*)::int FROM audit_logs')).toEqual([1]);
  });

  it('lets the API add jobs and the worker do everything with them', async () => {
    const queue = `SELECT has_table_privilege($1, c.oid, p.name) AS may, p.name AS privilege, c.relname AS table
                   FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (name)
                   WHERE c.relnamespace = 'pgboss'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname, p.name`;
    const may = async (role: string) =>
      ((await rows(queue, [role])) as { may: boolean; privilege: string; table: string }[]).filter((row) => row.may);
    const api = await may('azcops_api');
    expect(api.filter(({ privilege }) => privilege !== 'SELECT').map((row) => `${row.privilege} ${row.table}`)).toEqual(
      ['INSERT job', 'INSERT job_common'],
    );
    const worker = await may('azcops_worker');
    const tables = new Set(worker.map(({ table }) => table));
    expect(tables).toContain('job_common');
    for (const table of tables) {
      expect(worker.filter((row) => row.table === table).map(({ privilege }) => privilege)).toEqual([
        'DELETE',
        'INSERT',
        'SELECT',
        'UPDATE',
      ]);
    }
  });

  it('has logins that own nothing and bypass nothing', async () => {
    const roles = `SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb AS special,
                          (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = r.oid AND deptype = 'o'
                           AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS owned
                   FROM pg_roles r WHERE rolname ~ '^azcops_(all|api|worker)' ORDER BY 1`;
    const harmless = (rolname: string) => ({ rolname, special: false, owned: 0 });
    expect(await rows(roles)).toEqual(
      ['azcops_all_tenants', 'azcops_api', 'azcops_api_login', 'azcops_worker', 'azcops_worker_login'].map(harmless),
    );
  });

  describe('the login of a process', () => {
    const problemsOf = async (database: Database, role: 'azcops_api' | 'azcops_worker') => {
      const error: unknown = await refuseUnsafeLogin(database, role).catch((reason: unknown) => reason);
      if (error === undefined) return [];
      expect(error).toBeInstanceOf(ConfigurationError);
      return (error as ConfigurationError).problems.map((problem) => /: (.*);/.exec(problem)?.[1]);
    };
    /** Connects as a fresh login; roles belong to the cluster, so they are named at random and dropped. */
    const asLogin = async (options: string, test: (database: Database, name: string) => Promise<void>) => {
      const name = `login_${Math.random().toString(36).slice(2)}`;
      await logins.owner.pool.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret' ${options}`);
      const url = Object.assign(new URL(logins.urls.owner), { username: name, password: 'secret' }).href;
      const database = connectTo(url);
      try {
        await test(database, name);
      } finally {
        await database.close();
        await logins.owner.pool.query(`DROP OWNED BY ${name}`);
        await logins.owner.pool.query(`DROP ROLE ${name}`);
      }
    };

    it('is accepted in its own role', async () => {
      expect(await problemsOf(logins.api, 'azcops_api')).toEqual([]);
      expect(await problemsOf(logins.worker, 'azcops_worker')).toEqual([]);
    });

    it('is refused outside its role', async () => {
      expect(await problemsOf(logins.api, 'azcops_worker')).toEqual([
        expect.stringMatching(/is not a member of azcops_worker/),
      ]);
      await asLogin('', async (database, name) =>
        expect(await problemsOf(database, 'azcops_api')).toEqual([
          `the login ${name} is not a member of azcops_api; is the database migrated?`,
        ]),
      );
    });

    it('is refused when it sees all tenants unasked', () =>
      asLogin('IN ROLE azcops_api, azcops_all_tenants', async (database, name) =>
        expect(await problemsOf(database, 'azcops_api')).toEqual([
          `the login ${name} sees all tenants unasked; has azcops_api been made to inherit?`,
        ]),
      ));

    it('is refused for the API when it may not read all tenants', () =>
      asLogin('IN ROLE azcops_worker', async (database, name) => {
        const reader = new Database(database.pool, ALL_TENANTS_ROLE);
        expect(await problemsOf(reader, 'azcops_worker')).toEqual([
          `the login ${name} may not take the role azcops_all_tenants; is the database migrated?`,
        ]);
      }));

    it('is refused as a superuser', async () => {
      expect(await problemsOf(logins.owner, 'azcops_api')).toContainEqual(expect.stringMatching(/is a superuser$/));
    });

    it('is refused when it bypasses row-level security', () =>
      asLogin('BYPASSRLS IN ROLE azcops_api', async (database, name) =>
        expect(await problemsOf(database, 'azcops_api')).toEqual([`the login ${name} bypasses row-level security`]),
      ));

    it('is refused when it owns a table', () =>
      asLogin('IN ROLE azcops_worker', async (database, name) => {
        expect(await problemsOf(database, 'azcops_worker')).toEqual([]);
        await logins.owner.pool.query(`CREATE TABLE owned_by_login (); ALTER TABLE owned_by_login OWNER TO ${name}`);
        expect(await problemsOf(database, 'azcops_worker')).toEqual([`the login ${name} owns tables`]);
      }));
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataSource } from '#db/data-source.js';
import { withClient } from '../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../test/harness/database.js';
import { migrations } from './index.js';
import { migrate } from './migrate.js';

/** Everything a migration makes, by name and definition. */
const SCHEMA = `
  SELECT 'relation' AS kind, relname AS name, relkind::text || relrowsecurity || coalesce(relacl::text, '') AS definition
  FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT 'column', attrelid::regclass || '.' || attname, format_type(atttypid, atttypmod) || attnotnull
  FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
  UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT 'policy', tablename || '.' || policyname, roles::text || cmd || qual || coalesce(with_check, '') FROM pg_policies
  UNION ALL SELECT 'function', proname, prosrc || coalesce(proacl::text, '') FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
  ORDER BY 1, 2, 3`;

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await createTestDatabase()));
  afterAll(() => database.drop());

  const query = (sql: string) => withClient(database.ownerUrl, async (client) => (await client.query(sql)).rows);

  it('make the schema that the entities describe', async () => {
    const dataSource = await createDataSource(database.ownerUrl).initialize();
    try {
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query: sql }) => sql)).toEqual([]);
    } finally {
      await dataSource.destroy();
    }
  });

  it('change nothing when they run again, also twice at once', async () => {
    const before = await query(SCHEMA);
    const queues = 'SELECT * FROM pgboss.queue ORDER BY name';
    const queuesBefore = await query(queues);
    const applied = await Promise.all([migrate(database.ownerUrl), migrate(database.ownerUrl)]);
    expect(applied).toEqual([{ applied: [] }, { applied: [] }]);
    expect(await query(SCHEMA)).toEqual(before);
    expect((await query(queues)).map(withoutTimes)).toEqual(queuesBefore.map(withoutTimes));
  });

  it('say which login may not change the schema', async () => {
    await expect(migrate(database.workerUrl)).rejects.toThrow(
      /DATABASE_OWNER_URL: the login \w+ may not change the schema \(permission denied .*\); use the owner/,
    );
  });

  it('can be undone one by one down to nothing, and applied again by two migrators at once', async () => {
    const before = await query(SCHEMA);
    const dataSource = await createDataSource(database.ownerUrl, migrations).initialize();
    try {
      // A ledger in use has partitions.
      await dataSource.query(`SELECT ensure_cost_partition('2026-04-01')`);
      for (let left = migrations.length; left > 0; left -= 1)
        await dataSource.undoLastMigration({ transaction: 'each' });
    } finally {
      await dataSource.destroy();
    }
    const left = `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
                  UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`;
    expect(await query(left)).toEqual([{ name: 'migrations' }]);
    await query('DROP SCHEMA pgboss CASCADE');

    const results = await Promise.all([migrate(database.ownerUrl), migrate(database.ownerUrl)]);
    const names = migrations.map(({ name }) => name);
    expect(results.map(({ applied }) => applied).sort((a, b) => a.length - b.length)).toEqual([[], names]);
    expect(await query(SCHEMA)).toEqual(before);
  });

  it('turn days into months and back without losing a charge', async () => {
    const own = await createTestDatabase();
    const dataSource = await createDataSource(own.ownerUrl, migrations).initialize();
    const charges = async () => {
      const { rows } = await withClient(own.ownerUrl, (client) =>
        client.query<{ line: string }>(
          `SELECT concat_ws(' ', dataset_id, day, dimension_id, currency, coalesce(cost::text, '-'), coalesce(amortized_cost::text, '-'))
             AS line FROM costs_daily ORDER BY dataset_id, day, dimension_id, currency`,
        ),
      );
      return rows.map(({ line }) => line);
    };
    try {
      const months = migrations.findIndex(({ name }) => name.startsWith('CostsMonthly'));
      for (let left = migrations.length; left > months; left -= 1)
        await dataSource.undoLastMigration({ transaction: 'each' });
      const given = [
        '1 2024-02-29 7 EUR 1.50 -',
        '1 2024-03-01 7 EUR -0.000000000000000000001 2',
        '1 2024-03-01 7 USD 4 5',
        '1 2024-03-31 7 EUR 3 0',
        '2 2024-03-31 8 EUR - 123456789012345678901234567890.1',
      ];
      await dataSource.query(`SELECT ensure_cost_partition('2024-02-01'), ensure_cost_partition('2024-03-01')`);
      for (const line of given) {
        const values = line.split(' ').map((value) => (value === '-' ? null : value));
        await dataSource.query(
          `INSERT INTO costs_daily (tenant_id, dataset_id, day, dimension_id, currency, cost, amortized_cost)
           VALUES ('11111111-1111-4111-8111-111111111111', $1, $2, $3, $4, $5, $6)`,
          values,
        );
      }
      await dataSource.runMigrations({ transaction: 'each' });
      expect(await charges()).toEqual(given);
      expect(await dataSource.query('SELECT count(*)::int AS months FROM costs_monthly')).toEqual([{ months: 4 }]);
      for (let left = migrations.length; left > months; left -= 1)
        await dataSource.undoLastMigration({ transaction: 'each' });
      expect(await charges()).toEqual(given);
    } finally {
      await dataSource.destroy();
      await own.drop();
    }
  });

  it('need no superuser: an owner that may create roles is enough', async () => {
    const name = `owner_${Math.random().toString(36).slice(2)}`;
    await query(`CREATE ROLE ${name} LOGIN CREATEROLE PASSWORD 'secret'`);
    await query(`CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0`);
    try {
      const ownerUrl = Object.assign(new URL(database.ownerUrl), {
        username: name,
        password: 'secret',
        pathname: `/${name}`,
      }).href;
      expect((await migrate(ownerUrl)).applied).toHaveLength(migrations.length);
      await withClient(ownerUrl, (client) =>
        client.query(`INSERT INTO tenants (name, type, azure_tenant_id) VALUES ('one', 'internal', 'azure-one')`),
      );
      // What the owner's privileged functions must be able to do for the two roles.
      const at = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
      const found = await withClient(at(database.apiUrl), (client) =>
        client.query(
          `SELECT tenant_id_of('AZURE-ONE') IS NOT NULL AS found, (SELECT count(*)::int FROM tenants) AS seen`,
        ),
      );
      expect(found.rows).toEqual([{ found: true, seen: 0 }]);
      await withClient(at(database.workerUrl), (client) => client.query(`SELECT ensure_cost_partition('2026-04-01')`));
    } finally {
      await query(`DROP DATABASE ${name} WITH (FORCE)`);
      await query(`DROP ROLE ${name}`);
    }
  });
});

function withoutTimes(queue: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(queue).filter(([name]) => !/_on$|_at$/.test(name)));
}

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '#migrations/migrate.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { startPostgres, type Postgres } from '../../scripts/postgres.js';

/** The administrator of a PostgreSQL Flexible Server is no superuser, and a group that it is in owns the database. */
describe('the administrator of a Flexible Server', () => {
  let folder: string;
  let server: Postgres;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'azcops-flexible-'));
    chmodSync(folder, 0o711);
    server = await startPostgres({ dataDir: join(folder, 'postgres'), fast: true });
  });
  afterAll(async () => {
    await server.stop({ immediate: true });
    rmSync(folder, { recursive: true, force: true });
  });

  it('can migrate, and give logins the roles that the migration made', async () => {
    await withClient(server.url('postgres'), async (client) => {
      await client.query('CREATE ROLE azure_pg_admin CREATEDB CREATEROLE');
      await client.query(
        "CREATE ROLE administrator LOGIN PASSWORD 'secret' CREATEDB CREATEROLE NOSUPERUSER IN ROLE azure_pg_admin",
      );
      await client.query('CREATE DATABASE azcops OWNER azure_pg_admin');
    });
    const url = Object.assign(new URL(server.url('azcops')), { username: 'administrator', password: 'secret' }).href;
    const { applied } = await migrate(url);
    expect(applied).not.toEqual([]);
    expect((await migrate(url)).applied).toEqual([]);
    await withClient(url, (client) =>
      client.query("CREATE ROLE worker LOGIN PASSWORD 'secret'; GRANT azcops_worker TO worker"),
    );
    const worker = Object.assign(new URL(url), { username: 'worker' }).href;
    const answer = await withClient(worker, (client) => client.query('SELECT count(*)::int AS jobs FROM pgboss.job'));
    expect(answer.rows).toEqual([{ jobs: 0 }]);
  });
});

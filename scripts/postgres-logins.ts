import pg from 'pg';
import { processLogins } from './postgres-cluster.js';
import { passwordOf, type Postgres } from './postgres.js';

/** Runs statements on one connection, which is closed whatever happens. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'azcops-scripts' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Creates the database unless it exists; answers the owner's connection string of it. */
export async function ensureDatabase(server: Postgres, database: string): Promise<string> {
  await withClient(server.url('postgres'), async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
    if (!rowCount) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
  });
  return server.url(database);
}

/**
 * Makes both logins members of their group roles (so migrations must have run) with passwords kept in the data
 * directory, and nothing more: no superuser, no bypass of row-level security. Answers their connection strings.
 */
export async function ensureLogins(server: Postgres, database: string): Promise<{ apiUrl: string; workerUrl: string }> {
  await withClient(server.url(database), async (client) => {
    // Two commands may do this at once, and roles belong to the whole cluster.
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('azcops logins'))");
    for (const [login, group] of Object.entries(processLogins)) {
      const name = pg.escapeIdentifier(login);
      const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [login]);
      if (!rowCount) await client.query(`CREATE ROLE ${name}`);
      const password = pg.escapeLiteral(passwordOf(server.dataDir, login));
      await client.query(
        `ALTER ROLE ${name} LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD ${password}`,
      );
      await client.query(`GRANT ${pg.escapeIdentifier(group)} TO ${name}`);
    }
    await client.query('COMMIT');
  });
  return { apiUrl: server.url(database, 'azcops_api_login'), workerUrl: server.url(database, 'azcops_worker_login') };
}

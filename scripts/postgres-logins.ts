import pg from 'pg';
import { processLogins } from './postgres-cluster.js';
import type { Postgres } from './postgres.js';

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

/** Connection strings of the two processes' logins, which `migrate` makes; their passwords are in the data directory. */
export function processUrls(server: Postgres, database: string): { api: string; worker: string } {
  return { api: server.url(database, processLogins.api), worker: server.url(database, processLogins.worker) };
}

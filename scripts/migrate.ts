import { join } from 'node:path';
import { database } from './environment.js';
import { runInForeground } from './foreground.js';
import { ensureDatabase, processUrls } from './postgres-logins.js';
import { startPostgres } from './postgres.js';
import { resolveDataDir } from './project.js';

const script = 'dist/migrations/main.js';

async function migrateEmbedded(): Promise<number> {
  const server = await startPostgres({ dataDir: join(resolveDataDir(), 'postgres'), log: console.error });
  try {
    const owner = await ensureDatabase(server, database);
    const { api, worker } = processUrls(server, database);
    const logins = { DATABASE_OWNER_URL: owner, DATABASE_API_URL: api, DATABASE_WORKER_URL: worker };
    const env = { ...process.env, LOG_FORMAT: process.env['LOG_FORMAT'] || 'pretty', ...logins };
    return await runInForeground(script, [], env);
  } finally {
    await server.stop();
  }
}

// With a database of the user's own, its owner's login must be given; the migrations say so if it is not.
const ownDatabase = process.env['DATABASE_OWNER_URL']?.trim() || process.env['DATABASE_URL']?.trim();
await (ownDatabase ? runInForeground(script, [], process.env) : migrateEmbedded()).then(
  (code) => (process.exitCode = code),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

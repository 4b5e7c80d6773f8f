import { join } from 'node:path';
import { database } from './environment.js';
import { runInForeground } from './foreground.js';
import { ensureDatabase, ensureLogins } from './postgres-logins.js';
import { startPostgres } from './postgres.js';
import { resolveDataDir } from './project.js';

const script = 'dist/migrations/main.js';

async function migrateEmbedded(): Promise<number> {
  const server = await startPostgres({ dataDir: join(resolveDataDir(), 'postgres'), log: console.error });
  try {
    const url = await ensureDatabase(server, database);
    const env = { ...process.env, LOG_FORMAT: process.env['LOG_FORMAT'] || 'pretty', DATABASE_OWNER_URL: url };
    const code = await runInForeground(script, [], env);
    if (code === 0) await ensureLogins(server, database);
    return code;
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

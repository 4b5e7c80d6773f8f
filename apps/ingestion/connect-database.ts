import type { Config } from '#core/config.js';
import { Database } from '#db/database.js';
import { createPool } from '#db/pool.js';
import { refuseUnsafeLogin } from '#db/process-login.js';

/** The database with the worker's login; throws `ConfigurationError` for a login that may do too much or too little. */
export async function connectDatabase(config: Config): Promise<Database> {
  const pool = createPool({
    url: config.databaseUrl!,
    applicationName: 'azcops-ingestion',
    // A window keeps one connection for its stage; a few are shared for the short transactions of all.
    poolSize: config.ingestion.concurrency + 6,
  });
  const database = new Database(pool);
  await refuseUnsafeLogin(database, 'azcops_worker');
  return database;
}

import type { Config } from '#core/config.js';
import { createDataSource } from '#db/data-source.js';
import { Database } from '#db/database.js';

/** The database with the worker's login; throws `ConfigurationError` for a login that may do too much or too little. */
export async function connectDatabase(config: Config): Promise<Database> {
  const dataSource = createDataSource({
    url: config.databaseUrl!,
    applicationName: 'azcops-ingestion',
    // A window keeps one connection for its stage; a few are shared for the short transactions of all.
    poolSize: config.ingestion.concurrency + 6,
  });
  const database = new Database(await dataSource.initialize());
  await database.refuseUnsafeLogin('azcops_worker');
  return database;
}

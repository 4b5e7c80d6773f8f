import pg from 'pg';
import { ConfigurationError } from '#core/errors.js';
import { createDataSource } from '#db/data-source.js';
import { installQueue } from '#db/queue/install.js';
import { unreachable } from '#db/unreachable.js';
import { migrations } from './index.js';

/** Arbitrary but fixed: two migrators of one database wait for each other instead of colliding. */
const MIGRATION_LOCK = 4_711_200_26;
const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * The API may take the role that reads all tenants, and has nothing of it until it does. Not of a migration: memberships
 * belong to the server, and a restored database comes to another one. Databases of one server may do it at the same time.
 */
const TAKE_ALL_TENANTS = `
  DO $$
  BEGIN
    IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'azcops_api') THEN
      ALTER ROLE azcops_api NOINHERIT;
    END IF;
    IF NOT pg_has_role('azcops_api', 'azcops_all_tenants', 'MEMBER') THEN
      GRANT azcops_all_tenants TO azcops_api;
    END IF;
  EXCEPTION WHEN unique_violation OR internal_error THEN NULL;
  END $$`;

/**
 * Brings a database to the current schema: roles, tables, policies, grants and the job queue.
 * Idempotent; safe to run from several machines at once. `ownerUrl` needs CREATEROLE and ownership of the database; throws
 * `ConfigurationError` where it lacks them.
 */
export async function migrate(ownerUrl: string): Promise<{ applied: string[] }> {
  const guard = new pg.Client({ connectionString: ownerUrl, application_name: 'azcops-migrate' });
  await guard.connect().catch((error: unknown) => {
    throw unreachable(error, 'DATABASE_OWNER_URL', ownerUrl);
  });
  try {
    await guard.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const dataSource = await createDataSource(ownerUrl, migrations).initialize();
    try {
      const applied = await dataSource.runMigrations({ transaction: 'each' });
      await installQueue(ownerUrl);
      await guard.query(TAKE_ALL_TENANTS);
      return { applied: applied.map(({ name }) => name) };
    } finally {
      await dataSource.destroy();
    }
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    if (code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw new ConfigurationError([
      `DATABASE_OWNER_URL: the login ${guard.user} may not change the schema (${message}); use the owner of the database, with CREATEROLE`,
    ]);
  } finally {
    await guard.end();
  }
}

import { ConfigurationError } from '#core/errors.js';
import { ALL_TENANTS_ROLE, type Database } from './database.js';
import { unreachable } from './unreachable.js';

/**
 * How every process begins: refuses a login that could see past row-level security, or that lacks the schema. Throws a
 * `ConfigurationError` naming what to do, or a `DatabaseUnreachableError` when there is nobody to ask.
 */
export async function refuseUnsafeLogin(database: Database, role: 'azcops_api' | 'azcops_worker'): Promise<void> {
  const { pool } = database;
  const client = await database.connect().catch((error: unknown) => {
    throw unreachable(error, 'DATABASE_URL', pool.options.connectionString!);
  });
  client.release();
  const { rows } = await pool.query<{
    super: boolean;
    bypass: boolean;
    owner: boolean;
    member: boolean;
    takes: boolean;
    sees: boolean;
    login: string;
  }>(
    `SELECT rolname AS login, rolsuper AS super, rolbypassrls AS bypass,
            EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND pg_has_role(current_user, tableowner, 'MEMBER')) AS owner,
            EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND pg_has_role(current_user, r.oid, 'MEMBER')) AS member,
            EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $2 AND pg_has_role(current_user, r.oid, 'MEMBER')) AS takes,
            EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $2 AND pg_has_role(current_user, r.oid, 'USAGE')) AS sees
     FROM pg_roles WHERE rolname = current_user`,
    [role, ALL_TENANTS_ROLE],
  );
  const login = rows[0];
  const problems: string[] = [];
  if (login?.super) problems.push(`the login ${login.login} is a superuser`);
  if (login?.bypass) problems.push(`the login ${login.login} bypasses row-level security`);
  if (login?.owner && !login.super) problems.push(`the login ${login.login} owns tables`);
  if (!login?.member) problems.push(`the login ${login?.login} is not a member of ${role}; is the database migrated?`);
  else if (database.readAllRole && !login.takes)
    problems.push(`the login ${login.login} may not take the role ${ALL_TENANTS_ROLE}; is the database migrated?`);
  if (login?.sees && !login.super)
    problems.push(`the login ${login.login} sees all tenants unasked; has ${role} been made to inherit?`);
  if (problems.length > 0) {
    throw new ConfigurationError(
      problems.map((problem) => `DATABASE_URL: ${problem}; use a login made with CREATE ROLE … LOGIN IN ROLE ${role}`),
    );
  }
}

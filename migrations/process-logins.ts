import { createHmac, hash, pbkdf2Sync, randomBytes } from 'node:crypto';
import pg from 'pg';
import { ConfigurationError } from '#core/errors.js';

const GROUPS = { api: 'azcops_api', worker: 'azcops_worker' } as const;
const VARIABLES = { api: 'DATABASE_API_URL', worker: 'DATABASE_WORKER_URL' } as const;
type Process = keyof typeof GROUPS;

/** Connection strings of the logins to be made; a process that has none is left to whoever runs the database. */
export type ProcessLogins = Partial<Record<Process, string | null>>;

/**
 * Makes each login a member of its group role, with the user and password of its connection string; a login that is
 * there gets that password, so a changed secret takes effect with the next migration. Needs CREATEROLE and the schema.
 * Answers the group roles that still have no login. Throws a `ConfigurationError` for a login that could see too much.
 */
export async function ensureProcessLogins(ownerUrl: string, logins: ProcessLogins): Promise<string[]> {
  const wanted = Object.entries(logins).flatMap(([key, url]) => (url ? [readLogin(key as Process, url)] : []));
  const client = new pg.Client({ connectionString: ownerUrl, application_name: 'azcops-migrate' });
  await client.connect();
  try {
    // Two commands may do this at once.
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('azcops logins'))");
    for (const login of wanted) await ensureLogin(client, login);
    await client.query('COMMIT');
    const { rows } = await client.query<{ rolname: string }>(
      // Whoever makes a role is a member of it since PostgreSQL 16.
      `SELECT rolname FROM pg_roles r WHERE rolname = ANY ($1)
         AND NOT EXISTS (SELECT FROM pg_auth_members m JOIN pg_roles l ON l.oid = m.member
                         WHERE m.roleid = r.oid AND l.rolcanlogin AND l.rolname <> current_user)
       ORDER BY rolname`,
      [Object.values(GROUPS)],
    );
    return rows.map(({ rolname }) => rolname);
  } finally {
    await client.end();
  }
}

interface Login {
  variable: string;
  group: string;
  name: string;
  password: string;
}

function readLogin(process: Process, connectionString: string): Login {
  const variable = VARIABLES[process];
  const problem = (text: string) => new ConfigurationError([`${variable}: ${text}`]);
  const { username, password } = new URL(connectionString);
  const [name, secret] = [username, password].map(decoded);
  if (name === null || secret === null) throw problem('a % in user or password must be written as %25');
  if (!name || !secret) throw problem('must name a user and a password: postgresql://user:password@…');
  // Beyond ASCII the driver and the server would have to agree on a normal form.
  if (!/^[\x20-\x7e]+$/.test(secret)) throw problem('the password must be of printable ASCII characters');
  return { variable, group: GROUPS[process], name, password: secret };
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

async function ensureLogin(client: pg.Client, { variable, group, name, password }: Login): Promise<void> {
  const problem = (text: string) => new ConfigurationError([`${variable}: ${text}`]);
  const { rows } = await client.query<{ special: boolean; self: boolean }>(
    `SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS special,
            rolname = current_user AS self
     FROM pg_roles WHERE rolname = $1`,
    [name],
  );
  const [found] = rows;
  if (found?.self) throw problem(`${name} is the owner's login; the process needs one of its own`);
  if (found?.special) throw problem(`the login ${name} has rights that no process may have; name another one`);
  const role = pg.escapeIdentifier(name);
  const secret = pg.escapeLiteral(scramSecret(password));
  try {
    await client.query(`${found ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN INHERIT PASSWORD ${secret}`);
    await client.query(`GRANT ${pg.escapeIdentifier(group)} TO ${role}`);
  } catch (error) {
    const { code, message } = error as pg.DatabaseError;
    if (code !== INSUFFICIENT_PRIVILEGE) throw error;
    throw problem(
      `the owner's login may not make or change ${name} (${message}); grant it CREATEROLE or leave this out`,
    );
  }
}

const INSUFFICIENT_PRIVILEGE = '42501';
const ITERATIONS = 4096;

/** What the server keeps of a password (RFC 5803): so the password itself is in no statement and no log of it. */
function scramSecret(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = hash('sha256', key('Client Key'), 'base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}

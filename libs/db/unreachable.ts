import pg from 'pg';
import { DatabaseUnreachableError } from '#core/errors.js';
import { reasonOf } from './away.js';

/** PostgreSQL's codes for a login that it refuses, and for a database that is not there. */
const LOGIN_REFUSED = /^28/;
const NO_DATABASE = '3D000';
/** All connections that the server, the database or the login may have are taken. */
export const TOO_MANY_CONNECTIONS = '53300';

/**
 * What kept a process from its first connection, in words: which server, what it said and what to do, never the password.
 * `variable` names what was set to `url`.
 */
export function unreachable(error: unknown, variable: string, url: string): Error {
  const { host, port, user, database } = new pg.Client({ connectionString: url });
  const server = `${host}:${port}`;
  const reason = reasonOf(error);
  const { code = '' } = error as { code?: string };
  if (LOGIN_REFUSED.test(code)) {
    return new DatabaseUnreachableError(
      `The database at ${server} refuses the login ${user} (${reason}).`,
      `Correct user and password in ${variable}, or let the server accept them.`,
      { cause: error },
    );
  }
  if (code === NO_DATABASE) {
    return new DatabaseUnreachableError(
      `The server at ${server} has no database ${database}.`,
      `Create it, or name another one in ${variable}.`,
      { cause: error },
    );
  }
  if (code === TOO_MANY_CONNECTIONS) {
    return new DatabaseUnreachableError(
      `The database at ${server} has no connection left (${reason}).`,
      'Run fewer processes, lower INGESTION_CONCURRENCY, or raise max_connections of the server: docs/scaling.md says what each needs.',
      { cause: error },
    );
  }
  return new DatabaseUnreachableError(
    `The database at ${server} cannot be reached (${reason}).`,
    `Check that it runs and is reachable from here, and that ${variable} is right.`,
    { cause: error },
  );
}

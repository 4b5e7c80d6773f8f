/**
 * PostgreSQL states of a server that cannot serve right now: connection or login refused, database gone, connections, memory
 * or disk used up, going down or coming up, open to readers alone, or a connection ended because its process was paused.
 */
const AWAY = /^(08|28|3D|53|57P|25P03|25006)/;
const CONNECTION_TROUBLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** What `pg` says without a code when a connection is lost or none is free. */
const CONNECTION_LOST =
  /timeout exceeded when trying to connect|Connection terminated|not queryable|Client was closed/i;

/** Whether a statement failed because the database is away or full, and not because of what was asked. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return CONNECTION_TROUBLE.has(code) || (code.length === 5 && AWAY.test(code));
  return typeof message === 'string' && (isGivenUp(error) || CONNECTION_LOST.test(message));
}

/** The driver waits no longer for a server that neither answered nor ended the statement in time. */
export function isGivenUp(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** What the status of a window and the log say of it. */
export function describeAway(error: unknown): string {
  return `The database did not answer (${reasonOf(error)}).`;
}

/** A connection that was refused at every address of a name has no message of its own. */
export function reasonOf(error: unknown): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return inner instanceof Error ? inner.message || inner.name : String(inner);
}

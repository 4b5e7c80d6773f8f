import pg from 'pg';

// A day is a string everywhere: the driver's default would turn a date into a local-time Date.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export interface PoolOptions {
  url: string;
  applicationName?: string;
  poolSize?: number;
  statementTimeoutMs?: number;
}

/**
 * A process that is paused or cut off in the middle of a transaction holds its locks no longer than this; our own
 * transactions never wait for anything but the database.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** How long a caller waits for a connection. */
export const CONNECT_PATIENCE_MS = 5_000;

/** Connections to PostgreSQL, made when they are needed. */
export function createPool({ url, applicationName, poolSize, statementTimeoutMs }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName ?? 'azcops',
    max: poolSize ?? 10,
    statement_timeout: statementTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    keepAlive: true,
  });
  // An idle connection that is lost is replaced by the next caller's; an error that nobody listens to ends the process.
  pool.on('error', () => undefined);
  return pool;
}

import pg from 'pg';

// A day is a string everywhere: the driver's default would turn a date into a local-time Date.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export interface PoolOptions {
  url: string;
  applicationName?: string;
  poolSize?: number;
  /** What takes longer is ended by the server, and given up a little later where that says nothing. */
  statementTimeoutMs?: number;
}

/** Until a server that has ended a statement has said so. */
const ANSWER_MARGIN_MS = 5_000;

/**
 * A process that is paused or cut off in the middle of a transaction holds its locks no longer than this; our own
 * transactions never wait for anything but the database.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** A connection that nothing has passed for so long is asked whether its other end is there, and is lost 10 s later if not. */
export const KEEP_ALIVE_MS = 10_000;

/** How long a caller waits for a connection. */
export const CONNECT_PATIENCE_MS = 5_000;

/** Connections to PostgreSQL, made when they are needed. */
export function createPool({ url, applicationName, poolSize, statementTimeoutMs }: PoolOptions): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: applicationName ?? 'azcops',
    max: poolSize ?? 10,
    statement_timeout: statementTimeoutMs,
    // A server that is gone without a word, as after a failover, would be waited for as long as TCP sends again: 15 minutes.
    ...(statementTimeoutMs && { query_timeout: statementTimeoutMs + ANSWER_MARGIN_MS }),
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    keepAlive: true,
    // The system's own is two hours.
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  });
  // An idle connection that is lost is replaced by the next caller's; an error that nobody listens to ends the process.
  pool.on('error', () => undefined);
  return pool;
}

import pg from 'pg';
import { DataSource, type MixedList } from 'typeorm';
import { entities } from './entities/index.js';

// A day is a string everywhere: the driver's default would turn a date into a local-time Date.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

export interface DataSourceOptions {
  url: string;
  applicationName?: string;
  poolSize?: number;
  /** Statements of one connection are sent without waiting for each other; COPY does not work on such a connection. */
  pipeline?: boolean;
  statementTimeoutMs?: number;
  // oxlint-disable-next-line typescript/no-unsafe-function-type -- TypeORM's own type for migration classes
  migrations?: MixedList<Function | string>;
}

/**
 * A process that is paused or cut off in the middle of a transaction holds its locks no longer than this; our own
 * transactions never wait for anything but the database.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** The one way to the database: TypeORM over `pg`, never synchronising, never creating extensions. */
export function createDataSource(options: DataSourceOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    applicationName: options.applicationName ?? 'azcops',
    poolSize: options.poolSize ?? 10,
    entities,
    migrations: options.migrations ?? [],
    synchronize: false,
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    extra: {
      pipeline: options.pipeline ?? false,
      statement_timeout: options.statementTimeoutMs,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    },
  });
}

import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '../database.js';
import { QUEUE_SCHEMA } from '../queue/queues.js';

/** How ingestion as a whole is doing, for metrics. */
export class IngestionStateRepository {
  constructor(private readonly database: Database) {}

  /** Seconds since a window of each connector last succeeded; connectors that never did are absent. */
  lag(connectors: readonly string[]): Promise<{ connector: string; seconds: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT c.connector, extract(epoch FROM now() - w.finished_at)::float8 AS seconds
       FROM unnest($1::text[]) AS c (connector)
       CROSS JOIN LATERAL (
         SELECT finished_at FROM ingestion_windows
         WHERE connector = c.connector AND status = 'succeeded' ORDER BY finished_at DESC LIMIT 1
       ) w`,
      [connectors],
    );
  }

  /** Jobs per state of the queue. */
  queueJobs(): Promise<{ state: string; jobs: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT state::text AS state, count(*)::float8 AS jobs FROM ${QUEUE_SCHEMA}.job GROUP BY state`,
    );
  }
}

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

  /** When a run of each mode last ended with something read, in seconds of Unix time; modes that never did are absent. */
  lastSuccesses(): Promise<{ mode: string; at: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT m.mode, extract(epoch FROM r.finished_at)::float8 AS at
       FROM unnest(ARRAY['full', 'incremental']) AS m (mode)
       CROSS JOIN LATERAL (
         SELECT finished_at FROM ingestion_runs
         WHERE mode = m.mode AND status IN ('succeeded', 'partially_succeeded') AND finished_at IS NOT NULL
         ORDER BY created_at DESC LIMIT 1
       ) r`,
    );
  }

  /**
   * Age of the end of the newest published day of each tenant whose costs are read or come by exports. Files that were
   * imported by hand, such as a year of history, are not expected to go on.
   */
  costFreshness(): Promise<{ tenant_id: string; seconds: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT d.tenant_id, extract(epoch FROM now() - (max(upper(d.covered))::timestamp AT TIME ZONE 'UTC'))::float8 AS seconds
       FROM cost_datasets d JOIN tenants t ON t.id = d.tenant_id AND t.removed_at IS NULL
       WHERE NOT isempty(d.covered) AND d.source NOT LIKE '%-file' GROUP BY d.tenant_id`,
    );
  }

  /** Age of the oldest job that could be worked on and is not; zero without one. */
  async oldestJobSeconds(): Promise<number> {
    const [row] = await this.database.query<{ seconds: number }>(
      ALL_TENANTS,
      `SELECT coalesce(extract(epoch FROM now() - min(start_after)), 0)::float8 AS seconds
       FROM ${QUEUE_SCHEMA}.job WHERE state IN ('created', 'retry') AND start_after <= now()`,
    );
    return row!.seconds;
  }

  /** Jobs per state of the queue. */
  queueJobs(): Promise<{ state: string; jobs: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT state::text AS state, count(*)::float8 AS jobs FROM ${QUEUE_SCHEMA}.job GROUP BY state`,
    );
  }
}

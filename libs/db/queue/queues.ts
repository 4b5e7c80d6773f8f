import type { Queue } from 'pg-boss';

/** Schema that holds the queue's own tables. */
export const QUEUE_SCHEMA = 'pgboss';

/** A job is only a wake-up: `ingestion_runs` and `ingestion_windows` hold the truth. */
export interface Jobs {
  'ingestion-plan': { runId: string };
  'ingestion-window': { tenantId: string; windowId: string };
}
export type QueueName = keyof Jobs;

/**
 * `exclusive` with the run's or window's id as key makes sending idempotent: one wake-up at a time, however often asked.
 * A killed worker's job comes back after the heartbeat; failures that are worth another try are counted on the window,
 * so the queue's own limit only has to be out of the way.
 */
export const queues: readonly (Queue & { name: QueueName })[] = (['ingestion-plan', 'ingestion-window'] as const).map(
  (name) => ({
    name,
    policy: 'exclusive',
    notify: true,
    heartbeatSeconds: 10,
    retryLimit: 100,
    retryDelay: 1,
    expireInSeconds: 6 * 3600,
    retentionSeconds: 14 * 86_400,
    deleteAfterSeconds: 86_400,
  }),
);

import type { RunMode, Stage, WindowSpec } from '#core/connector.js';
import type { Day } from '#core/day.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { JobQueue } from '../queue/job-queue.js';
import { QUEUE_SCHEMA } from '../queue/queues.js';
import type { Refresh, RunStatus } from './ingestion-run.repository.js';
import { OPEN_WINDOW } from './ingestion-window.repository.js';

/** A run as the planner needs it. */
export interface PlannedRun {
  id: string;
  tenantId: string | null;
  mode: RunMode;
  stage: Stage | null;
  subscriptionIds: string[] | null;
  connectors: string[] | null;
  from: Day | null;
  to: Day | null;
  correlationId: string | null;
}

export interface PlannedWindow extends WindowSpec {
  tenantId: string;
  connector: string;
}

/** Windows of one source that are awake at once: enough for every slot, few enough that those who wait for quota do not
 * wake up by the thousand each time some is left. */
const AWAKE_PER_SOURCE = 50;

/** The windows of a run that share a source's quota. */
interface WindowGroup {
  runId: string;
  tenantId: string;
  connector: string;
}

/** The course of a run: from stage to stage, until its last window has ended. Jobs only say that there is something to do. */
export class IngestionPlanRepository {
  constructor(
    private readonly database: Database,
    private readonly queue: JobQueue,
  ) {}

  /** The run, if it is still to be planned or continued; marks it running. */
  async startPlanning(runId: string): Promise<PlannedRun | null> {
    return this.database.transaction(ALL_TENANTS, async (tx) => {
      // A statement of its own: one that waited for another planner would not see the windows which that one added.
      await tx.query('SELECT 1 FROM ingestion_runs WHERE id = $1 FOR UPDATE', [runId]);
      const [row] = await tx.query<{
        id: string;
        tenant_id: string | null;
        mode: RunMode;
        stage: Stage | null;
        request: { subscription_ids: string[] | null; connectors: string[] | null; from: Day | null; to: Day | null };
        correlation_id: string | null;
      }>(
        `UPDATE ingestion_runs SET status = 'running', started_at = coalesce(started_at, now())
         WHERE id = $1 AND status IN ('queued', 'running')
           AND NOT EXISTS (SELECT FROM ingestion_windows w WHERE w.run_id = $1 AND w.${OPEN_WINDOW})
         RETURNING id, tenant_id, mode, stage, request, correlation_id`,
        [runId],
      );
      if (!row) return null;
      return {
        id: row.id,
        tenantId: row.tenant_id,
        mode: row.mode,
        stage: row.stage,
        subscriptionIds: row.request.subscription_ids,
        connectors: row.request.connectors,
        from: row.request.from,
        to: row.request.to,
        correlationId: row.correlation_id,
      };
    });
  }

  /** Adds a stage's windows and wakes the workers, unless another planner did so already. */
  async addStage(
    run: PlannedRun,
    stage: Stage,
    windows: readonly PlannedWindow[],
    refresh: readonly Refresh[],
    isLast: boolean,
  ): Promise<boolean> {
    return this.database.transaction(ALL_TENANTS, async (tx) => {
      const moved = await tx.query(
        `UPDATE ingestion_runs SET stage = $2, refresh = refresh || $4
         WHERE id = $1 AND status = 'running' AND stage IS NOT DISTINCT FROM $3 RETURNING id`,
        [run.id, stage, run.stage, JSON.stringify(refresh)],
      );
      if (moved.length === 0) return false;
      await tx.query(
        `INSERT INTO ingestion_windows
           (run_id, stage, tenant_id, connector, scope, subscription_id, from_day, to_day, ordinal)
         SELECT $1, $2, tenant_id, connector, scope, subscription_id, from_day, to_day,
                row_number() OVER (PARTITION BY tenant_id, connector ORDER BY place)
         FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[]) WITH ORDINALITY
           AS w (tenant_id, connector, scope, subscription_id, from_day, to_day, place)`,
        [
          run.id,
          stage,
          windows.map((window) => window.tenantId),
          windows.map((window) => window.connector),
          windows.map((window) => window.scope),
          windows.map((window) => window.subscriptionId),
          windows.map((window) => window.range?.from ?? null),
          windows.map((window) => window.range?.to ?? null),
        ],
      );
      if (isLast) {
        await tx.query(
          'UPDATE ingestion_runs SET windows_total = (SELECT count(*) FROM ingestion_windows WHERE run_id = $1) WHERE id = $1',
          [run.id],
        );
      }
      const groups = new Map(
        windows.map(({ tenantId, connector }) => [`${tenantId} ${connector}`, { tenantId, connector }]),
      );
      for (const group of groups.values()) await this.release(tx, { runId: run.id, ...group });
      return true;
    });
  }

  /** Scopes of a source that were read whole since then, whichever tenant they were read for. */
  async scopesReadSince(connector: string, since: Date): Promise<string[]> {
    const rows = await this.database.query<{ scope: string }>(
      ALL_TENANTS,
      `SELECT DISTINCT scope FROM ingestion_windows
       WHERE connector = $1 AND status = 'succeeded' AND finished_at >= $2`,
      [connector, since],
    );
    return rows.map(({ scope }) => scope);
  }

  /** Gives the run its final status, from what became of its windows. */
  async finishRun(runId: string): Promise<RunStatus | null> {
    const [row] = await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query<{ status: RunStatus }>(
        `UPDATE ingestion_runs r SET finished_at = now(), status = (
           SELECT CASE WHEN count(*) FILTER (WHERE w.status = 'failed') = 0 THEN 'succeeded'
                       WHEN count(*) FILTER (WHERE w.status = 'succeeded') = 0 THEN 'failed'
                       ELSE 'partially_succeeded' END
           FROM ingestion_windows w WHERE w.run_id = r.id)
         WHERE r.id = $1 AND r.status = 'running' RETURNING status`,
        [runId],
      ),
    );
    return row?.status ?? null;
  }

  /** A window has ended or gone back: releases the next of its source, or asks for the run's next stage or its end. */
  async advance({ runId, tenantId, connector }: WindowGroup): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) => this.release(tx, { runId, tenantId, connector }));
    const open = await this.database.query(
      ALL_TENANTS,
      `SELECT 1 FROM ingestion_windows WHERE run_id = $1 AND ${OPEN_WINDOW} LIMIT 1`,
      [runId],
    );
    if (open.length === 0) await this.queue.send('ingestion-plan', { runId }, { key: runId });
  }

  /**
   * Gives the next windows of a source to the queue, in the planner's order, as far as there is room. The first of each
   * tenant and source come before the second of any, so that a large tenant never keeps a small one waiting.
   */
  private async release(tx: Transaction, { runId, tenantId, connector }: WindowGroup): Promise<void> {
    // One after the other: two that give the same windows to the queue would wait for each other's.
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'azcops.release', $1::text, $2::text, $3::text), 0))`,
      [runId, tenantId, connector],
    );
    const released = await tx.query<{ id: string; ordinal: number }>(
      `UPDATE ingestion_windows SET queued_at = now()
       WHERE tenant_id = $2 AND queued_at IS NULL AND id IN (
         SELECT id FROM ingestion_windows
         WHERE run_id = $1 AND tenant_id = $2 AND connector = $3 AND status = 'pending' AND queued_at IS NULL
         ORDER BY ordinal
         LIMIT greatest(0, $4 - (SELECT count(*) FROM ingestion_windows
                                 WHERE run_id = $1 AND tenant_id = $2 AND connector = $3
                                   AND ${OPEN_WINDOW} AND queued_at IS NOT NULL)))
       RETURNING id, ordinal`,
      [runId, tenantId, connector, AWAKE_PER_SOURCE],
    );
    await this.queue.sendMany(
      'ingestion-window',
      released.map(({ id, ordinal }) => ({ key: id, job: { tenantId, windowId: id }, priority: -ordinal })),
      tx.client,
    );
  }

  /** Milliseconds until the wait of some window is over; null when none waits. */
  async nextDueMs(): Promise<number | null> {
    const [row] = await this.database.query<{ ms: number | null }>(
      ALL_TENANTS,
      `SELECT ceil(extract(epoch FROM min(waiting_until) - now()) * 1000)::float8 AS ms FROM ingestion_windows
       WHERE ${OPEN_WINDOW} AND waiting_until > now()`,
    );
    return row?.ms ?? null;
  }

  /**
   * Wakes whatever is open and has no job: windows whose wait is over, and what a lost job or a crash left behind, in the
   * order in which they were released. Any number of workers may sweep; the queue's keys keep it to one job each.
   */
  async sweep(limit = 500): Promise<number> {
    const unreleased = await this.database.query<{ runId: string; tenantId: string; connector: string }>(
      ALL_TENANTS,
      `SELECT DISTINCT run_id AS "runId", tenant_id AS "tenantId", connector FROM ingestion_windows
       WHERE status = 'pending' AND queued_at IS NULL`,
    );
    for (const group of unreleased) {
      await this.database.transaction(ALL_TENANTS, (tx) => this.release(tx, group));
    }
    const windows = await this.database.query<{ id: string; tenant_id: string; ordinal: number }>(
      ALL_TENANTS,
      `SELECT w.id, w.tenant_id, w.ordinal FROM ingestion_windows w
       WHERE w.${OPEN_WINDOW} AND w.queued_at IS NOT NULL AND (w.waiting_until IS NULL OR w.waiting_until <= now())
         -- Written as the queue's own unique index is, so that the look-up uses it.
         AND NOT EXISTS (SELECT FROM ${QUEUE_SCHEMA}.job_common j
                         WHERE j.name = 'ingestion-window' AND coalesce(j.singleton_key, '') = w.id::text
                           AND j.state <= 'active' AND j.policy = 'exclusive')
       ORDER BY w.ordinal, w.queued_at
       LIMIT $1`,
      [limit],
    );
    await this.queue.sendMany(
      'ingestion-window',
      windows.map(({ id, tenant_id, ordinal }) => ({
        key: id,
        job: { tenantId: tenant_id, windowId: id },
        priority: -ordinal,
      })),
    );
    const runs = await this.database.query<{ id: string }>(
      ALL_TENANTS,
      `SELECT r.id FROM ingestion_runs r
       WHERE r.status IN ('queued', 'running')
         AND NOT EXISTS (SELECT FROM ingestion_windows w WHERE w.run_id = r.id AND w.${OPEN_WINDOW})`,
    );
    for (const { id } of runs) await this.queue.send('ingestion-plan', { runId: id }, { key: id });
    return windows.length + runs.length;
  }
}

import { createHash } from 'node:crypto';
import type { RunMode } from '#core/connector.js';
import { ConflictError, NotFoundError } from '#core/errors.js';
import { ALL_TENANTS, type TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest } from '../list.js';
import type { JobQueue } from '../queue/job-queue.js';
import type { Actor, AuditLogRepository } from './audit-log.repository.js';

export type RunStatus = 'queued' | 'running' | 'succeeded' | 'partially_succeeded' | 'failed' | 'cancelled';

/** What a run is asked to read; absent parts mean everything. */
export interface RunRequest {
  mode: RunMode;
  tenantId: string | null;
  subscriptionIds: readonly string[] | null;
  connectors: readonly string[] | null;
  from: string | null;
  to: string | null;
}

export interface NewRun extends RunRequest {
  source: 'api' | 'cli' | 'schedule';
  /** The scheduled instant; a second run for it is refused. */
  tick?: string;
}

/** How much of a tenant's subscriptions a source's quota allowed a run to plan. */
export interface Refresh {
  tenant_id: string;
  connector: string;
  planned: number;
  total: number;
  /** After so many runs like this one every subscription has been read; null when there is no quota left at all. */
  every_runs: number | null;
}

export interface RunRow {
  id: string;
  tenant_id: string | null;
  mode: RunMode;
  status: RunStatus;
  source: string;
  request: { subscription_ids: string[] | null; connectors: string[] | null; from: string | null; to: string | null };
  stage: string | null;
  windows_total: number | null;
  windows_done: number;
  rows: number;
  requested_by: string | null;
  refresh: Refresh[];
  /** What keeps windows from going on, e.g. a quota; null when none waits. */
  waiting: { windows: number; until: string; reason: string } | null;
  error: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface RunFilter {
  tenant_id?: string;
  mode?: string;
  status?: string;
}

const WAITS = `status = 'pending' AND waiting_until > now()`;
const COLUMNS = `r.id, r.tenant_id, r.mode, r.status, r.source, r.request, r.stage, r.windows_total, r.requested_by, r.refresh, r.error,
  r.created_at, r.started_at, r.finished_at, coalesce(w.done, 0)::int AS windows_done, coalesce(w.rows, 0)::float8 AS rows,
  w.waiting`;
const FROM = `ingestion_runs r LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status NOT IN ('pending', 'running')) AS done, sum(rows) AS rows,
           CASE WHEN bool_or(${WAITS}) THEN jsonb_build_object(
             'windows', count(*) FILTER (WHERE ${WAITS}),
             'until', to_char(min(waiting_until) FILTER (WHERE ${WAITS}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
             'reason', (array_agg(reason ORDER BY waiting_until) FILTER (WHERE ${WAITS}))[1]) END AS waiting
    FROM ingestion_windows WHERE run_id = r.id
  ) w ON true`;
const ACTIVE = `status IN ('queued', 'running')`;
/** A run that reads everything, as opposed to one that somebody restricted. */
const READS_EVERYTHING = `mode = 'full' AND tenant_id IS NULL AND request->>'subscription_ids' IS NULL
  AND request->>'connectors' IS NULL AND request->>'from' IS NULL`;

/** Runs as people see them: asked for, followed, cancelled. Their course is in `IngestionPlanRepository`. */
export class IngestionRunRepository {
  constructor(
    private readonly database: Database,
    private readonly auditLogs: AuditLogRepository,
    private readonly queue: JobQueue,
  ) {}

  /**
   * Writes the run and its plan job in one transaction. The same request while an equal run is active returns that run,
   * and a tick that another worker took returns null.
   */
  async request(scope: TenantScope, run: NewRun, actor: Actor): Promise<{ runId: string; created: boolean } | null> {
    const request = {
      subscription_ids: run.subscriptionIds && [...run.subscriptionIds].map((id) => id.toLowerCase()).sort(),
      connectors: run.connectors && [...run.connectors].sort(),
      from: run.from,
      to: run.to,
    };
    const key = createHash('sha256')
      .update(JSON.stringify([run.mode, run.tenantId, request]))
      .digest('hex');
    for (;;) {
      const found = await this.database.transaction(scope, async (tx) => {
        const [created] = await tx.query<{ id: string }>(
          `INSERT INTO ingestion_runs (tenant_id, mode, source, request, request_key, tick, requested_by, correlation_id)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
          [
            run.tenantId,
            run.mode,
            run.source,
            request,
            key,
            run.tick ?? null,
            actor.name ?? actor.id,
            actor.correlationId,
          ],
        );
        if (created) {
          await this.queue.send('ingestion-plan', { runId: created.id }, { key: created.id, within: tx.client });
          await this.auditLogs.append(tx, actor, {
            tenantId: run.tenantId,
            action: 'ingestion.trigger',
            objectType: 'ingestion_run',
            objectId: created.id,
            changes: { mode: run.mode, ...request },
          });
          return { runId: created.id, created: true };
        }
        if (run.tick) {
          const taken = await tx.query('SELECT 1 FROM ingestion_runs WHERE tick = $1', [run.tick]);
          if (taken.length > 0) return null;
        }
        const [active] = await tx.query<{ id: string }>(
          `SELECT id FROM ingestion_runs WHERE request_key = $1 AND ${ACTIVE}`,
          [key],
        );
        return active ? { runId: active.id, created: false } : undefined;
      });
      // Undefined: the equal run ended between the two statements, so there is room now.
      if (found !== undefined) return found;
    }
  }

  async get(scope: TenantScope, id: string): Promise<RunRow> {
    const [run] = await this.database.query<RunRow>(scope, `SELECT ${COLUMNS} FROM ${FROM} WHERE r.id = $1`, [id]);
    if (!run) throw new NotFoundError(`There is no ingestion run ${id}.`);
    return run;
  }

  list(scope: TenantScope, filter: RunFilter, request: ListRequest): Promise<ListPage<RunRow>> {
    const conditions = new Conditions()
      .add('r.tenant_id = ?', filter.tenant_id)
      .add('r.mode = ?', filter.mode)
      .add('r.status = ?', filter.status);
    return readList<RunRow>(
      this.database,
      scope,
      {
        columns: COLUMNS,
        from: FROM,
        sortable: { created_at: { expression: 'r.created_at', type: 'timestamptz' } },
        defaultSort: '-created_at',
        tieBreakers: [{ expression: 'r.id', type: 'uuid' }],
      },
      conditions,
      request,
    );
  }

  /** Ends a run and its open windows; what was published stays. Throws `ConflictError` when it has ended already. */
  async cancel(scope: TenantScope, id: string, actor: Actor): Promise<void> {
    await this.database.transaction(scope, async (tx) => {
      const [run] = await tx.query<{ status: RunStatus; tenant_id: string | null }>(
        'SELECT status, tenant_id FROM ingestion_runs WHERE id = $1 FOR UPDATE',
        [id],
      );
      if (!run) throw new NotFoundError(`There is no ingestion run ${id}.`);
      if (run.status !== 'queued' && run.status !== 'running') {
        throw new ConflictError(
          `The run has ended already: it is ${run.status}. Only a queued or running run can be cancelled.`,
        );
      }
      await tx.query(`UPDATE ingestion_runs SET status = 'cancelled', finished_at = now() WHERE id = $1`, [id]);
      await tx.query(
        `UPDATE ingestion_windows SET status = 'cancelled', reason = 'The run was cancelled.', finished_at = now()
         WHERE run_id = $1 AND status IN ('pending', 'running')`,
        [id],
      );
      await this.auditLogs.append(tx, actor, {
        tenantId: run.tenant_id,
        action: 'ingestion.cancel',
        objectType: 'ingestion_run',
        objectId: id,
      });
    });
  }

  /** True while a full run that reads everything is under way; an hourly tick then has nothing to add. */
  async isFullRunActive(): Promise<boolean> {
    const rows = await this.database.query(
      ALL_TENANTS,
      `SELECT 1 FROM ingestion_runs WHERE ${READS_EVERYTHING} AND ${ACTIVE} LIMIT 1`,
    );
    return rows.length > 0;
  }

  /** When the last full run that reads everything was asked for; null when there has been none. */
  async lastFullRunAt(): Promise<Date | null> {
    const [row] = await this.database.query<{ at: Date | null }>(
      ALL_TENANTS,
      `SELECT max(created_at) AS at FROM ingestion_runs WHERE ${READS_EVERYTHING}`,
    );
    return row?.at ?? null;
  }
}

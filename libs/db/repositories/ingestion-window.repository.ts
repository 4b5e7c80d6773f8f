import type { WindowSpec } from '#core/connector.js';
import type { Day } from '#core/day.js';
import { ALL_TENANTS, oneTenant, type TenantScope } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { CurrencyTotal } from '../record-sink.js';

export type WindowStatus = 'pending' | 'running' | 'succeeded' | 'unavailable' | 'failed' | 'cancelled';

/** A window in work. `attempt` is the fencing number that every later write must carry. */
export interface ClaimedWindow extends WindowSpec {
  id: string;
  tenantId: string;
  connector: string;
  runId: string;
  attempt: number;
  failures: number;
  correlationId: string | null;
  /** First attempt whose answers still count, when this one goes on where an earlier one stopped; null otherwise. */
  continuesFrom: number | null;
  /** The run's restriction, which tenant-wide reads pass on. */
  subscriptionIds: string[] | null;
}

export interface WindowRow {
  id: string;
  connector: string;
  scope: string;
  tenant_id: string;
  subscription_id: string | null;
  from_day: Day | null;
  to_day: Day | null;
  status: WindowStatus;
  attempt: number;
  reason: string | null;
  action: string | null;
  waiting_until: Date | null;
  pages: number;
  rows: number;
  proof: Record<string, unknown> | null;
  totals: CurrencyTotal[];
  started_at: Date | null;
  finished_at: Date | null;
  sha256: string[];
}

/** How an attempt ended. `pending` gives the window back for another attempt. */
export interface WindowOutcome {
  status: Exclude<WindowStatus, 'running'>;
  reason?: string | null;
  action?: string | null;
  /** How long the window is left alone, by the database's clock: workers' clocks differ. */
  waitMs?: number | null;
  countsAsFailure?: boolean;
  /** The source has nothing to serve, whatever people do: asking again soon is pointless. */
  lasting?: boolean;
  /** The answers kept so far are good for the next attempt, if it comes soon enough. */
  continues?: boolean;
  pages?: number;
  rows?: number;
  proof?: Record<string, unknown> | null;
  totals?: CurrencyTotal[];
}

/** Another attempt took the window over, or its run was cancelled: this one's work must not be published. */
export class FencedError extends Error {
  constructor(windowId: string) {
    super(`window ${windowId} is no longer this worker's`);
    this.name = 'FencedError';
  }
}

/** A read goes on where it stopped if it stopped no longer ago: answers further apart may be of different states. */
const CONTINUATION_LIFE = `interval '10 minutes'`;

/** SQL: the window has not ended. */
export const OPEN_WINDOW = `status IN ('pending', 'running')`;

/** The state of each window in work. What becomes of the run as a whole is `IngestionPlanRepository`'s. */
export class IngestionWindowRepository {
  constructor(private readonly database: Database) {}

  /** Takes a window for one attempt; null when it has ended or its run was cancelled. */
  async claim(tenantId: string, windowId: string, worker: string): Promise<ClaimedWindow | null> {
    return this.database.transaction(oneTenant(tenantId), async (tx) => {
      const [row] = await tx.query<{
        run_id: string;
        connector: string;
        scope: string;
        subscription_id: string | null;
        from_day: Day | null;
        to_day: Day | null;
        attempt: number;
        failures: number;
        continued_from: number | null;
      }>(
        `UPDATE ingestion_windows SET status = 'running', attempt = attempt + 1, worker = $3, heartbeat_at = now(),
           started_at = coalesce(started_at, now()), waiting_until = NULL, reason = NULL, action = NULL,
           continued_from = CASE WHEN continued_at > now() - ${CONTINUATION_LIFE} THEN continued_from END
         WHERE tenant_id = $1 AND id = $2 AND ${OPEN_WINDOW} AND (waiting_until IS NULL OR waiting_until <= now())
         RETURNING run_id, connector, scope, subscription_id, from_day, to_day, attempt, failures,
           continued_from`,
        [tenantId, windowId, worker],
      );
      if (!row) return null;
      // The run over all tenants is not this tenant's to see, so its request is read beyond the scope.
      await tx.query(`SELECT set_config('azcops.all_tenants', 'on', true)`);
      const [run] = await tx.query<{ correlation_id: string | null; subscription_ids: string[] | null }>(
        `SELECT correlation_id, CASE WHEN jsonb_typeof(request->'subscription_ids') = 'array'
           THEN ARRAY(SELECT jsonb_array_elements_text(request->'subscription_ids')) END AS subscription_ids
         FROM ingestion_runs WHERE id = $1`,
        [row.run_id],
      );
      return {
        id: windowId,
        tenantId,
        runId: row.run_id,
        connector: row.connector,
        scope: row.scope,
        subscriptionId: row.subscription_id,
        range: row.from_day && row.to_day ? { from: row.from_day, to: row.to_day } : null,
        attempt: row.attempt,
        failures: row.failures,
        correlationId: run?.correlation_id ?? null,
        continuesFrom: row.continued_from,
        subscriptionIds: run?.subscription_ids ?? null,
      };
    });
  }

  /** Says that this worker is alive; answers the attempts that are still its own. */
  async heartbeat(worker: string): Promise<Map<string, number>> {
    const rows = await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query<{ id: string; attempt: number }>(
        `UPDATE ingestion_windows SET heartbeat_at = now() WHERE worker = $1 AND status = 'running' RETURNING id, attempt`,
        [worker],
      ),
    );
    return new Map(rows.map(({ id, attempt }) => [id, attempt]));
  }

  /** Ends an attempt inside the caller's transaction; throws `FencedError` when the window is no longer the caller's. */
  async finish(tx: Transaction, window: ClaimedWindow, outcome: WindowOutcome): Promise<void> {
    const finished = await tx.query(
      `UPDATE ingestion_windows SET status = $4, reason = $5, action = $6,
         waiting_until = clock_timestamp() + $7::float8 * interval '1 millisecond',
         failures = failures + $8, pages = $9, rows = $10, proof = coalesce($11, proof), totals = $12,
         continued_from = CASE WHEN $13 THEN coalesce(continued_from, attempt)
                               WHEN $4 <> 'pending' THEN continued_from END,
         continued_at = CASE WHEN $13 THEN now() END,
         finished_at = CASE WHEN $4 = 'pending' THEN NULL ELSE now() END, lasting = $14
       WHERE tenant_id = $1 AND id = $2 AND attempt = $3 AND status = 'running' RETURNING id`,
      [
        window.tenantId,
        window.id,
        window.attempt,
        outcome.status,
        outcome.reason ?? null,
        outcome.action ?? null,
        outcome.waitMs ?? null,
        outcome.countsAsFailure ? 1 : 0,
        outcome.pages ?? 0,
        outcome.rows ?? 0,
        outcome.proof ?? null,
        JSON.stringify(outcome.totals ?? []),
        outcome.continues ?? false,
        outcome.lasting ?? false,
      ],
    );
    if (finished.length === 0) throw new FencedError(window.id);
  }

  /** Ends an attempt that published nothing. */
  async finishAlone(window: ClaimedWindow, outcome: WindowOutcome): Promise<void> {
    await this.database.transaction(oneTenant(window.tenantId), (tx) => this.finish(tx, window, outcome));
  }

  /** A run's windows with the checksums of the raw files of their last attempt and of those that it continued. */
  async list(scope: TenantScope, runId: string): Promise<WindowRow[]> {
    return this.database.query<WindowRow>(
      scope,
      `SELECT w.id, w.connector, w.scope, w.tenant_id, w.subscription_id, w.from_day, w.to_day, w.status, w.attempt, w.reason,
              w.action, w.waiting_until, w.pages, w.rows::float8 AS rows, w.proof, w.totals, w.started_at, w.finished_at,
              ARRAY(SELECT s.sha256 FROM raw_snapshots s
                    WHERE s.window_id = w.id AND s.attempt >= coalesce(w.continued_from, w.attempt) ORDER BY s.path) AS sha256
       FROM ingestion_windows w WHERE w.run_id = $1
       ORDER BY w.stage, w.connector, w.tenant_id, w.scope, w.from_day`,
      [runId],
    );
  }

  /** What the run published, per currency. */
  async totals(scope: TenantScope, runId: string): Promise<CurrencyTotal[]> {
    return this.database.query<CurrencyTotal>(
      scope,
      `SELECT t.currency, trim_scale(sum(t.cost))::text AS cost, trim_scale(sum(t.amortized_cost))::text AS amortized_cost
       FROM ingestion_windows w, jsonb_to_recordset(w.totals) AS t (currency text, cost numeric, amortized_cost numeric)
       WHERE w.run_id = $1 GROUP BY t.currency ORDER BY t.currency`,
      [runId],
    );
  }
}

import { TroubleLog } from '#core/trouble-log.js';
import { describeAway, isDatabaseAway, reasonOf } from '#db/away.js';
import { FencedError } from '#db/repositories/ingestion-window.repository.js';
import { DeliveryWorker } from '../delivery/delivery-worker.js';
import type { Parts } from '../parts.js';
import { RunPlanner } from '../planner/run-planner.js';
import { WindowRunner } from './window-runner.js';

const HEARTBEAT_MS = 3_000;
const SWEEP_MS = 3_000;
const FOLD_MS = 15_000;
const DELIVER_MS = 3_000;
const DIGEST_MS = 30_000;
const EXPIRY_MS = 30_000;
const LOST_MS = 30_000;
const PLANS_AT_ONCE = 2;

/**
 * Waits for jobs and works on them, as many windows at once as configured, and sends what is to be told; any number of
 * workers share the queue.
 */
export class IngestionWorker {
  private readonly attempts = new Map<string, { attempt: number; abort: AbortController }>();
  private readonly stopping = new AbortController();
  private readonly loops: Promise<void>[] = [];

  private readonly deliveries: DeliveryWorker;

  constructor(private readonly parts: Parts) {
    this.deliveries = new DeliveryWorker(parts);
  }

  async start(): Promise<void> {
    const { queue, config, logger, worker } = this.parts;
    const planner = new RunPlanner(this.parts);
    const runner = new WindowRunner(this.parts);
    await queue.work('ingestion-plan', PLANS_AT_ONCE, ({ runId }) => planner.plan(runId));
    await queue.work('ingestion-window', config.ingestion.concurrency, (job) => this.workOn(runner, job));
    this.loops.push(
      this.every(HEARTBEAT_MS, 'heartbeat', () => this.heartbeat()),
      this.every(SWEEP_MS, 'sweep', () => this.sweep()),
      this.every(FOLD_MS, 'fold', () => this.parts.ledger.fold()),
      this.every(DELIVER_MS, 'deliver', () => this.deliveries.tick()),
      this.every(DIGEST_MS, 'digest', () => this.deliveries.makeDigests()),
      this.every(EXPIRY_MS, 'end_expired', () => this.endExpired()),
      this.every(LOST_MS, 'end_lost_connections', () => this.endLostConnections()),
    );
    logger.info({ operation_name: 'start', worker, concurrency: config.ingestion.concurrency }, 'worker is ready');
  }

  /** Gives running windows back, and waits for their handlers and for messages under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const { abort } of this.attempts.values()) abort.abort(new Error('the worker is stopping'));
    await Promise.allSettled(this.loops);
    await this.deliveries.stop();
    await this.parts.close();
  }

  private async workOn(runner: WindowRunner, { tenantId, windowId }: { tenantId: string; windowId: string }) {
    if (this.stopping.signal.aborted) throw new Error('the worker is stopping');
    const window = await this.parts.windows.claim(tenantId, windowId, this.parts.worker);
    if (!window) return;
    const abort = new AbortController();
    this.attempts.set(windowId, { attempt: window.attempt, abort });
    // Told to stop while the claim was under way: the window goes back at once.
    if (this.stopping.signal.aborted) abort.abort(new Error('the worker is stopping'));
    try {
      await runner.run(window, abort.signal);
    } finally {
      this.attempts.delete(windowId);
    }
  }

  /** Says that this worker lives, and stops attempts that were cancelled or taken over. */
  private async heartbeat(): Promise<void> {
    if (this.attempts.size === 0) return;
    const before = new Map(this.attempts);
    const alive = await this.parts.windows.heartbeat(this.parts.worker);
    for (const [windowId, { attempt, abort }] of before) {
      if (alive.get(windowId) !== attempt) abort.abort(new FencedError(windowId));
    }
  }

  /** Wakes what has no job; answers when some window's wait will be over. */
  private async sweep(): Promise<number | null> {
    await this.parts.plans.sweep();
    return this.parts.plans.nextDueMs();
  }

  /** Snoozes and exemptions end by themselves. */
  private async endExpired(): Promise<void> {
    const { decisions, clock, logger } = this.parts;
    const ended = await decisions.endExpired(clock.now());
    if (ended > 0) logger.info({ operation_name: 'end_expired', ended }, 'dismissals and exemptions have ended');
  }

  /** After a failover windows would wait for the old server, and other workers for the windows. */
  private async endLostConnections(): Promise<void> {
    const { database, logger } = this.parts;
    const ended = await database.endLost();
    const line = { operation_name: 'end_lost_connections', ended };
    if (ended > 0) logger.warn(line, 'the database no longer knows connections of this worker; they are made anew');
  }

  /** Does the task over and over, `ms` apart or sooner if the task says so. */
  private async every(ms: number, operation: string, task: () => Promise<number | null | void>): Promise<void> {
    const { clock, logger } = this.parts;
    const { signal } = this.stopping;
    const troubles = new TroubleLog(logger, clock);
    let pauseMs = ms;
    while (!signal.aborted) {
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      pauseMs = ms;
      await task().then(
        (soonerMs) => void (pauseMs = Math.min(ms, soonerMs ?? ms)),
        (error: unknown) => {
          const what = isDatabaseAway(error) ? { reason: describeAway(error) } : { err: error };
          troubles.warn(reasonOf(error), { operation_name: operation, ...what }, `${operation} failed`);
        },
      );
    }
  }
}

import { PgBoss, type Clock as QueueClock, type Db } from 'pg-boss';
import { systemClock, type Clock } from '#core/clock.js';
import type { Logger } from '#core/logger.js';
import { TroubleLog } from '#core/trouble-log.js';
import { KEEP_ALIVE_MS } from '../pool.js';
import { QUEUE_SCHEMA, type Jobs, type QueueName } from './queues.js';

/** Runs SQL on a connection of the caller's, so that a job is sent in the caller's transaction. */
export interface SqlExecutor {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

export interface SendOptions {
  /** Idempotency key: while a job with this key waits or works, sending again does nothing. */
  key: string;
  /** The transaction to send in; the queue's own connection otherwise. */
  within?: SqlExecutor;
}

/**
 * The queue's statements are short: a server that says nothing for a minute is gone without a word. The driver's settings,
 * which pg-boss hands on without naming them.
 */
const GIVE_UP_SILENT: object = { query_timeout: 60_000, keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS };

/** What pg-boss adds to the message of an error. */
const WHICH_SLOT = / \(Queue: .*\)$/;

/** New jobs are announced; looking for them is for announcements that got lost. */
const NOTIFIED_POLLING_SECONDS = 1;

/** Jobs between processes, on the same PostgreSQL. Sends for everyone; `work` needs the worker's login. */
export class JobQueue {
  private constructor(private readonly boss: PgBoss) {}

  /** Opens the sending side over an existing pool: no connections of its own, nothing supervised. */
  static async forSending(pool: SqlExecutor, logger: Logger): Promise<JobQueue> {
    return JobQueue.start(new PgBoss({ db: executor(pool), schema: QUEUE_SCHEMA, ...PASSIVE }), logger, systemClock);
  }

  /** Opens the working side: listens for new jobs and returns those of killed workers within seconds. */
  static async forWorking(url: string, logger: Logger, clock: Clock): Promise<JobQueue> {
    return JobQueue.start(
      new PgBoss({
        connectionString: url,
        clock: timersOf(clock),
        application_name: 'azcops-queue',
        schema: QUEUE_SCHEMA,
        max: 4,
        ...GIVE_UP_SILENT,
        ...PASSIVE,
        supervise: true,
        superviseIntervalSeconds: 2,
        monitorIntervalSeconds: 2,
        useListenNotify: true,
        reindex: false,
        monitorVacuum: false,
      }),
      logger,
      clock,
    );
  }

  private static async start(boss: PgBoss, logger: Logger, clock: Clock): Promise<JobQueue> {
    const troubles = new TroubleLog(logger, clock);
    boss.on('error', (error) => {
      // Every slot of every queue meets the same trouble, each time that it looks for a job.
      const reason = error.message.replace(WHICH_SLOT, '');
      troubles.warn(reason, { operation_name: 'queue', reason }, 'queue trouble');
    });
    await boss.start();
    return new JobQueue(boss);
  }

  async send<Q extends QueueName>(queue: Q, job: Jobs[Q], { key, within }: SendOptions): Promise<void> {
    await this.boss.send(queue, job, { singletonKey: key, ...(within && { db: executor(within) }) });
  }

  /** Sends many jobs of one queue at once; of those that wait, the ones with the highest priority come first. */
  async sendMany<Q extends QueueName>(
    queue: Q,
    jobs: readonly { key: string; job: Jobs[Q]; priority: number }[],
    within?: SqlExecutor,
  ): Promise<void> {
    for (let start = 0; start < jobs.length; start += 1_000) {
      await this.boss.insert(
        queue,
        jobs.slice(start, start + 1_000).map(({ key, job, priority }) => ({ singletonKey: key, data: job, priority })),
        within && { db: executor(within) },
      );
    }
  }

  /**
   * Works on jobs, at most `concurrency` at once in this process. The handler's signal aborts on `stop`;
   * a handler that throws gets its job again later.
   */
  async work<Q extends QueueName>(
    queue: Q,
    concurrency: number,
    handler: (job: Jobs[Q], signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    for (let slot = 0; slot < concurrency; slot += 1) {
      const worker: string = await this.boss.work<Jobs[Q]>(
        queue,
        { batchSize: 1, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: NOTIFIED_POLLING_SECONDS },
        async (jobs) => {
          try {
            for (const job of jobs) await handler(job.data, job.signal);
          } finally {
            // Looks for the next job at once; else every slot would do one job per polling interval.
            this.boss.notifyWorker(worker);
          }
        },
      );
    }
  }

  /** Waits for running handlers up to `timeoutMs`, then gives their jobs back. */
  async stop(timeoutMs = 25_000): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: timeoutMs });
  }
}

const PASSIVE = { migrate: false, createSchema: false, supervise: false, schedule: false } as const;

function executor(target: SqlExecutor): Db {
  return { executeSql: async (text, values) => (await target.query(text, values)) as { rows: unknown[] } };
}

/** The queue's timers on our clock, so that whoever owns that owns the queue's time as well. */
function timersOf(clock: Clock): QueueClock {
  const start = (callback: () => void, ms: number, repeats: boolean): AbortController => {
    const cleared = new AbortController();
    const run = async (): Promise<void> => {
      do {
        await clock.sleep(ms, cleared.signal);
        callback();
      } while (repeats);
    };
    run().catch((error: unknown) => {
      if (!cleared.signal.aborted) throw error;
    });
    return cleared;
  };
  const clear = (timer: unknown): void => (timer as AbortController | undefined)?.abort();
  return {
    now: () => clock.now().getTime(),
    setTimeout: (callback, ms) => start(callback, ms, false),
    setInterval: (callback, ms) => start(callback, ms, true),
    clearTimeout: clear,
    clearInterval: clear,
  };
}

import pg from 'pg';
import type { Clock } from '#core/clock.js';
import { Quiet } from './quiet.js';

interface Sleeper {
  due: number;
  order: number;
  wake: () => void;
}

/** Sleeps at least this long end on a common grid, so that a hundred idle loops make one step and not a hundred. */
const COARSE_FROM_MS = 900;
const GRID_MS = 500;

/**
 * One clock for everything of this process and its database: workers, the queue's timers and its SQL, our SQL, and a
 * sandbox that is started with it. Time stands still while anything works, and then jumps to the next instant at which
 * somebody wants to wake up; so hours pass in seconds, and no computing takes any time.
 */
export class SimulatedTime implements Clock {
  readonly startedAt: number;
  private readonly sleepers: Sleeper[] = [];
  private order = 0;
  private time: number;

  private constructor(
    private readonly owner: pg.Client,
    private readonly quiet: Quiet,
    start: Date,
  ) {
    this.startedAt = this.time = start.getTime();
  }

  /**
   * Takes over a database: `now()` and `clock_timestamp()` of the given logins, and the queue's own clock. Connections
   * that are open already keep the real time.
   */
  static async over(ownerUrl: string, loginUrls: readonly string[], start: Date): Promise<SimulatedTime> {
    const owner = new pg.Client({ connectionString: ownerUrl });
    await owner.connect();
    const database = new URL(ownerUrl).pathname.slice(1);
    const logins = loginUrls.map((url) => pg.escapeIdentifier(new URL(url).username));
    await owner.query(`
      CREATE SCHEMA simulated;
      CREATE TABLE simulated.clock (at timestamptz NOT NULL);
      INSERT INTO simulated.clock VALUES (${pg.escapeLiteral(start.toISOString())});
      CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM simulated.clock';
      CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT at FROM simulated.clock';
      CREATE OR REPLACE FUNCTION pgboss.job_now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT at FROM simulated.clock';
      GRANT USAGE ON SCHEMA simulated TO PUBLIC;
      GRANT SELECT ON simulated.clock TO PUBLIC;
    `);
    for (const login of logins) {
      // Named before it, the schema hides what pg_catalog offers under the same names.
      await owner.query(
        `ALTER ROLE ${login} IN DATABASE ${pg.escapeIdentifier(database)} SET search_path = simulated, pg_catalog, public`,
      );
    }
    return new SimulatedTime(owner, new Quiet(), start);
  }

  now(): Date {
    return new Date(this.time);
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.time - this.startedAt;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const exact = this.time + Math.max(0, ms);
      const due = ms >= COARSE_FROM_MS ? Math.ceil(exact / GRID_MS) * GRID_MS : exact;
      const sleeper: Sleeper = {
        due,
        order: (this.order += 1),
        wake: () => {
          signal?.removeEventListener('abort', stop);
          resolve();
        },
      };
      const stop = (): void => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.sleepers.push(sleeper);
    });
  }

  /** Lets time pass until `isOver`; throws after `limitMs` of simulated time. */
  async runUntil(isOver: () => Promise<boolean>, limitMs: number): Promise<void> {
    for (let step = 0; ; step += 1) {
      await this.quiet.reached();
      if (step % 20 === 0 && (await isOver())) return;
      if (this.elapsedMs > limitMs) throw new Error(`not over after ${Math.round(limitMs / 60_000)} simulated minutes`);
      await this.jump();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.quiet[Symbol.dispose]();
    await this.owner.end();
  }

  /** To the next instant at which somebody wakes up, and wakes them. */
  private async jump(): Promise<void> {
    const next = Math.min(...this.sleepers.map(({ due }) => due));
    if (!Number.isFinite(next)) return;
    this.time = Math.max(this.time, next);
    await this.owner.query('UPDATE simulated.clock SET at = $1', [new Date(this.time)]);
    const due = this.sleepers
      .filter((sleeper) => sleeper.due <= this.time)
      .sort((a, b) => a.due - b.due || a.order - b.order);
    for (const sleeper of due) {
      this.sleepers.splice(this.sleepers.indexOf(sleeper), 1);
      sleeper.wake();
    }
  }
}

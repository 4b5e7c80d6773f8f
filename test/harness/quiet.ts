import type { EventEmitter } from 'node:events';
import { setTimeout as realSleep } from 'node:timers/promises';
import pg from 'pg';

const PROBE_MS = 3;
/** A timer that fires so much later than it should shows that others had the processor. */
const OVERRUN_MS = 3;
/** Processor time within a probe that still counts as idle: of the probe itself. */
const IDLE_CPU_US = 1_000;
const PROBES = 2;
/** What Node calls a resource that somebody waits for, unlike sockets and timers that are merely there. */
const AWAITED = /Req|ConnectWrap|WriteWrap|ShutdownWrap|Immediate/;

/** After each of these the database owes the answer that it is ready again. */
const START = ['startup', 'query', 'sync'] as const;
type Start = (typeof START)[number];
type Connection = EventEmitter & Record<Start, (...values: unknown[]) => unknown>;

/**
 * Tells when nothing is going on in this process and in the database that it talks to, by what is under way: silence
 * alone proves nothing on a busy machine, where whoever has something to do may just not have had the processor.
 */
export class Quiet implements Disposable {
  /** How many answers each connection waits for. */
  private readonly owed = new Map<Connection, number>();
  private readonly restore: () => void;

  /** From now on, whatever is asked of a database counts until it is answered. */
  constructor() {
    const messages = pg.Connection.prototype as unknown as Connection;
    const originals = Object.fromEntries(START.map((name) => [name, messages[name]])) as Pick<Connection, Start>;
    const asked = (connection: Connection) => this.ask(connection);
    for (const name of START) {
      messages[name] = function (this: Connection, ...values) {
        asked(this);
        return originals[name].apply(this, values);
      };
    }
    this.restore = () => Object.assign(messages, originals);
  }

  [Symbol.dispose](): void {
    this.restore();
  }

  /** Resolves once nothing is under way, for the length of two probes that ran on time; late ones prove nothing. */
  async reached(): Promise<void> {
    for (let probes = 0; probes < PROBES;) {
      const startedAt = performance.now();
      const isQuiet = await this.isQuiet();
      const isLate = performance.now() - startedAt > PROBE_MS + OVERRUN_MS;
      if (!isQuiet) probes = 0;
      else if (!isLate) probes += 1;
    }
  }

  /** Whether nothing was under way, and nothing happened, for the length of a probe. */
  private async isQuiet(): Promise<boolean> {
    const { events } = performance.nodeTiming.uvMetricsInfo;
    const cpu = process.cpuUsage();
    await realSleep(PROBE_MS);
    // Threads that compress or sign are seen by their processor time alone.
    const { user, system } = process.cpuUsage(cpu);
    return (
      user + system < IDLE_CPU_US &&
      // What came in on sockets, and what the file system and threads have finished.
      performance.nodeTiming.uvMetricsInfo.events === events &&
      [...this.owed.values()].every((answers) => answers === 0) &&
      !process.getActiveResourcesInfo().some((resource) => AWAITED.test(resource))
    );
  }

  private ask(connection: Connection): void {
    if (!this.owed.has(connection)) {
      connection.on('readyForQuery', () => this.owed.set(connection, Math.max(0, this.owed.get(connection)! - 1)));
      connection.once('end', () => this.owed.delete(connection));
    }
    this.owed.set(connection, (this.owed.get(connection) ?? 0) + 1);
  }
}

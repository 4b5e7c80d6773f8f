import type { Clock } from '#core/clock.js';

/** So many units in any period of so many milliseconds. */
export interface RateLimit {
  readonly units: number;
  readonly periodMs: number;
}

/** What one key consumed, oldest first; `total` counts everything up to and including the event. */
interface History {
  readonly at: number[];
  readonly total: number[];
  /** Events before it are forgotten; `forgotten` is what they consumed. */
  head: number;
  forgotten: number;
}

const COMPACT_FROM = 64;

/**
 * Counts what was consumed per key in sliding windows. Running totals make every question a binary search, so that
 * an hour's budget over thousands of scopes costs no more to ask than a single one.
 */
export class RateWindows {
  private readonly histories = new Map<string, History>();

  constructor(private readonly clock: Clock) {}

  /** Units consumed under `key` in the last `periodMs`. */
  consumed(key: string, periodMs: number): number {
    const history = this.histories.get(key);
    if (!history) return 0;
    return newest(history) - totalBefore(history, firstAfter(history, this.clock.now().getTime() - periodMs));
  }

  /**
   * Milliseconds until `units` more fit the limit; 0 when they do now. More than the whole limit fits once nothing
   * else is in the window, or it would never be served.
   */
  waitMs(key: string, units: number, limit: RateLimit): number {
    const history = this.histories.get(key);
    if (!history) return 0;
    const now = this.clock.now().getTime();
    const first = firstAfter(history, now - limit.periodMs);
    const before = totalBefore(history, first);
    const excess = newest(history) - before + Math.min(units, limit.units) - limit.units;
    if (excess <= 0) return 0;
    const last = search(history.total, first, (total) => total - before >= excess);
    return (history.at[last] ?? now) + limit.periodMs - now;
  }

  /** Records consumption; forgets what is older than `keepMs`. */
  consume(key: string, units: number, keepMs: number): void {
    const now = this.clock.now().getTime();
    const history = this.histories.get(key) ?? { at: [], total: [], head: 0, forgotten: 0 };
    this.histories.set(key, history);
    const head = firstAfter(history, now - keepMs);
    history.forgotten = totalBefore(history, head);
    history.head = head;
    const total = newest(history) + units;
    // What happens in the same instant is one event.
    if (history.at.length > head && history.at.at(-1) === now) history.total[history.total.length - 1] = total;
    else {
      history.at.push(now);
      history.total.push(total);
    }
    if (head >= COMPACT_FROM && head * 2 >= history.at.length) {
      history.at.splice(0, head);
      history.total.splice(0, head);
      history.head = 0;
    }
  }

  clear(): void {
    this.histories.clear();
  }
}

function newest({ total, head, forgotten }: History): number {
  return total.length > head ? (total.at(-1) ?? forgotten) : forgotten;
}

function totalBefore({ total, head, forgotten }: History, index: number): number {
  return index > head ? (total[index - 1] ?? forgotten) : forgotten;
}

function firstAfter({ at, head }: History, time: number): number {
  return search(at, head, (value) => value > time);
}

/** The first index from `low` on whose value satisfies a condition that, once true, stays true. */
function search(values: readonly number[], low: number, holds: (value: number) => boolean): number {
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(values[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

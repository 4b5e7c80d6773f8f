import type { Clock } from '#core/clock.js';

/** So many units in any period of so many milliseconds. */
export interface RateLimit {
  readonly units: number;
  readonly periodMs: number;
}

/** Counts what was consumed per key in sliding windows of real time. */
export class RateWindows {
  private readonly events = new Map<string, { at: number; units: number }[]>();

  constructor(private readonly clock: Clock) {}

  /** Units consumed under `key` in the last `periodMs`. */
  consumed(key: string, periodMs: number): number {
    const since = this.clock.now().getTime() - periodMs;
    return (this.events.get(key) ?? []).reduce((sum, event) => (event.at > since ? sum + event.units : sum), 0);
  }

  /** Milliseconds until `units` more fit the limit; 0 when they do now. */
  waitMs(key: string, units: number, limit: RateLimit): number {
    const now = this.clock.now().getTime();
    const inside = (this.events.get(key) ?? []).filter((event) => event.at > now - limit.periodMs);
    let excess = inside.reduce((sum, event) => sum + event.units, units) - limit.units;
    for (const event of inside) {
      if (excess <= 0) return 0;
      excess -= event.units;
      if (excess <= 0) return event.at + limit.periodMs - now;
    }
    return excess <= 0 ? 0 : limit.periodMs;
  }

  /** Records consumption; forgets what is older than `keepMs`. */
  consume(key: string, units: number, keepMs: number): void {
    const now = this.clock.now().getTime();
    const kept = (this.events.get(key) ?? []).filter((event) => event.at > now - keepMs);
    kept.push({ at: now, units });
    this.events.set(key, kept);
  }

  clear(): void {
    this.events.clear();
  }
}

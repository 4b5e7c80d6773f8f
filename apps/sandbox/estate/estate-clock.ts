import type { Clock } from '#core/clock.js';
import { type Day, dayOf } from '#core/day.js';

/**
 * The time the estate lives in. It follows the wall clock (plus an offset) until it is set to an instant, and then
 * stands still until it is moved again: a standing clock is what makes two answers byte-identical.
 * Tokens and certificates never use it; those are validated against real time.
 */
export class EstateClock {
  private offsetMs = 0;
  private fixed: Date | undefined;

  constructor(
    private readonly wall: Clock,
    start?: Date,
  ) {
    this.fixed = start;
  }

  now(): Date {
    return this.fixed ?? new Date(this.wall.now().getTime() + this.offsetMs);
  }

  today(): Day {
    return dayOf(this.now());
  }

  get isRunning(): boolean {
    return this.fixed === undefined;
  }

  /** Stops the clock at `instant`. */
  set(instant: Date): void {
    this.fixed = instant;
  }

  /** Moves the clock by `ms`, which may be negative, running or not. */
  advance(ms: number): void {
    if (this.fixed) this.fixed = new Date(this.fixed.getTime() + ms);
    else this.offsetMs += ms;
  }

  /** Lets the clock run on from the instant it shows. */
  run(): void {
    this.offsetMs = this.now().getTime() - this.wall.now().getTime();
    this.fixed = undefined;
  }
}

import type { Clock } from '#core/clock.js';

/** A clock that stands still but for sleeping, which takes no time: it notes the wait and moves on. */
export class ManualClock implements Clock {
  readonly waits: number[] = [];
  #time: number;

  constructor(start: string | number = '2026-04-20T12:00:00Z') {
    this.#time = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#time);
  }

  advance(ms: number): void {
    this.#time += ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.#time += ms;
    await Promise.resolve();
  }
}

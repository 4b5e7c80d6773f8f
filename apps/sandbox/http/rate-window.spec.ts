import { describe, expect, it } from 'vitest';
import type { Clock } from '#core/clock.js';
import { RateWindows } from './rate-window.js';

class TestClock implements Clock {
  constructor(private ms = Date.parse('2026-03-20T10:00:00Z')) {}
  now(): Date {
    return new Date(this.ms);
  }
  sleep(ms: number): Promise<void> {
    this.ms += ms;
    return Promise.resolve();
  }
}

const PER_MINUTE = { units: 4, periodMs: 60_000 };

describe('a sliding window', () => {
  it('lets as many through as it allows, and says exactly when the next one fits', async () => {
    const clock = new TestClock();
    const windows = new RateWindows(clock);
    for (let n = 0; n < 4; n++) {
      expect(windows.waitMs('a', 1, PER_MINUTE)).toBe(0);
      windows.consume('a', 1, 60_000);
      await clock.sleep(5_000);
    }
    expect(windows.consumed('a', 60_000)).toBe(4);
    expect(windows.waitMs('a', 1, PER_MINUTE)).toBe(40_000);
    expect(windows.waitMs('a', 3, PER_MINUTE)).toBe(50_000);
    expect(windows.waitMs('b', 1, PER_MINUTE)).toBe(0);
    await clock.sleep(39_999);
    expect(windows.waitMs('a', 1, PER_MINUTE)).toBe(1);
    await clock.sleep(1);
    expect(windows.waitMs('a', 1, PER_MINUTE)).toBe(0);
    expect(windows.consumed('a', 60_000)).toBe(3);
  });

  it('serves more than the limit once it is empty', async () => {
    const clock = new TestClock();
    const windows = new RateWindows(clock);
    expect(windows.waitMs('a', 13, PER_MINUTE)).toBe(0);
    windows.consume('a', 13, 60_000);
    expect(windows.waitMs('a', 1, PER_MINUTE)).toBe(60_000);
    await clock.sleep(60_000);
    expect(windows.waitMs('a', 13, PER_MINUTE)).toBe(0);
  });

  it('agrees with a naive count over a long run, and forgets what is past', async () => {
    const clock = new TestClock();
    const windows = new RateWindows(clock);
    const events: { at: number; units: number }[] = [];
    for (let n = 0; n < 3_000; n++) {
      await clock.sleep((n * 37) % 2_000);
      const units = 1 + (n % 3);
      windows.consume('a', units, 3_600_000);
      const now = clock.now().getTime();
      events.push({ at: now, units });
      for (const periodMs of [10_000, 60_000, 3_600_000]) {
        const naive = events.reduce((sum, event) => (event.at > now - periodMs ? sum + event.units : sum), 0);
        expect(windows.consumed('a', periodMs)).toBe(naive);
      }
    }
    await clock.sleep(3_600_000);
    expect(windows.consumed('a', 3_600_000)).toBe(0);
  });
});

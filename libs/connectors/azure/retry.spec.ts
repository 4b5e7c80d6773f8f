import { describe, expect, it } from 'vitest';
import { decideRetry, type FailedAttempt } from './retry.js';

const failed = (changes: Partial<FailedAttempt>): FailedAttempt => ({
  attempt: 1,
  status: 503,
  headers: new Map(),
  now: new Date('2026-04-20T12:00:00Z'),
  ...changes,
});
const options = { inlineWaitLimitMs: 120_000, random: () => 0 };

describe('decideRetry', () => {
  it.each([408, 429, 500, 502, 503, 504, 529, null])('tries %s again', (status) => {
    expect(decideRetry(failed({ status }), options)).toEqual({ kind: 'wait', waitMs: 1_000 });
  });

  it.each([302, 400, 401, 403, 404, 409, 424, 501])('does not try %s again', (status) => {
    expect(decideRetry(failed({ status }), options)).toEqual({ kind: 'refused' });
  });

  it('doubles the delay, and gives up after the fifth attempt', () => {
    const waits = [1, 2, 3, 4].map((attempt) => decideRetry(failed({ attempt }), options));
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000].map((waitMs) => ({ kind: 'wait', waitMs })));
    expect(decideRetry(failed({ attempt: 5 }), options)).toEqual({ kind: 'exhausted' });
  });

  it.each([429, 529])('hands a %s back after the fifth attempt: it is no failure', (status) => {
    expect(decideRetry(failed({ attempt: 5, status }), options)).toEqual({ kind: 'throttled', retryAfterMs: 60_000 });
  });

  it('lengthens its own delays by chance, but keeps a stated wait to the millisecond', () => {
    const chance = { ...options, random: () => 0.999 };
    expect(decideRetry(failed({}), chance)).toEqual({ kind: 'wait', waitMs: 1_250 });
    expect(decideRetry(failed({ headers: new Map([['retry-after', '7']]) }), chance)).toEqual({
      kind: 'wait',
      waitMs: 7_000,
    });
  });

  it('hands a wait beyond the limit back, at the limit it still waits', () => {
    const stated = (seconds: string) => failed({ status: 429, headers: new Map([['retry-after', seconds]]) });
    expect(decideRetry(stated('121'), options)).toEqual({ kind: 'throttled', retryAfterMs: 121_000 });
    expect(decideRetry(stated('120'), options)).toEqual({ kind: 'wait', waitMs: 120_000 });
  });
});

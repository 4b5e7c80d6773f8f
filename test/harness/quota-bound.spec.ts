import { describe, expect, it } from 'vitest';
import { quotaBoundMs } from './quota-bound.js';

describe('the time that quotas alone take', () => {
  it.each([
    [12, 0],
    [13, 10_000],
    [20, 10_000],
    [21, 60_000],
    [600, 29 * 60_000 + 10_000],
    [601, 3_600_000],
    [2_000, 3 * 3_600_000 + 9 * 60_000 + 10_000],
  ])('for %i calls is %i ms', (calls, ms) => expect(quotaBoundMs(calls)).toBe(ms));
});

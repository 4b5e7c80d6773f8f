import { describe, expect, it } from 'vitest';
import { statedWait } from './throttling.js';

const NOW = new Date('2026-04-20T12:00:00Z');
const wait = (status: number, headers: Record<string, string>) =>
  statedWait(status, new Map(Object.entries(headers)), NOW);

describe('statedWait', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['fractions of seconds', { 'retry-after': '0.5' }, 500],
    ['an HTTP date', { 'retry-after': 'Mon, 20 Apr 2026 12:00:30 GMT' }, 30_000],
    ['milliseconds', { 'retry-after-ms': '250' }, 250],
    ['Azure milliseconds', { 'x-ms-retry-after-ms': '1250' }, 1_250],
    ['the Resource Graph quota', { 'x-ms-user-quota-resets-after': '00:01:05' }, 65_000],
    ['the consumption quota', { 'x-ms-ratelimit-microsoft.consumption-retry-after': '9' }, 9_000],
  ])('reads %s', (_name, headers, waitMs) => {
    expect(wait(429, headers)?.waitMs).toBe(waitMs);
  });

  it('takes the longest of all, and names its quota', () => {
    expect(
      wait(429, {
        'retry-after': '2',
        'x-ms-ratelimit-microsoft.costmanagement-entity-retry-after': '11',
        'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '31',
        'x-ms-ratelimit-microsoft.costmanagement-tenant-retry-after': '3',
      }),
    ).toEqual({ waitMs: 31_000, bucket: 'qpu' });
  });

  it('ignores the per-quota headers on other answers: Cost Management sends them on success too', () => {
    expect(wait(200, { 'x-ms-ratelimit-microsoft.costmanagement-entity-retry-after': '60' })).toBeNull();
    expect(wait(503, { 'x-ms-ratelimit-microsoft.costmanagement-entity-retry-after': '60' })).toBeNull();
    expect(wait(503, { 'retry-after': '4' })).toEqual({ waitMs: 4_000, bucket: 'general' });
  });

  it.each<[string, Record<string, string>]>([
    ['seconds', { 'retry-after': '99999999' }],
    ['more seconds than a number holds', { 'retry-after': '9'.repeat(400) }],
    ['an HTTP date', { 'retry-after': 'Mon, 20 Apr 2099 12:00:00 GMT' }],
    ['milliseconds', { 'retry-after-ms': '9999999999' }],
    ['the Resource Graph quota', { 'x-ms-user-quota-resets-after': '99999:00:00' }],
    ['the hourly quota', { 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after': '3601' }],
  ])('is an hour at most, whatever is stated in %s', (_name, headers) => {
    expect(wait(429, headers)?.waitMs).toBe(3_600_000);
  });

  it.each<Record<string, string>>([
    {},
    { 'retry-after': 'soon' },
    { 'retry-after': '0' },
    { 'retry-after': 'Mon, 20 Apr 2026 11:00:00 GMT' },
  ])('is null for %j', (headers) => expect(wait(429, headers)).toBeNull());
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OwnPostgres } from '../harness/own-postgres.js';
import { runCosts } from './cost-run.js';
import { report } from './results.js';

/** A subscription has 100,000 rows a month. */
const SIZE = { resources: 1_667, from: '2026-04-01', days: 30 };
const MEGABYTE = 1024 * 1024;

describe('memory of a worker', { timeout: 1_800_000 }, () => {
  let server: OwnPostgres;
  beforeAll(async () => void (server = await OwnPostgres.start()), 60_000);
  afterAll(() => server.drop());

  it('does not grow with the rows', async () => {
    const small = await runCosts(server, { ...SIZE, subscriptions: 10 }, 1);
    const large = await runCosts(server, { ...SIZE, subscriptions: 100 }, 1);
    const peak = (run: typeof small) => run.workers[0]!.peakBytes / MEGABYTE;
    const ratio = peak(large) / peak(small);
    report('memory', {
      [`${small.rows} rows`]: `${peak(small).toFixed(0)} MB, ${small.seconds.toFixed(1)} s`,
      [`${large.rows} rows`]: `${peak(large).toFixed(0)} MB, ${large.seconds.toFixed(1)} s`,
      ratio: ratio.toFixed(2),
    });
    expect(peak(large)).toBeLessThan(300);
    expect(ratio).toBeLessThanOrEqual(1.2);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EstateRun, type ServiceCount } from '../harness/estate-run.js';
import { quotaBoundMs } from '../harness/quota-bound.js';
import { SimulatedTime } from '../harness/simulated-time.js';

const SUBSCRIPTIONS = 40;
const HOUR_MS = 3_600_000;

/** Two workers, the sandbox with all of Azure's limits, the queue and the limiter, all by one simulated clock. */
describe('workers that share quotas', { timeout: 120_000 }, () => {
  let time: SimulatedTime;
  let estate: EstateRun;
  beforeAll(async () => {
    estate = await EstateRun.open({
      sandbox: { tenants: 1, subscriptions: SUBSCRIPTIONS, resources: 12, vms: 1, days: 40 },
      throttling: true,
      env: { INGESTION_BACKFILL_MONTHS: '0', AZURE_QUOTA_RESERVE_PERCENT: '0' },
      clock: async ({ ownerUrl, workerUrl }) =>
        (time = await SimulatedTime.over(ownerUrl, [workerUrl], new Date('2026-11-24T12:00:00Z'))),
    });
  }, 60_000);
  afterAll(async () => {
    await estate.stopWorkers();
    await time[Symbol.asyncDispose]();
    await estate[Symbol.asyncDispose]();
  });

  it('read an estate as fast as the quotas allow, and are hardly ever refused', async () => {
    const parts = await estate.startWorker();
    await estate.startWorker();
    const runId = await estate.request(parts);
    await time.runUntil(async () => (await estate.run(parts, runId)).finished_at !== null, 3 * HOUR_MS);

    const windows = await estate.windows(parts, runId);
    expect(windows.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    expect(await estate.run(parts, runId)).toMatchObject({ status: 'succeeded' });
    const counts = await estate.counts();
    const requests = Object.fromEntries(counts.map(({ service, requests: count }) => [service, count]));
    expect(requests['cost-management']).toBeLessThanOrEqual(SUBSCRIPTIONS * 2 * 1.1);
    const sum = (pick: (count: ServiceCount) => number) => counts.reduce((total, count) => total + pick(count), 0);
    expect(sum(({ throttled }) => throttled)).toBeLessThan(0.01 * sum(({ requests: count }) => count));
    // Ten seconds for what goes before: the subscriptions, the inventory, and the planning.
    expect(time.elapsedMs).toBeLessThanOrEqual(quotaBoundMs(SUBSCRIPTIONS * 2) * 1.05 + 10_000);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../scripts/postgres-logins.js';
import { EstateRun } from '../harness/estate-run.js';
import { quotaBoundMs } from '../harness/quota-bound.js';
import { SimulatedTime } from '../harness/simulated-time.js';
import { report } from './results.js';

/** `BENCH_SUBSCRIPTIONS` makes it smaller; resources and machines are per subscription. */
const SUBSCRIPTIONS = Number(process.env['BENCH_SUBSCRIPTIONS'] ?? 1_000);
/** `BENCH_WORKERS=2` runs one of the two cases. */
const WORKERS = process.env['BENCH_WORKERS'] ? [Number(process.env['BENCH_WORKERS'])] : [1, 2];
const RESOURCES = 100;
const MACHINES = 5;
const HOUR_MS = 3_600_000;
const PAGE = 1_000;
const BATCH = 50;

/**
 * A full refresh of a large tenant with all of Azure's limits on, by a simulated clock: requests per service against
 * the least that the documented page and batch sizes allow, refusals, and the time against what the quotas alone take.
 */
describe.each(WORKERS)('a full refresh by %i workers', { timeout: 3_600_000 }, (workers) => {
  let time: SimulatedTime;
  let estate: EstateRun;
  beforeAll(async () => {
    estate = await EstateRun.open({
      sandbox: { tenants: 1, subscriptions: SUBSCRIPTIONS, resources: RESOURCES, vms: MACHINES, days: 40 },
      throttling: true,
      env: { INGESTION_BACKFILL_MONTHS: '0', AZURE_QUOTA_RESERVE_PERCENT: '0' },
      clock: async ({ ownerUrl, workerUrl }) => (time = await SimulatedTime.over(ownerUrl, [workerUrl], new Date())),
    });
  }, 300_000);
  afterAll(async () => {
    await estate.stopWorkers();
    await time[Symbol.asyncDispose]();
    await estate[Symbol.asyncDispose]();
  });

  it('asks for little more than it must and is hardly ever refused', async () => {
    const startedAt = performance.now();
    const [parts] = await Promise.all(Array.from({ length: workers }, () => estate.startWorker()));
    const runId = await estate.request(parts!);
    let shown = 0;
    const isOver = async () => {
      const { windows_done: done, finished_at: finishedAt } = await estate.run(parts!, runId);
      if (done >= shown + 100) process.stderr.write(`  ${(shown = done)} windows after ${minutes(time.elapsedMs)}\n`);
      return finishedAt !== null;
    };
    await time.runUntil(isOver, 24 * HOUR_MS);

    const run = await estate.run(parts!, runId);
    const counts = new Map((await estate.counts()).map((count) => [count.service, count]));
    const requests = (service: string) => counts.get(service)?.requests ?? 0;
    const least = await leastRequests(estate.database.ownerUrl);
    const ratios = Object.fromEntries(
      Object.entries(least).map(([service, count]) => [service, requests(service) / count]),
    );
    const sum = (pick: 'requests' | 'throttled') =>
      [...counts.values()].reduce((total, count) => total + count[pick], 0);
    const boundMs = quotaBoundMs(least['cost-management']!);
    report(`refresh by ${workers} worker(s): ${SUBSCRIPTIONS} subscriptions`, {
      status: run.status,
      windows: `${run.windows_done} of ${run.windows_total}`,
      rows: run.rows,
      ...Object.fromEntries(
        Object.entries(least).map(([service, count]) => [
          `${service} requests`,
          `${requests(service)}, at least ${count}: ${ratios[service]!.toFixed(3)} times`,
        ]),
      ),
      'refused (429, 529)': `${sum('throttled')} of ${sum('requests')}`,
      'simulated time': `${minutes(time.elapsedMs)}, quotas alone ${minutes(boundMs)}: ${(time.elapsedMs / boundMs).toFixed(3)} times`,
      'real time': `${Math.round((performance.now() - startedAt) / 1000)} s`,
    });
    expect(run.status).toBe('succeeded');
    for (const [service, ratio] of Object.entries(ratios)) expect([service, ratio <= 1.1]).toEqual([service, true]);
    expect(sum('throttled')).toBeLessThan(0.01 * sum('requests'));
    expect(time.elapsedMs / boundMs).toBeLessThanOrEqual(1.05);
  });
});

/**
 * By the documented sizes: pages of 1,000, a list of machine sizes for each region, both cost datasets of a month each, 50
 * resources of a region and type.
 */
function leastRequests(ownerUrl: string): Promise<Record<string, number>> {
  return withClient(ownerUrl, async (client) => {
    const one = async (sql: string) => Number((await client.query<{ n: string }>(sql)).rows[0]!.n);
    const subscriptions = await one(`SELECT count(*) AS n FROM subscriptions`);
    const resources = await one(`SELECT count(*) AS n FROM resources`);
    const advice = await one(`SELECT count(*) AS n FROM recommendations WHERE source = 'advisor'`);
    const costWindows = await one(`SELECT count(*) AS n FROM ingestion_windows WHERE connector = 'cost-management'`);
    const sizeLists = await one(`SELECT count(*) AS n FROM ingestion_windows WHERE connector = 'compute-skus'`);
    const batches = await one(
      `SELECT sum(ceil(n / ${BATCH}.0)) AS n FROM (
         SELECT count(DISTINCT r.resource_id) AS n FROM resources r
         JOIN subscriptions s ON s.subscription_id = r.subscription_id AND s.state NOT IN ('Disabled', 'Deleted')
         WHERE r.type IN (SELECT DISTINCT resource_type FROM resource_metrics)
         GROUP BY r.subscription_id, r.location, r.type) g`,
    );
    return {
      'resource-manager': Math.ceil(subscriptions / PAGE) + sizeLists,
      'resource-graph': Math.ceil(resources / PAGE) + Math.ceil(advice / PAGE),
      'cost-management': costWindows * 2,
      monitor: batches,
    };
  });
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}

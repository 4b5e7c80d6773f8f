import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMonths, type DayRange } from '#core/day.js';
import { AzCops, type RunStatus } from '../harness/azcops.js';
import { showLogsOfFailures, until, type TestProcess } from '../harness/processes.js';
import { bySubscription, TestSandbox, today } from '../harness/sandbox.js';

const wallDay = today();
const range: DayRange = { from: addMonths(wallDay, -3), to: wallDay };
/** What a first read asks Azure for: four months, each as actual and amortized cost. */
const MONTHS = 4;
const DATASETS = 2;

describe('several workers on one database', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let workers: TestProcess[];
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 1, resources: 20, now: `${wallDay}T08:00:00Z` });
    azcops = await AzCops.open(sandbox, { env: { INGESTION_CONCURRENCY: '3' } });
    [, ...workers] = await Promise.all([azcops.startApi(), azcops.startWorker(), azcops.startWorker()]);
    await azcops.register(0);
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const expectExactCosts = async () =>
    expect(bySubscription(await azcops.costs(range))).toEqual(
      bySubscription(await sandbox.charged(sandbox.subscriptionsOf(0), range)),
    );

  it('stop at a cancelled run, which publishes nothing more', async () => {
    const [first, second] = sandbox.subscriptionsOf(0);
    const fault = await sandbox.addFault({
      service: 'cost-management',
      subscription: second,
      times: MONTHS * DATASETS,
      delayMs: 120_000,
    });
    const request = { mode: 'full', ...range };
    const runId = await azcops.trigger(request);
    expect(await azcops.trigger(request)).toBe(runId);
    await azcops.delayed(runId, fault, ({ scope }) => scope === second);

    const cancelled = await azcops.fetch<RunStatus>('POST', `/api/v1/ingestion/runs/${runId}/cancel`, 200);
    expect(cancelled.status).toBe('cancelled');
    const statuses = cancelled.windows.filter(({ scope }) => scope === second).map(({ status }) => status);
    expect(statuses).toEqual(Array.from({ length: MONTHS }, () => 'cancelled'));
    await until('both workers to drop their windows', () => {
      const dropped = workers.flatMap(({ log }) => log.filter(({ msg }) => msg === 'window attempt ended'));
      return dropped.length === MONTHS;
    });
    expect(bySubscription(await azcops.costs(range))).toEqual(bySubscription(await sandbox.charged([first!], range)));
    expect((await azcops.status(runId)).status).toBe('cancelled');
    expect((await azcops.call('POST', `/api/v1/ingestion/runs/${runId}/cancel`)).status).toBe(409);

    const next = await azcops.trigger(request);
    expect(next).not.toBe(runId);
    expect((await azcops.ended(next)).status).toBe('succeeded');
    await expectExactCosts();
  });

  it('share the windows of a run', async () => {
    await sandbox.addFault({ service: 'cost-management', times: 0, delayMs: 500 });
    const run = await azcops.run({ mode: 'full', ...range });
    await sandbox.admin('DELETE', '/faults');
    expect(run.status).toBe('succeeded');
    const shares = await azcops.sql<{ worker: string }>(
      'SELECT DISTINCT worker FROM ingestion_windows WHERE run_id = $1',
      [run.run_id],
    );
    expect(shares).toHaveLength(workers.length);
    await expectExactCosts();
  });

  it('answer a tick of the schedule once', async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    // Ticks of one minute are one: each of both workers answers every second.
    const schedule = { SCHEDULE_INCREMENTAL: '* * * * * *' };
    await Promise.all([azcops.startWorker(schedule), azcops.startWorker(schedule)]);
    const startedAt = Date.now();
    const ended = await until('scheduled runs of three seconds', async () => {
      const { items } = await azcops.get<{ items: RunStatus[] }>('/api/v1/ingestion/runs?mode=incremental');
      const allEnded = items.length > 0 && items.every(({ status }) => status === 'succeeded');
      return Date.now() - startedAt > 3_000 && allEnded && items;
    });
    expect(ended.every(({ source }) => source === 'schedule')).toBe(true);
    const minutes = ended.map(({ created_at }) => created_at.slice(0, 'YYYY-MM-DDThh:mm'.length));
    expect(new Set(minutes).size).toBe(minutes.length);
    await expectExactCosts();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, addMonths, monthEnd, monthStart, type Day } from '#core/day.js';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { TestSandbox, today } from '../harness/sandbox.js';

interface Summary {
  totals: { currency: string; cost: string | null; amortized_cost: string | null }[];
  by_service: { service_name: string; currency: string; cost: string; amortized_cost: string }[];
  daily: { date: string; currency: string; cost: string; amortized_cost: string }[];
}

/** A month that is closed, so that nothing but the test changes it. */
const month = addMonths(monthStart(today()), -2);
const range = { from: month, to: monthEnd(month) };

describe('exports in the lake', { timeout: 120_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenantId: string;
  showLogsOfFailures();
  beforeAll(async () => {
    const days = 100;
    sandbox = await TestSandbox.start({ tenants: 1, resources: 30, days, now: `${today()}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    await azcops.startApi();
    [tenantId] = (await azcops.register(0)) as [string];
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const summary = async (): Promise<Pick<Summary, 'totals' | 'by_service' | 'daily'>> => {
    const { totals, by_service, daily } = await azcops.get<Summary>(
      `/api/v1/costs/summary?from=${range.from}&to=${range.to}`,
    );
    const byName = by_service.toSorted((a, b) =>
      `${a.service_name} ${a.currency}`.localeCompare(`${b.service_name} ${b.currency}`),
    );
    return {
      totals: totals.map(({ currency, cost, amortized_cost }) => ({ currency, cost, amortized_cost })),
      by_service: byName,
      daily,
    };
  };
  const lake = () => new URL('exports/costs', sandbox.description.rawStorageUrl).href;
  const importLake = async (...args: string[]) => {
    const command = await azcops.ingestion(['import', lake(), '--tenant', tenantId, ...args], { LOG_LEVEL: 'warn' });
    return { code: command.code, stderr: command.stderr, lines: command.stdout.trim().split('\n') };
  };
  const write = (order: object) =>
    sandbox.admin<{ runId: string; rows: number; parts: number }>('POST', '/exports', {
      month: month.slice(0, 7),
      ...order,
    });
  const moveClock = (day: Day) => sandbox.admin('PUT', '/clock', { now: `${day}T09:00:00Z` });

  it('are refused where the API has read the month, and take it over with the same sums', async () => {
    const read = await azcops.ingestion(['full', '--tenant', tenantId, '--from', range.from, '--to', range.to]);
    expect(read.code).toBe(0);
    const expected = await summary();
    expect(expected.totals.length).toBeGreaterThan(1);
    const run = await write({ name: 'focus', format: 'parquet', partitionRows: 1_000, timestamped: true });
    expect(run.parts).toBeGreaterThan(1);

    const refused = await importLake();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('owned by cost-management')]);
    expect(await summary()).toEqual(expected);

    const taken = await importLake('--replace');
    expect([taken.code, taken.stderr]).toEqual([0, '']);
    expect(taken.lines[0]).toContain(`${month.slice(0, 7)} focus: run ${run.runId}`);
    expect(await summary()).toEqual(expected);
    expect(await azcops.get('/api/v1/costs/revisions')).toMatchObject({ total: 0 });
  });

  it('are known again without a part being read', async () => {
    await sandbox.admin('DELETE', '/requests');
    const again = await importLake();
    expect([again.code, again.stderr, again.lines]).toEqual([0, '', [expect.stringContaining('is published already')]]);
    const { requests } = await sandbox.admin<{ requests: { path: string }[] }>('GET', '/requests');
    const read = requests.map(({ path }) => path).filter((path) => path.includes('/exports/'));
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((path) => path.includes('/part_'))).toEqual([]);
  });

  it('replace the month when they were written anew, and say how it moved', async () => {
    const [subscription] = sandbox.subscriptionsOf(0);
    const day = addDays(range.from, 3);
    await moveClock(addDays(today(), 1));
    await sandbox.admin('POST', '/charges/alter', { subscription, day, cost: '1234.567890123456' });
    await write({ name: 'focus', format: 'csv.gz' });
    const newer = await importLake();
    expect([newer.code, newer.stderr]).toEqual([0, '']);
    const charged = await sandbox.charged(sandbox.subscriptionsOf(0), range);
    expect((await azcops.costs(range)).length).toBe(charged.length);
    expect(await azcops.costs(range)).toEqual(expect.arrayContaining(charged));
    expect(await azcops.get(`/api/v1/costs/revisions`)).toMatchObject({ items: [{ date: day }] });
  });

  it('are read in spite of a lake that stumbles, and not without the role for it', async () => {
    await moveClock(addDays(today(), 2));
    await write({ name: 'focus', format: 'parquet' });
    const before = await azcops.costs(range);
    await sandbox.addFault({ service: 'data-lake', pathContains: '/part_', status: 403, times: 0 });
    const refused = await importLake();
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('Storage Blob Data Reader')]);
    await sandbox.clearFaults();
    const faults = [
      await sandbox.addFault({ service: 'data-lake', pathContains: '/part_', hangUp: true, every: 3, times: 3 }),
      await sandbox.addFault({ service: 'data-lake', pathContains: '/exports', status: 503 }),
    ];
    const taken = await importLake();
    expect([taken.code, taken.stderr]).toEqual([0, '']);
    expect(await sandbox.faultsHit()).toEqual(expect.arrayContaining(faults));
    expect(await azcops.costs(range)).toEqual(before);
  });

  it('must be there', async () => {
    const nowhere = await azcops.ingestion(['import', `${lake()}/nowhere`, '--tenant', tenantId]);
    expect([nowhere.code, nowhere.stderr]).toEqual([1, `There is no ${lake()}/nowhere.\n`]);
    const empty = await azcops.ingestion(['import', azcops.folder, '--tenant', tenantId]);
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain(`no complete run of a Cost Management export below ${azcops.folder}`);
  });
});

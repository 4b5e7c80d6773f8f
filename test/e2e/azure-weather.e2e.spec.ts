import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, type DayRange } from '#core/day.js';
import { AzCops, type RunStatus } from '../harness/azcops.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { bySubscription, TestSandbox, today, type Fault } from '../harness/sandbox.js';

const wallDay = today();
const daysAgo = (first: number, last: number): DayRange => ({
  from: addDays(wallDay, -first),
  to: addDays(wallDay, -last),
});
const EXPIRED = { error: { code: 'ExpiredAuthenticationToken', message: 'The access token expiry is past.' } };
const QPU_WAIT = 'x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after';
/** What happens to the queries of one subscription each, once or twice. */
const COST_FAULTS: Fault[] = [
  {
    status: 429,
    headers: { [QPU_WAIT]: '1' },
    body: { error: { code: '429', message: 'Too many requests.' } },
    times: 2,
  },
  { status: 503, times: 2 },
  { hangUp: true },
  { truncate: true },
  { malformed: true },
  { status: 401, body: EXPIRED },
];
const OTHER_FAULTS: Fault[] = [
  { service: 'resource-graph', status: 429, headers: { 'x-ms-user-quota-resets-after': '00:00:01' } },
  { service: 'data-lake', status: 503, after: 3 },
  { service: 'entra', status: 503, times: 1 },
];

describe('Azure weather', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let subscriptions: string[];
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 1, subscriptions: 8, resources: 20, now: `${wallDay}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    await azcops.startApi();
    await azcops.register(0);
    subscriptions = sandbox.subscriptionsOf(0);
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const windowOf = (run: RunStatus, subscription: string) => run.windows.find(({ scope }) => scope === subscription)!;
  const answerCosts = (subscription: string, answer: string) =>
    sandbox.admin('PUT', `/subscriptions/${subscription}/cost`, { answer });

  it('passes: throttling, outages, broken answers and an expired token', async () => {
    await azcops.startWorker();
    const range = daysAgo(12, 10);
    const faults: string[] = [];
    for (const [index, fault] of COST_FAULTS.entries())
      faults.push(await sandbox.addFault({ service: 'cost-management', subscription: subscriptions[index], ...fault }));
    for (const fault of OTHER_FAULTS) faults.push(await sandbox.addFault(fault));

    const run = await azcops.run({ mode: 'full', ...range });
    expect(run.windows.filter(({ status }) => status !== 'succeeded')).toEqual([]);
    expect(run.status).toBe('succeeded');
    expect(new Set(await sandbox.faultsHit())).toEqual(new Set(faults));
    expect(await sandbox.admin('GET', '/faults')).toEqual({ faults: [] });
    expect(bySubscription(await azcops.costs(range))).toEqual(
      bySubscription(await sandbox.charged(subscriptions, range)),
    );
    expect((await azcops.get<{ total: number }>('/api/v1/resources')).total).toBe(await sandbox.countResources(0));
    // Passing trouble is sat out within the attempt; only a refused token takes another.
    const attempts = COST_FAULTS.map((_, index) => windowOf(run, subscriptions[index]!).attempt);
    expect(attempts).toEqual([1, 1, 1, 1, 1, 2]);
    expect(windowOf(run, subscriptions[7]!).proof!.retries).toBe(0);
    expect(windowOf(run, subscriptions[1]!).proof!.retries).toBe(2);
  });

  it('keeps to the wait that Cost Management asks for', async () => {
    const { requests } = await sandbox.admin<{
      requests: { time: string; durationMs: number; status: number; path: string; service: string }[];
    }>('GET', '/requests');
    const queries = requests.filter(
      ({ service, path }) => service === 'cost-management' && path.includes(subscriptions[0]!),
    );
    const refusedAt = queries.filter(({ status }) => status === 429).map(({ time }) => Date.parse(time));
    const answeredAt = queries.filter(({ status }) => status === 200).map(({ time }) => Date.parse(time));
    expect(refusedAt).toHaveLength(2);
    expect(Math.min(...answeredAt) - Math.min(...refusedAt)).toBeGreaterThanOrEqual(1_000);
  });

  it('names the missing role where costs are forbidden, and reads the others', async () => {
    await answerCosts(subscriptions[6]!, 'rbac-access-denied');
    const range = daysAgo(12, 10);
    const run = await azcops.run({ mode: 'full', ...range });
    await answerCosts(subscriptions[6]!, 'normal');
    expect(run.status).toBe('succeeded');
    const forbidden = windowOf(run, subscriptions[6]!);
    expect(forbidden.status).toBe('unavailable');
    expect(forbidden.action).toContain('"Cost Management Reader"');
    expect(forbidden.action).toContain(subscriptions[6]);
    expect(new Set(run.windows.filter((each) => each !== forbidden).map(({ status }) => status))).toEqual(
      new Set(['succeeded']),
    );
    // What was read before stays.
    expect(bySubscription(await azcops.costs(range))).toEqual(
      bySubscription(await sandbox.charged(subscriptions, range)),
    );
  });

  it('tells what Azure cannot serve, and does not call that a failure', async () => {
    const range = daysAgo(20, 18);
    const [noData, unsupported, actualOnly, ...others] = subscriptions.toReversed();
    await answerCosts(noData!, 'no-data');
    await answerCosts(unsupported!, 'unsupported-offer');
    await answerCosts(actualOnly!, 'amortized-unsupported');
    const run = await azcops.run({ mode: 'full', ...range });
    expect(run.status).toBe('succeeded');
    expect(windowOf(run, noData!)).toMatchObject({ status: 'unavailable' });
    expect(windowOf(run, noData!).reason).toMatch(/no data at all/);
    expect(windowOf(run, unsupported!)).toMatchObject({ status: 'unavailable' });
    expect(windowOf(run, unsupported!).reason).toMatch(/offer/);
    expect(windowOf(run, unsupported!).action).toMatch(/cost files/);
    expect(windowOf(run, actualOnly!)).toMatchObject({ status: 'succeeded' });
    expect(windowOf(run, actualOnly!).reason).toMatch(/amortized/i);

    const charged = await sandbox.charged([...others, actualOnly!], range);
    expect(bySubscription(await azcops.costs(range))).toEqual(
      bySubscription(charged).map((row) =>
        row.subscription_id === actualOnly ? { ...row, amortized_cost: null } : row,
      ),
    );
    const summary = await azcops.get<{ incomplete: { subscription_id: string; reason: string }[] }>(
      `/api/v1/costs/summary?from=${range.from}&to=${range.to}`,
    );
    const gaps = new Map(summary.incomplete.map(({ subscription_id, reason }) => [subscription_id, reason]));
    expect([...gaps.keys()].toSorted()).toEqual([actualOnly!, noData!, unsupported!].toSorted());
    expect(gaps.get(noData!)).toMatch(/^No billed cost .*no data at all/);
    expect(gaps.get(actualOnly!)).toMatch(/^No effective \(amortized\) cost for /);
    expect(gaps.get(unsupported!)).toMatch(/^No billed cost .*offer/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, dayOf } from '#core/day.js';
import { decimal, plain, type Decimal } from '#core/decimal.js';
import { RECOMMENDED_ACTIONS, type RecommendedAction } from '#core/records.js';
import { RULES } from '#rules/registry.js';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { TestSandbox } from '../harness/sandbox.js';

interface Finding {
  id: string;
  rule: string;
  subscription_id: string;
  resource_id: string | null;
  estimated_monthly_savings: string | null;
  savings_method: string | null;
  monthly_cost: string | null;
  action: RecommendedAction;
  alternative_of: string | null;
  currency: string | null;
  observed: string;
  first_seen_at: string;
}
interface Charge {
  day: string;
  resourceId: string;
  pricingModel: string;
  cost: string;
  currency: string;
}

/** What they find costs nothing itself; they tell what hangs on it. */
const SAVES_ELSEWHERE = new Set(['long-deallocated-virtual-machine']);

const METHODS = ['measured', 'priced', 'stated', 'guessed'];

describe('rules on an estate with planted waste', { timeout: 120_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let findings: Finding[];
  /** `rule resource` of everything that was planted. */
  let planted: Set<string>;
  showLogsOfFailures();

  const now = `${new Date().toISOString().slice(0, 13)}:00:00Z`;
  const run = async () =>
    expect(
      await azcops.run({
        mode: 'full',
        connectors: ['resource-graph', 'cost-management', 'monitor', 'retail-prices', 'compute-skus', 'rules'],
      }),
    ).toMatchObject({ status: 'succeeded' });
  const list = async (query = '') =>
    (await azcops.get<{ items: Finding[] }>(`/api/v1/recommendations?source=rules&page_size=500${query}`)).items;
  const nameOf = ({ rule, subscription_id, resource_id }: Finding) =>
    `${rule} ${resource_id ?? `/subscriptions/${subscription_id}`}`;

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 1, subscriptions: 2, resources: 0, planted: 'on', days: 62, now });
    azcops = await AzCops.open(sandbox);
    await Promise.all([azcops.startApi(), azcops.startWorker()]);
    await azcops.register(0);
    expect((await azcops.run({ mode: 'full', connectors: ['subscriptions'] })).status).toBe('succeeded');
    await run();
    findings = await list();
    const truth = await Promise.all(
      sandbox
        .subscriptionsOf(0)
        .map((id) =>
          sandbox.admin<{ waste: { kind: string; resourceId: string }[] }>('GET', `/waste?subscription=${id}`),
        ),
    );
    planted = new Set(
      truth.flatMap(({ waste }) => waste.map(({ kind, resourceId }) => `${kind} ${resourceId.toLowerCase()}`)),
    );
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  it('find all of it and nothing else: precision and recall of every rule are 1', () => {
    const found = new Set(findings.map(nameOf));
    const table = [...RULES.keys()].map((rule) => {
      const of = (names: Set<string>) => [...names].filter((name) => name.startsWith(`${rule} `));
      const hits = of(found).filter((name) => planted.has(name)).length;
      return { rule, planted: of(planted).length, found: of(found).length, hits };
    });
    console.log(
      table
        .map((row) => `${row.rule.padEnd(44)} planted ${row.planted}, found ${row.found}, both ${row.hits}`)
        .join('\n'),
    );
    expect([...found].filter((name) => !planted.has(name)).toSorted(), 'false positives').toEqual([]);
    expect([...planted].filter((name) => !found.has(name)).toSorted(), 'missed').toEqual([]);
    expect(
      table.filter((row) => row.planted === 0).map(({ rule }) => rule),
      'rules without planted waste',
    ).toEqual([]);
  });

  it('state what was measured to the last digit of the charges', async () => {
    const to = addDays(dayOf(new Date(now)), -1);
    const costs = new Map<string, Decimal>();
    for (const id of sandbox.subscriptionsOf(0)) {
      const query = `subscription=${id}&from=${addDays(to, -29)}&to=${to}&type=AmortizedCost`;
      const { charges } = await sandbox.admin<{ charges: Charge[] }>('GET', `/charges?${query}`);
      for (const { resourceId, pricingModel, cost, currency } of charges) {
        if (pricingModel === 'Reservation') continue;
        const key = `${resourceId} ${currency}`;
        costs.set(key, (costs.get(key) ?? decimal(0)).plus(cost));
      }
    }
    const whole = findings.filter(
      ({ rule, savings_method }) =>
        savings_method === 'measured' && RULES.get(rule)!.action === 'remove' && !SAVES_ELSEWHERE.has(rule),
    );
    expect(whole.length).toBeGreaterThan(0);
    for (const finding of whole) {
      const cost = costs.get(`${finding.resource_id} ${finding.currency}`);
      expect(finding.estimated_monthly_savings, nameOf(finding)).toBe(cost && plain(cost));
    }
  });

  it('add up to what a careful person would: nothing twice, methods and currencies apart', async () => {
    type Row = { currency: string; savings_method: string; estimated_monthly_savings: string };
    const { potential } = await azcops.get<{ potential: Row[] }>('/api/v1/recommendations/summary');
    const shown = Object.fromEntries(
      potential.map((row) => [`${row.currency} ${row.savings_method}`, row.estimated_monthly_savings]),
    );
    expect(shown).toEqual(totalsOf(findings));
    console.log(
      Object.entries(shown)
        .map(([what, amount]) => `potential ${what} ${amount}`)
        .join('\n'),
    );
  });

  it('change nothing when nothing has changed', async () => {
    const events = async () =>
      azcops.sql<{ kind: string; count: string }>(
        'SELECT kind, count(*) AS count FROM recommendation_events GROUP BY kind ORDER BY kind',
      );
    const before = await events();
    await run();
    expect((await list()).map(({ id, first_seen_at }) => `${id} ${first_seen_at}`)).toEqual(
      findings.map(({ id, first_seen_at }) => `${id} ${first_seen_at}`),
    );
    expect(await events()).toEqual(before);
  });

  it('resolve nothing when the inventory could not be read', async () => {
    await sandbox.addFault({ service: 'resource-graph', times: 0, status: 400 });
    const { status, windows } = await azcops.run({ mode: 'full', connectors: ['resource-graph', 'rules'] });
    await sandbox.clearFaults();
    expect(status).toBe('partially_succeeded');
    expect(windows.map((each) => `${each.connector} ${each.status}`)).toContain('resource-graph failed');
    expect((await list()).map(nameOf).toSorted()).toEqual(findings.map(nameOf).toSorted());
    expect(await list('&observed=resolved')).toEqual([]);
  });

  it('resolve what was carried out, and the ledger shows what it saved', async () => {
    const disk = findings.find(({ rule }) => rule === 'unattached-disk')!;
    const decide = (move: string, body: object) =>
      azcops.call('POST', `/api/v1/recommendations/${disk.id}/${move}`, { role: 'approver', body });
    // Somebody deleted it ten days ago: it is gone, and so are its charges since.
    const daysAgo = (days: number) => addDays(dayOf(new Date(now)), -days);
    expect((await decide('approve', {})).status).toBe(200);
    expect((await decide('execute', { executed_at: `${daysAgo(10)}T12:00:00Z` })).status).toBe(200);
    await sandbox.admin('DELETE', `/resources?id=${encodeURIComponent(disk.resource_id!)}`);
    // The day that is not over counts for nothing, and has no charges in its first hours.
    for (let days = 10; days > 0; days -= 1) {
      const charge = { subscription: disk.subscription_id, day: daysAgo(days), resourceId: disk.resource_id };
      await sandbox.admin('POST', '/charges/remove', charge);
    }
    await azcops.run({ mode: 'full', connectors: ['cost-management'], from: daysAgo(10), to: daysAgo(0) });
    await run();
    const view = await azcops.get<Record<string, unknown> & { history: { kind: string }[] }>(
      `/api/v1/recommendations/${disk.id}`,
    );
    expect(view).toMatchObject({
      status: 'executed',
      observed: 'resolved',
      verification: { status: 'verified', daily_cost_after: '0' },
    });
    const { daily_cost_before } = view['verification'] as { daily_cost_before: string };
    expect(Number(view['verified_monthly_savings'])).toBeCloseTo(30 * Number(daily_cost_before), 3);
    expect(view.history.map(({ kind }) => kind)).toEqual(['found', 'approved', 'executed', 'resolved', 'verified']);
  });
});

/** The totals once more, written down finding by finding instead of in SQL. */
function totalsOf(findings: readonly Finding[]): Record<string, string> {
  const known = findings.filter((each) => each.estimated_monthly_savings !== null);
  const savings = (each: Finding) => decimal(each.estimated_monthly_savings!);
  const byRank = (a: Finding, b: Finding) =>
    METHODS.indexOf(a.savings_method!) - METHODS.indexOf(b.savings_method!) ||
    savings(b).cmp(savings(a)) ||
    a.id.localeCompare(b.id);
  const keyOf = (each: Finding) => each.alternative_of ?? (each.resource_id ? each.resource_id + each.action : each.id);
  const best = [...Map.groupBy(known, keyOf).values()].map((same) => same.toSorted(byRank)[0]!);
  const counted = new Map<Finding, Decimal>();
  for (const chain of Map.groupBy(best, (each) => each.resource_id ?? each.id).values()) {
    const order = (each: Finding) => RECOMMENDED_ACTIONS.indexOf(each.action);
    let left = decimal(1);
    for (const [at, each] of chain.toSorted((a, b) => order(a) - order(b) || byRank(a, b)).entries()) {
      counted.set(each, at === 0 ? savings(each) : savings(each).times(left).round(4));
      const cost = decimal(each.monthly_cost ?? 0);
      const share = each.action === 'remove' || cost.lte(0) ? decimal(0) : decimal(1).minus(savings(each).div(cost));
      left = left.times(share.lt(0) ? 0 : share);
    }
  }
  const sumWhere = (is: (each: Finding) => boolean) =>
    [...counted].filter(([each]) => is(each)).reduce((sum, [, amount]) => sum.plus(amount), decimal(0));
  const totals: Record<string, Decimal> = {};
  for (const [each, amount] of counted) {
    const near = (other: Finding) => other.subscription_id === each.subscription_id && other.currency === each.currency;
    const isPurchase = (other: Finding) => other.alternative_of?.startsWith('commitment/') ?? false;
    let own = amount;
    if (isPurchase(each)) {
      const machines = sumWhere(
        (other) =>
          near(other) &&
          ['remove', 'stop', 'resize'].includes(other.action) &&
          (other.resource_id?.includes('/providers/microsoft.compute/virtualmachine') ?? false),
      );
      const purchases = sumWhere((other) => near(other) && isPurchase(other));
      const share = decimal(1).minus(machines.div(purchases));
      own = amount.times(share.lt(0) ? 0 : share).round(4);
    }
    const key = `${each.currency} ${each.savings_method}`;
    totals[key] = (totals[key] ?? decimal(0)).plus(own);
  }
  return Object.fromEntries(Object.entries(totals).map(([key, total]) => [key, plain(total)]));
}

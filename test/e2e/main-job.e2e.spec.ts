import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, addMonths, type DayRange } from '#core/day.js';
import { AzCops } from '../harness/azcops.js';
import { sumDecimals } from '../harness/decimals.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { bySubscription, TestSandbox, today, type Charged, type ChargedDay } from '../harness/sandbox.js';

interface Revision {
  date: string;
  subscription_id: string;
  currency: string;
  old_cost: string | null;
  new_cost: string | null;
  old_amortized_cost: string | null;
  new_amortized_cost: string | null;
  run_id: string;
}

const DAYS_BEHIND = 4;
const wallDay = today();
/** All that a first read asks for. */
const range: DayRange = { from: addMonths(wallDay, -3), to: wallDay };

function perCurrency(rows: readonly Charged[]) {
  return [...Map.groupBy(rows, ({ currency }) => currency)]
    .map(([currency, list]) => ({
      currency,
      cost: sumDecimals(list.map(({ cost }) => cost)),
      amortized_cost: sumDecimals(list.map((row) => row.amortized_cost)),
    }))
    .toSorted((a, b) => a.currency.localeCompare(b.currency));
}

describe('main job', { timeout: 60_000 }, () => {
  let sandbox: TestSandbox;
  let azcops: AzCops;
  let tenantIds: string[];
  let subscriptions: string[];
  showLogsOfFailures();

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ now: `${addDays(wallDay, -DAYS_BEHIND)}T08:00:00Z` });
    azcops = await AzCops.open(sandbox);
    await Promise.all([azcops.startApi(), azcops.startWorker()]);
    subscriptions = [0, 1].flatMap((tenant) => sandbox.subscriptionsOf(tenant));
  });
  afterAll(async () => {
    await azcops?.[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
  });

  const counts = async () => {
    const tables = [
      'costs_daily',
      'cost_dimensions',
      'cost_daily_totals',
      'cost_datasets',
      'cost_day_revisions',
      'resources',
      'subscriptions',
    ];
    const columns = tables.map((table) => `(SELECT count(*)::int FROM ${table}) AS ${table}`);
    return (await azcops.sql<Record<string, number>>(`SELECT ${columns.join(', ')}`))[0]!;
  };
  const revisions = async (filter = '') =>
    (await azcops.get<{ items: Revision[] }>(`/api/v1/costs/revisions?page_size=500${filter}`)).items;
  const expectExactCosts = async () => {
    const charged = await sandbox.charged(subscriptions, range);
    expect(charged.length).toBeGreaterThan(0);
    expect(bySubscription(await azcops.costs(range))).toEqual(bySubscription(charged));
  };

  it('reads registered tenants whole, to the last digit', async () => {
    tenantIds = await azcops.register(0, 1);
    const body = { mode: 'full' };
    const triggered = await azcops.fetch<{ run_id: string; status_url: string }>(
      'POST',
      '/api/v1/ingestion/trigger',
      202,
      { body },
    );
    expect(triggered.status_url).toBe(`/api/v1/ingestion/status/${triggered.run_id}`);
    const run = await azcops.ended(triggered.run_id);
    expect(run.status).toBe('succeeded');
    expect(run.progress.windows_done).toBe(run.progress.windows_total);
    expect(new Set(run.windows.map(({ status, attempt }) => `${status} ${attempt}`))).toEqual(new Set(['succeeded 1']));

    await expectExactCosts();
    const charged = perCurrency(await sandbox.charged(subscriptions, range));
    expect(run.totals).toEqual(charged);
    const summary = await azcops.get<{ totals: object[]; incomplete: { reason: string }[] }>(
      `/api/v1/costs/summary?from=${range.from}&to=${range.to}`,
    );
    expect(summary.totals).toMatchObject(charged);
    // Today is in the range: the sums so far are exact, and the answer says that the day is not over.
    const reasons = new Set(summary.incomplete.map(({ reason }) => reason));
    expect([...reasons]).toEqual([`${range.to} is not over: its costs still come in.`]);
  });

  it('tells the same costs day by day and service by service', async () => {
    const [subscription] = subscriptions;
    const query = `subscription_id=${subscription}&from=${range.from}&to=${range.to}&page_size=500`;
    const daily = await azcops.get<{ items: ChargedDay[] }>(
      `/api/v1/costs?group_by=subscription_id&granularity=daily&sort=date&${query}`,
    );
    expect(daily.items).toEqual(await sandbox.chargedDays([subscription!], range));

    const services = await azcops.get<{ items: { service_name: string; cost: string }[] }>(
      `/api/v1/costs?group_by=service_name&granularity=none&${query}`,
    );
    const charges = Map.groupBy(
      await sandbox.charges(subscription!, range, 'ActualCost'),
      ({ serviceName }) => serviceName,
    );
    expect(new Map(services.items.map(({ service_name, cost }) => [service_name, cost]))).toEqual(
      new Map([...charges].map(([service, list]) => [service, sumDecimals(list.map(({ cost }) => cost))])),
    );
  });

  it('lists every resource of the estate', async () => {
    for (const [number, tenantId] of tenantIds.entries()) {
      const { total } = await azcops.get<{ total: number }>(`/api/v1/resources?tenant_id=${tenantId}`);
      expect(total).toBe(await sandbox.countResources(number));
    }
  });

  it('knows what the tenants’ kind of resources costs, read once for both', async () => {
    const prices = await azcops.sql<{ currency: string; region: string; prices: number }>(
      `SELECT currency, region, count(*)::int AS prices FROM retail_prices GROUP BY 1, 2 ORDER BY 1, 2`,
    );
    const regions = await azcops.sql<{ location: string }>(
      `SELECT DISTINCT location FROM resources WHERE type IN ('microsoft.compute/virtualmachines', 'microsoft.compute/disks') ORDER BY 1`,
    );
    const scopes = prices.map(({ currency, region }) => `${currency} ${region}`);
    for (const currency of ['EUR', 'USD']) {
      for (const { location } of regions) expect(scopes).toContain(`${currency} ${location}`);
      expect(scopes).toContain(`${currency} global`);
    }
    const windows = await azcops.sql<{ scope: string; rows: string }>(
      `SELECT scope, rows FROM ingestion_windows WHERE connector = 'retail-prices' ORDER BY 1`,
    );
    expect(windows.map(({ scope, rows }) => [scope, Number(rows)])).toEqual(
      prices.map(({ prices: count }, index) => [scopes[index], count]),
    );
    const disk = `SELECT currency, retail_price::text AS price FROM retail_prices
                  WHERE region = $1 AND meter_name = 'P10 LRS Disk' ORDER BY currency`;
    expect(await azcops.sql(disk, [regions[0]!.location])).toEqual([
      { currency: 'EUR', price: '18.1332' },
      { currency: 'USD', price: '19.71' },
    ]);
  });

  it('knows what machines there could be where the tenants have some, read once for both', async () => {
    const sizes = await azcops.sql<{ region: string; sizes: number }>(
      'SELECT region, count(*)::int AS sizes FROM virtual_machine_sizes GROUP BY 1 ORDER BY 1',
    );
    const regions = await azcops.sql<{ location: string }>(
      `SELECT DISTINCT location FROM resources
       WHERE type IN ('microsoft.compute/virtualmachines', 'microsoft.compute/virtualmachinescalesets') ORDER BY 1`,
    );
    expect(sizes.map(({ region }) => region)).toEqual(regions.map(({ location }) => location));
    const windows = await azcops.sql<{ scope: string; rows: string }>(
      `SELECT scope, rows FROM ingestion_windows WHERE connector = 'compute-skus' ORDER BY 1`,
    );
    expect(windows.map(({ scope, rows }) => ({ region: scope, sizes: Number(rows) }))).toEqual(sizes);
    // Whatever runs in the estate has a size that is known, and a price.
    const unknown = await azcops.sql<{ name: string }>(
      `SELECT r.name FROM resources r
       WHERE r.type = 'microsoft.compute/virtualmachines'
         AND (NOT EXISTS (SELECT FROM virtual_machine_sizes s
                          WHERE s.region = r.location AND s.name = r.properties #>> '{hardwareProfile,vmSize}')
           OR NOT EXISTS (SELECT FROM retail_prices p
                          WHERE p.region = r.location AND p.arm_sku_name = r.properties #>> '{hardwareProfile,vmSize}'))`,
    );
    expect(unknown).toEqual([]);
  });

  it('keeps every page in the lake exactly as it was received', async () => {
    const pages = await azcops.sql<{ path: string; sha256: string; bytes: string }>(
      'SELECT path, sha256, bytes FROM raw_snapshots',
    );
    expect(pages.length).toBeGreaterThan(30);
    for (const { path, sha256, bytes } of pages) {
      const page = gunzipSync(await sandbox.lakeFile(path));
      expect([path, createHash('sha256').update(page).digest('hex'), page.length]).toEqual([
        path,
        sha256,
        Number(bytes),
      ]);
    }
    const [missing] = await azcops.sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM ingestion_windows w
       WHERE pages <> (SELECT count(*) FROM raw_snapshots s WHERE s.window_id = w.id AND s.attempt = w.attempt)`,
    );
    expect(missing!.count).toBe(0);
  });

  it('shows a reader of another tenant only that tenant', async () => {
    const caller = { role: 'reader', tenant: sandbox.description.tenants[1]!.tenantId } as const;
    const own = sandbox.subscriptionsOf(1);
    expect(bySubscription(await azcops.costs(range, '', caller))).toEqual(
      bySubscription(await sandbox.charged(own, range)),
    );
    const tenants = await azcops.get<{ items: { id: string }[] }>('/api/v1/tenants', caller);
    expect(tenants.items.map(({ id }) => id)).toEqual([tenantIds[1]]);
    const resources = await azcops.get<{ total: number }>('/api/v1/resources', caller);
    expect(resources.total).toBe(await sandbox.countResources(1));
    expect((await azcops.call('GET', `/api/v1/tenants/${tenantIds[0]}`, caller)).status).toBe(404);
    expect((await azcops.call('POST', '/api/v1/ingestion/trigger', { ...caller, body: { mode: 'full' } })).status).toBe(
      403,
    );
  });

  it('changes nothing when it runs again', async () => {
    const before = await counts();
    const again = await azcops.run({ mode: 'full', ...range });
    expect(again.status).toBe('succeeded');
    // Prices and sizes are fresh for a week, under whichever tenant they were read.
    const shared = new Set(['retail-prices', 'compute-skus']);
    expect(again.windows.filter(({ connector }) => shared.has(connector))).toEqual([]);
    expect(await counts()).toEqual(before);
    expect(await revisions()).toEqual([]);
    await expectExactCosts();
  });

  it('follows the estate through time and tells how each past day moved', async () => {
    const before = new Map((await sandbox.chargedDays(subscriptions, range)).map((row) => [keyOf(row), row]));
    await sandbox.admin('PUT', '/clock', { advanceDays: DAYS_BEHIND });
    const after = new Map((await sandbox.chargedDays(subscriptions, range)).map((row) => [keyOf(row), row]));
    expect((await azcops.run({ mode: 'incremental' })).status).toBe('succeeded');
    expect((await azcops.run({ mode: 'full', ...range })).status).toBe('succeeded');
    await expectExactCosts();

    const moved = [...after.keys()].filter((key) => amountsOf(before.get(key)) !== amountsOf(after.get(key)));
    expect(moved.length).toBeGreaterThan(DAYS_BEHIND * subscriptions.length);
    const told = await revisions();
    const expected = moved.map((key) => [key, amountsOf(before.get(key)), amountsOf(after.get(key))].join(' | '));
    expect(
      told
        .map((row) =>
          [keyOf(row), `${row.old_cost} ${row.old_amortized_cost}`, `${row.new_cost} ${row.new_amortized_cost}`].join(
            ' | ',
          ),
        )
        .toSorted(),
    ).toEqual(expected.toSorted());
  });

  it('lets a removed charge vanish, and keeps what it was', async () => {
    const [subscription] = subscriptions;
    const day = addDays(wallDay, -10);
    const filter = `subscription_id=${subscription}&from=${day}&to=${day}`;
    const oneDay = { from: day, to: day };
    const charges = await sandbox.charges(subscription!, oneDay, 'ActualCost');
    const { resourceId } = charges.find(({ cost, resourceId: id }) => id && cost !== '0' && isAlone(id, charges))!;
    const records = () =>
      azcops.get<{ total: number }>(`/api/v1/costs?${filter}&resource_id=${encodeURIComponent(resourceId)}`);
    expect((await records()).total).toBe(1);
    const [before] = await sandbox.charged([subscription!], oneDay);
    await sandbox.admin('POST', '/charges/remove', { subscription, day, resourceId });
    const [after] = await sandbox.charged([subscription!], oneDay);

    const run = await azcops.run({ mode: 'full', subscription_ids: [subscription], ...oneDay });
    expect(run.status).toBe('succeeded');
    expect((await records()).total).toBe(0);
    expect(await revisions(`&run_id=${run.run_id}`)).toMatchObject([
      {
        date: day,
        subscription_id: subscription,
        old_cost: before!.cost,
        new_cost: after!.cost,
        old_amortized_cost: before!.amortized_cost,
        new_amortized_cost: after!.amortized_cost,
      },
    ]);
    await expectExactCosts();
  });
});

const keyOf = ({ date, subscription_id, currency }: { date: string; subscription_id: string; currency: string }) =>
  `${date} ${subscription_id} ${currency}`;

/** As a revision tells them: a day without any row has no amounts at all. */
const amountsOf = (row: Charged | undefined) => `${row?.cost ?? null} ${row?.amortized_cost ?? null}`;

const isAlone = (id: string, charges: readonly { resourceId: string }[]) =>
  charges.filter(({ resourceId }) => resourceId === id).length === 1;

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '#core/day.js';
import { InvalidInputError } from '#core/errors.js';
import { oneTenant } from '#core/scope.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import type { Database, Statement } from '../database.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import type { ListPage, ListRequest } from '../list.js';
import {
  addTenant,
  charge,
  openTestLogins,
  publish,
  publishFile,
  type TestLogins,
} from '../../../test/harness/ledger.js';
import { COST_DIMENSIONS, type Granularity } from './cost-groups.js';
import type { CostFilter } from './cost-rollup.js';
import { CostSummaryRepository } from './cost-summary.repository.js';
import { CostRepository, type CostRow } from './cost.repository.js';

describe('cost records', () => {
  let logins: TestLogins;
  let repository: CostRepository;
  let tenantId: string;

  beforeAll(async () => {
    logins = await openTestLogins();
    repository = new CostRepository(logins.api);
    tenantId = await addTenant(logins.owner, 'one');
    const ledger = new CostLedger(logins.worker);
    // Few distinct values, so that sorting meets many equal ones; two months; absent, empty and refunded things.
    const charges = Array.from({ length: 48 }, (_, index) =>
      charge({
        day: `2026-04-0${(index % 4) + 1}`,
        cost: ['1', '1.50', '-2', '0'][index % 4]!,
        amortizedCost: String(index % 3),
        resourceId: `/vm/${index}`,
        serviceName: [null, '', 'Compute'][index % 3]!,
        resourceGroup: ['red', 'green', null][index % 3]!,
        currency: index % 5 === 0 ? 'EUR' : 'USD',
      }),
    );
    await publish(ledger, { tenantId, charges });
    await publish(ledger, {
      tenantId,
      kind: 'actual',
      month: '2026-05-01',
      charges: [
        charge({ day: '2026-05-01', cost: '5' }),
        charge({ day: '2026-05-02', cost: '6', location: 'westeurope' }),
      ],
    });
    const aws = {
      provider: 'AWS',
      subscriptionId: 'a1',
      resourceId: 'arn:1',
      serviceName: 'S3',
      meterCategory: 'Storage',
    };
    await publishFile(ledger, { tenantId, kind: 'actual', charges: [charge({ ...aws, cost: '10' })] });
    await publishFile(ledger, { tenantId, kind: 'amortized', charges: [charge({ ...aws, amortizedCost: '9' })] });
    await publishFile(ledger, {
      tenantId,
      kind: 'amortized',
      billingAccountId: 'second',
      charges: [charge({ ...aws, resourceId: 'arn:2', amortizedCost: '4' })],
    });
    const other = await addTenant(logins.owner, 'other');
    await publish(ledger, { tenantId: other, charges: [charge({ cost: '1000' })] });
  });
  afterAll(() => logins.close());

  const list = (filter: CostFilter = {}, request: Partial<ListRequest> = {}) =>
    repository.list(oneTenant(tenantId), filter, { pageSize: 500, ...request });

  it('are one per charge, whatever number of datasets speaks of it', async () => {
    const { items, total } = await list({ provider: 'AWS' });
    expect(items.map(({ resource_id, cost, amortized_cost }) => ({ resource_id, cost, amortized_cost }))).toEqual([
      { resource_id: 'arn:1', cost: '10', amortized_cost: '9' },
      { resource_id: 'arn:2', cost: null, amortized_cost: '4' },
    ]);
    expect(total).toBe(2);
    expect(items[0]).toEqual({
      date: '2026-04-01',
      provider: 'AWS',
      tenant_id: tenantId,
      subscription_id: 'a1',
      resource_group: 'group',
      service_name: 'S3',
      meter_category: 'Storage',
      charge_type: 'Usage',
      pricing_model: 'OnDemand',
      publisher: 'Azure',
      location: null,
      resource_id: 'arn:1',
      currency: 'USD',
      cost: '10',
      amortized_cost: '9',
    });
  });

  it.each<[CostFilter, number]>([
    [{}, 52],
    [{ from: '2026-05-01' }, 2],
    [{ to: '2026-04-01' }, 14],
    [{ from: '2026-04-04', to: '2026-05-01' }, 13],
    [{ currency: 'EUR' }, 10],
    [{ subscription_id: 'A1' }, 2],
    [{ service_name: 'Compute' }, 18],
    [{ service_name: '' }, 16],
    [{ resource_group: 'RED' }, 16],
    [{ meter_category: 'Storage' }, 2],
    [{ resource_id: '/VM/7' }, 1],
    [{ provider: 'Microsoft', service_name: 'S3' }, 0],
    [{ tenant_id: '00000000-0000-4000-8000-000000000000' }, 0],
  ])('of %o are %i', async (filter, count) => {
    const { items, total } = await list(filter);
    expect({ listed: items.length, total }).toEqual({ listed: count, total: count });
  });

  /** Reads everything by cursor. */
  async function walk(read: (request: ListRequest) => Promise<ListPage<CostRow>>, sort: string, pageSize = 7) {
    const pages: ListPage<CostRow>[] = [];
    let cursor: string | undefined;
    do {
      const page = await read({ pageSize, sort, cursor });
      pages.push(page);
      cursor = page.nextCursor ?? undefined;
    } while (cursor && pages.length < 100);
    return {
      items: pages.flatMap(({ items }) => items),
      totals: new Set(pages.map(({ total }) => total)),
      pages: pages.length,
    };
  }
  const sorts = ['date', '-date', 'cost', '-cost', 'amortized_cost', '-amortized_cost'];
  const compare = (sort: string) => {
    const field = sort.replace('-', '');
    const value = (row: CostRow) =>
      field === 'date' ? Date.parse(row.date!) : Number(row[field] ?? Number.NEGATIVE_INFINITY);
    return (a: CostRow, b: CostRow) =>
      (value(a) === value(b) ? 0 : value(a) < value(b) ? -1 : 1) * (sort.startsWith('-') ? -1 : 1);
  };

  it.each(sorts)('sorted by %s can be walked by cursor, each exactly once', async (sort) => {
    const whole = (await list({}, { sort })).items;
    expect(whole.map((row) => row[sort.replace('-', '')])).toEqual(
      whole.toSorted(compare(sort)).map((row) => row[sort.replace('-', '')]),
    );
    const walked = await walk((request) => repository.list(oneTenant(tenantId), {}, request), sort);
    expect(walked.items).toEqual(whole);
    expect(new Set(walked.items.map((row) => JSON.stringify(row))).size).toBe(52);
    expect(walked).toMatchObject({ totals: new Set([52]), pages: 8 });
  });

  it('in groups can be walked by cursor, absent and empty values apart', async () => {
    for (const [dimension, sort] of [
      ['service_name', 'date'],
      ['service_name', '-cost'],
      ['resource_group', 'amortized_cost'],
    ] as const) {
      const read = (request: ListRequest) => repository.group(oneTenant(tenantId), {}, [dimension], 'daily', request);
      const whole = (await read({ pageSize: 500, sort })).items;
      // Pages of one end between any two neighbours.
      const walked = await walk(read, sort, 1);
      expect(walked.items).toEqual(whole);
      expect(new Set(whole.map((row) => JSON.stringify([row.date, row[dimension], row.currency]))).size).toBe(
        whole.length,
      );
      expect(whole.length).toBeGreaterThan(20);
    }
  });

  it('are told page by page as well', async () => {
    const pages = await Promise.all([1, 2].map((page) => list({}, { page, pageSize: 30 })));
    expect(pages.map(({ items, page, total }) => [items.length, page, total])).toEqual([
      [30, 1, 52],
      [22, 2, 52],
    ]);
    expect(pages.flatMap(({ items }) => items)).toEqual((await list()).items);
  });

  it('refuse the cursor of another filter, order or kind of list, and what is no cursor', async () => {
    const { nextCursor: cursor } = await list({ currency: 'USD' }, { pageSize: 5 });
    const refused: Promise<unknown>[] = [
      list({ currency: 'EUR' }, { cursor: cursor! }),
      list({}, { cursor: cursor! }),
      list({ currency: 'USD' }, { cursor: cursor!, sort: '-date' }),
      repository.group(oneTenant(tenantId), { currency: 'USD' }, ['provider'], 'daily', {
        pageSize: 5,
        cursor: cursor!,
      }),
      list({ currency: 'USD' }, { cursor: 'nonsense' }),
      list({ currency: 'USD' }, { cursor: Buffer.from('{"f":1}').toString('base64url') }),
    ];
    for (const refusal of refused) await expect(refusal).rejects.toThrow(InvalidInputError);
    await expect(list({ currency: 'USD' }, { cursor: cursor!, pageSize: 3 })).resolves.toMatchObject({ page: null });
    await expect(list({}, { sort: 'tenant_id' })).rejects.toThrow(InvalidInputError);
  });

  describe('grouped', () => {
    const sums = async (
      dimensions: Parameters<CostRepository['group']>[2],
      granularity: Granularity,
      filter: CostFilter = {},
    ) => (await repository.group(oneTenant(tenantId), filter, dimensions, granularity, { pageSize: 500 })).items;

    it.each<Granularity>(['daily', 'monthly', 'none'])(
      '%s are the same from the rollup and from the facts',
      async (granularity) => {
        for (const dimension of ['provider', 'subscription_id', 'service_name'] as const) {
          // A third dimension that the rollup lacks, but which is the same for all, makes the facts answer.
          const fromFacts = await sums([dimension, 'charge_type'], granularity);
          const fromRollup = await sums([dimension], granularity);
          expect(fromFacts.map(({ charge_type: _same, ...row }) => row)).toEqual(fromRollup);
          expect(fromRollup.length).toBeGreaterThan(1);
        }
      },
    );

    it('carry their period as asked', async () => {
      expect(await sums(['provider'], 'monthly', { currency: 'USD', provider: 'Microsoft' })).toEqual([
        { date: '2026-04-01', provider: 'Microsoft', currency: 'USD', cost: '2.5', amortized_cost: '39' },
        { date: '2026-05-01', provider: 'Microsoft', currency: 'USD', cost: '11', amortized_cost: null },
      ]);
      const none = await sums(['provider'], 'none', { currency: 'USD' });
      expect(none).toEqual([
        { provider: 'AWS', currency: 'USD', cost: '10', amortized_cost: '13' },
        { provider: 'Microsoft', currency: 'USD', cost: '13.5', amortized_cost: '39' },
      ]);
    });

    it('by any dimension add up to the same total', async () => {
      const total = (rows: CostRow[]) =>
        rows.filter(({ currency }) => currency === 'USD').reduce((sum, { cost }) => sum + Number(cost ?? 0), 0);
      for (const dimension of COST_DIMENSIONS) expect(total(await sums([dimension], 'none'))).toBe(23.5);
    });

    it.each<CostFilter>([
      { from: '2026-04-02', to: '2026-04-03' },
      { from: '2026-04-04', to: '2026-05-01' },
      { from: '2026-04-03' },
      { to: '2026-05-01', provider: 'Microsoft' },
      { from: '2026-06-01', to: '2026-06-30' },
      { from: '2026-04-02', to: '2026-04-02', resource_group: 'RED', currency: 'USD' },
      { subscription_id: 'A1', tenant_id: '00000000-0000-4000-8000-000000000000' },
      { subscription_id: 'A1' },
    ])('add up the records of %o', async (filter) => {
      const { items } = await list(filter);
      for (const granularity of ['daily', 'monthly', 'none'] as const) {
        const expected = new Map<string, { cost: number | null; amortized_cost: number | null }>();
        for (const row of items) {
          const date = { daily: row.date, monthly: `${row.date!.slice(0, 7)}-01`, none: undefined }[granularity];
          const key = JSON.stringify([date, row.resource_group, row.service_name, row.currency]);
          const sum = expected.get(key) ?? { cost: null, amortized_cost: null };
          const added = (a: number | null, b: string | null) => (b === null ? a : (a ?? 0) + Number(b));
          expected.set(key, {
            cost: added(sum.cost, row.cost),
            amortized_cost: added(sum.amortized_cost, row.amortized_cost),
          });
        }
        const number = (amount: string | null) => (amount === null ? null : Number(amount));
        const found = await sums(['resource_group', 'service_name'], granularity, filter);
        expect(
          new Map(
            found.map((row) => [
              JSON.stringify([row.date, row.resource_group, row.service_name, row.currency]),
              { cost: number(row.cost), amortized_cost: number(row.amortized_cost) },
            ]),
          ),
        ).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }
    });

    it('have a total on every page, also where nothing is left to show or nothing is there', async () => {
      const group = (request: Partial<ListRequest>, filter: CostFilter = {}) =>
        repository.group(oneTenant(tenantId), filter, ['meter_category'], 'none', { pageSize: 1, ...request });
      const whole = (await group({ pageSize: 500 })).items;
      expect(whole.length).toBeGreaterThan(2);
      expect(Object.keys(whole[0]!).filter((name) => whole[0]![name] !== undefined)).toEqual([
        'meter_category',
        'currency',
        'cost',
        'amortized_cost',
      ]);
      for (const page of [1, 2, whole.length, 99]) {
        const { items, total, nextCursor } = await group({ page });
        expect({ items, total, more: nextCursor !== null }).toEqual({
          items: whole.slice(page - 1, page),
          total: whole.length,
          more: page < whole.length,
        });
      }
      expect(await group({}, { meter_category: 'nowhere' })).toMatchObject({ items: [], total: 0, nextCursor: null });
    });

    it('obey filters that the rollup cannot answer', async () => {
      expect(await sums(['provider'], 'none', { resource_id: 'ARN:1' })).toMatchObject([
        { cost: '10', amortized_cost: '9' },
      ]);
      expect(await sums(['provider'], 'none', { resource_group: 'red', currency: 'EUR' })).toMatchObject([
        { cost: '0.5' },
      ]);
    });
  });
});

/** A small subscription's months, and a file of another month that is a thousand times a day of them. */
describe('cost records beside one large file', () => {
  const DAYS = 30;
  const A_DAY = 4;
  const OF_FILE = 4_000;
  let logins: TestLogins;
  let repository: CostRepository;
  let tenantId: string;

  beforeAll(async () => {
    logins = await openTestLogins();
    repository = new CostRepository(logins.api);
    tenantId = await addTenant(logins.owner, 'one');
    const ledger = new CostLedger(logins.worker);
    const small = Array.from({ length: DAYS * A_DAY }, (_, index) =>
      charge({
        day: addDays('2026-04-01', Math.floor(index / A_DAY)),
        cost: '1',
        resourceId: `/vm/${index % A_DAY}`,
      }),
    );
    const file = Array.from({ length: OF_FILE }, (_, index) =>
      charge({ day: '2026-02-01', cost: `${index}`, resourceId: `/file/${index}`, resourceGroup: 'of the file' }),
    );
    await publish(ledger, { tenantId, charges: small });
    await publishFile(ledger, { tenantId, month: '2026-02-01', charges: file });
    await withClient(logins.urls.owner, (client) => client.query('ANALYZE'));
  });
  afterAll(() => logins.close());

  const page = (filter: CostFilter, request: Partial<ListRequest>) => () =>
    repository.list(oneTenant(tenantId), filter, { pageSize: 10, counted: false, ...request });
  const rowsRead = (table: string, read: () => Promise<unknown>) => rowsReadOf(logins.api, tenantId, table, read);

  it.each<[string, CostFilter, Partial<ListRequest>]>([
    ['the newest first', {}, { sort: '-date' }],
    ['the newest of a provider', { provider: 'Microsoft' }, { sort: '-date' }],
    ['a page in the middle', { from: '2026-03-15' }, { page: 3 }],
    ['a resource', { resource_id: '/vm/1' }, {}],
  ])('read what a page of them shows: %s', async (_what, filter, request) => {
    expect(await rowsRead('cost_dimensions', page(filter, request))).toBeLessThan(DAYS * A_DAY);
    expect(await rowsRead('costs_monthly', page(filter, request))).toBeLessThan(2 * DAYS * A_DAY);
  });

  it.each<[string, CostFilter, Partial<ListRequest>]>([
    ['dear ones', {}, { sort: '-cost' }],
    ['all days', { provider: 'Microsoft' }, { pageSize: 500 }],
    ['what is not there', { resource_group: 'none', provider: 'Microsoft' }, {}],
    ['what is not there, by amount', { resource_group: 'none' }, { sort: '-cost' }],
    ['what is in the file', { resource_group: 'of the file' }, { sort: '-date' }],
  ])('read descriptions once, not once a day: %s', async (_what, filter, request) => {
    expect(await rowsRead('cost_dimensions', page(filter, request))).toBeLessThan(4 * OF_FILE);
    expect(await rowsRead('costs_monthly', page(filter, request))).toBeLessThan(4 * OF_FILE);
  });
});

/** A month of many subscriptions in the two files of a billing account. */
describe('cost records of two large files', () => {
  const DAYS = 30;
  const SUBSCRIPTIONS = 40;
  const RESOURCES = 25;
  const FACTS = 2 * SUBSCRIPTIONS * RESOURCES;
  let logins: TestLogins;
  let tenantId: string;

  beforeAll(async () => {
    logins = await openTestLogins();
    tenantId = await addTenant(logins.owner, 'one');
    const ledger = new CostLedger(logins.worker);
    for (const [kind, amount] of [
      ['actual', { cost: '1' }],
      ['amortized', { amortizedCost: '2' }],
    ] as const) {
      const charges = Array.from({ length: DAYS * SUBSCRIPTIONS * RESOURCES }, (_, index) => {
        const resource = Math.floor(index / DAYS);
        return charge({
          ...amount,
          day: addDays('2026-04-01', index % DAYS),
          subscriptionId: `s${resource % SUBSCRIPTIONS}`,
          resourceId: `/vm/${resource}`,
          // One resource is billed on even days only, and all of its days are amortized.
          ...(resource === 7 && kind === 'actual' && index % 2 === 0 ? { resourceId: '/vm/none' } : {}),
        });
      });
      await publishFile(ledger, { tenantId, kind, charges });
    }
    await withClient(logins.urls.owner, (client) => client.query('ANALYZE'));
  });
  afterAll(() => logins.close());

  it.each<[CostFilter, number]>([
    [{ resource_id: '/vm/7' }, 30],
    [{ resource_id: '/vm/none' }, 15],
    [{ resource_id: '/vm/7', from: '2026-04-02', to: '2026-04-06' }, 5],
    [{ subscription_id: 's7' }, 765],
    [{ subscription_id: 's7', from: '2026-04-29' }, 51],
    [{ to: '2026-04-02', subscription_id: 's8' }, 50],
    [{}, 30_015],
  ])('read their facts once, not once a day: %o', async (filter, total) => {
    const scope = oneTenant(tenantId);
    const repository = new CostRepository(logins.api);
    expect((await repository.list(scope, filter, { pageSize: 10 })).total).toBe(total);
    const read = () => repository.list(scope, filter, { pageSize: 10 });
    expect(await rowsReadOf(logins.api, tenantId, 'costs_monthly', read)).toBeLessThan(5 * FACTS);
  });

  it.each<CostFilter>([{ resource_id: '/vm/7' }, { subscription_id: 's7' }])(
    'in the order of an amount need no rollup where few are left: %o',
    async (filter) => {
      const read = () =>
        new CostRepository(logins.api).list(oneTenant(tenantId), filter, {
          pageSize: 10,
          sort: '-cost',
          counted: false,
        });
      expect((await read()).items.map(({ cost, amortized_cost }) => [cost, amortized_cost])).toEqual(
        Array.from({ length: 10 }, () => ['1', '2']),
      );
      expect(await rowsReadOf(logins.api, tenantId, 'cost_daily_totals', read)).toBe(0);
    },
  );
});

/** One of many subscriptions, each with a charge a day of several services. */
describe('costs of one subscription among many', () => {
  const SUBSCRIPTIONS = 60;
  const DAYS = 30;
  const SERVICES = 4;
  const ONE = { subscription_id: 's7' };
  let logins: TestLogins;
  let tenantId: string;

  beforeAll(async () => {
    logins = await openTestLogins();
    tenantId = await addTenant(logins.owner, 'one');
    const ledger = new CostLedger(logins.worker);
    for (let n = 1; n <= SUBSCRIPTIONS; n += 1) {
      const charges = Array.from({ length: DAYS * SERVICES }, (_, index) =>
        charge({
          day: addDays('2026-04-01', Math.floor(index / SERVICES)),
          cost: '1',
          amortizedCost: '1',
          subscriptionId: `s${n}`,
          serviceName: `service ${index % SERVICES}`,
          resourceId: `/${n}/vm/${index % SERVICES}`,
        }),
      );
      await publish(ledger, { tenantId, subscriptionId: `s${n}`, charges });
    }
    const file = [charge({ day: '2026-05-01', cost: '5', subscriptionId: 's7' })];
    await publishFile(ledger, { tenantId, month: '2026-05-01', charges: file });
    await withClient(logins.urls.owner, (client) => client.query('ANALYZE'));
  });
  afterAll(() => logins.close());

  it.each<[string, () => Promise<unknown>]>([
    [
      'summary',
      () =>
        new CostSummaryRepository(logins.api).summarize(
          oneTenant(tenantId),
          ONE,
          { from: '2026-04-01', to: '2026-04-30' },
          '2026-06-01',
        ),
    ],
    [
      'groups of the rollup',
      () => new CostRepository(logins.api).group(oneTenant(tenantId), ONE, ['service_name'], 'daily', { pageSize: 50 }),
    ],
    [
      'groups of facts',
      () =>
        new CostRepository(logins.api).group(oneTenant(tenantId), ONE, ['resource_group'], 'daily', { pageSize: 50 }),
    ],
    ['records', () => new CostRepository(logins.api).list(oneTenant(tenantId), ONE, { pageSize: 50 })],
  ])('are read without the others: %s', async (_what, read) => {
    const total = SUBSCRIPTIONS * DAYS * SERVICES;
    for (const table of ['cost_daily_totals', 'costs_monthly']) {
      expect(await rowsReadOf(logins.api, tenantId, table, read)).toBeLessThan(total / 10);
    }
  });
});

/** How many rows of a table the statements of a read look at, by PostgreSQL's own account. */
async function rowsReadOf(
  api: Database,
  tenantId: string,
  table: string,
  read: () => Promise<unknown>,
): Promise<number> {
  const queries = api.queries.bind(api);
  const sent: Statement[] = [];
  api.queries = ((scope, statements) => {
    sent.push(...(statements as readonly Statement[]));
    return queries(scope, statements);
  }) as typeof queries;
  try {
    await read();
  } finally {
    api.queries = queries;
  }
  let rows = 0;
  for (const { sql, values } of sent) {
    const [row] = await api.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
      oneTenant(tenantId),
      `EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
      values,
    );
    rows += readBy(row!['QUERY PLAN'][0]!.Plan, table);
  }
  return rows;
}

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Rows that a plan took from a table or its partitions, those that a filter left out included. */
function readBy(node: PlanNode, table: string): number {
  const own = node['Relation Name']?.startsWith(table)
    ? (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
    : 0;
  return (node.Plans ?? []).reduce((sum, plan) => sum + readBy(plan, table), own);
}

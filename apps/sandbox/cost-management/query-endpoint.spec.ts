import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from '../estate/amount.js';
import { canonicalDecimal } from '#core/money.js';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start({ subscriptions: 4, emptySubscriptions: 1 });
  headers = { ...(await client.authorize()), ClientType: 'azcops' };
});
afterAll(() => client.stop());

const FEBRUARY = { from: '2026-02-01T00:00:00Z', to: '2026-02-28T23:59:59Z' };
const GROUPING = [
  'ResourceId',
  'ResourceGroupName',
  'ServiceName',
  'MeterCategory',
  'Meter',
  'ChargeType',
  'PricingModel',
  'PublisherType',
  'ReservationId',
];

const definition = (dataset: object = {}, rest: object = {}): object => ({
  type: 'ActualCost',
  timeframe: 'Custom',
  timePeriod: FEBRUARY,
  dataset: {
    granularity: 'Daily',
    aggregation: { totalCost: { name: 'Cost', function: 'Sum' } },
    grouping: GROUPING.map((name) => ({ type: 'Dimension', name })),
    ...dataset,
  },
  ...rest,
});
const query = (index: number, body: object, parameters = ''): Promise<Answer> =>
  client.call(
    'POST',
    `/subscriptions/${client.subscription(index)}/providers/Microsoft.CostManagement/query?api-version=2023-11-01${parameters}`,
    { headers, body },
  );
/** Numbers as they are written: parsing them as floats would hide lost digits. */
const rowTexts = (answer: Answer): string[][] =>
  [...answer.text.slice(answer.text.indexOf('"rows":[') + 7).matchAll(/\[([^[\]]+)\]/g)].map((match) =>
    (match[1] ?? '').split(','),
  );
const sum = (texts: readonly string[]): string =>
  formatAmount(texts.reduce((total, text) => total + parseAmount(canonicalDecimal(text)), 0n));

async function allPages(index: number, body: object, parameters = ''): Promise<Answer[]> {
  const pages = [await query(index, body, parameters)];
  for (;;) {
    const next: string | null = pages.at(-1)?.json().properties.nextLink;
    if (next === null) return pages;
    pages.push(await client.call('POST', next, { headers, body }));
  }
}

describe('paging', () => {
  it.each(['ActualCost', 'AmortizedCost', 'Usage'])(
    'adds up to the exact totals of the generator (%s)',
    async (type) => {
      const pages = await allPages(0, definition({}, { type }), '&$top=200');
      expect(pages.length).toBeGreaterThan(3);
      expect(pages.slice(0, -1).every((page) => page.json().properties.rows.length === 200)).toBe(true);
      const cells = pages.flatMap(rowTexts).map(([cost]) => cost ?? '');
      const { totals } = await client.admin(
        'GET',
        `/charges/totals?subscription=${client.subscription(0)}&from=2026-02-01&to=2026-02-28&type=${type}`,
      );
      expect(totals).toHaveLength(1);
      expect(sum(cells)).toBe(totals[0].cost);
    },
  );

  it('uses a little-endian page index and 1,000 rows by default', async () => {
    const [first] = await allPages(0, definition());
    const { nextLink, rows } = first?.json().properties ?? {};
    expect(rows).toHaveLength(1000);
    expect(nextLink).toContain('$skiptoken=AQAAAA%3D%3D');
    expect(nextLink.startsWith(client.sandbox.url)).toBe(true);
    expect((await client.call('GET', nextLink, { headers })).status).toBe(405);
  });
});

describe('the answer', () => {
  it('has the columns of the wire', async () => {
    const answer = await query(
      1,
      definition({
        aggregation: { a: { name: 'Cost', function: 'Sum' }, b: { name: 'CostUSD', function: 'Sum' } },
        grouping: [{ type: 'Dimension', name: 'resourceid' }],
        include: ['Tags'],
      }),
    );
    const { id, type, properties } = answer.json();
    expect(id.startsWith('subscriptions/')).toBe(true);
    expect(type).toBe('Microsoft.CostManagement/query');
    expect(properties.columns).toEqual([
      { name: 'Cost', type: 'Number' },
      { name: 'CostUSD', type: 'Number' },
      { name: 'UsageDate', type: 'Number' },
      { name: 'ResourceId', type: 'String' },
      { name: 'Tags', type: 'Array' },
      { name: 'Currency', type: 'String' },
    ]);
    expect(properties.rows[0][2]).toBe(20260201);
    expect(new Set(properties.rows.map((row: unknown[]) => row[5]))).toEqual(new Set(['EUR']));
  });

  it('writes the month as a date-time and leaves cost out when nothing is aggregated', async () => {
    const { properties } = (
      await query(0, definition({ granularity: 'Monthly', aggregation: {}, grouping: [] }))
    ).json();
    expect(properties).toMatchObject({
      columns: [{ name: 'BillingMonth' }, { name: 'Currency' }],
      rows: [['2026-02-01T00:00:00', 'USD']],
    });
  });

  it('filters by dimensions and tags, in any case', async () => {
    const filter = {
      and: [
        { dimensions: { name: 'ServiceName', operator: 'In', values: ['storage', 'Bandwidth'] } },
        { not: { Dimensions: { name: 'ChargeType', operator: 'In', values: ['Refund'] } } },
      ],
    };
    const body = definition({
      granularity: 'None',
      grouping: [
        { type: 'Dimension', name: 'ServiceName' },
        { type: 'TagKey', name: 'Cost-Center' },
      ],
      filter,
    });
    const { properties } = (await query(0, body)).json();
    expect(new Set(properties.rows.map((row: unknown[]) => row[1]))).toEqual(new Set(['Storage', 'Bandwidth']));
    const centers = properties.rows.map((row: unknown[]) => row[3]);
    expect(centers).toContain('');
    expect(centers).toContain('CC-1001');
  });

  it('covers a resource group on its own', async () => {
    const group = 'microsoft.default';
    const answer = await client.call(
      'POST',
      `/subscriptions/${client.subscription(0)}/resourceGroups/${group}/providers/Microsoft.CostManagement/query?api-version=2025-03-01`,
      { headers, body: definition({ granularity: 'None' }) },
    );
    expect(answer.json().properties.rows).toHaveLength(1);
    expect(answer.json().properties.rows[0]).toContain('Marketplace');
  });

  it('is 204 without data and reports the quota on every answer', async () => {
    const empty = await query(3, definition());
    expect([empty.status, empty.text]).toEqual([204, '']);
    expect(empty.headers['x-ms-ratelimit-microsoft.costmanagement-qpu-consumed']).toBe('1');
    expect(empty.headers['x-ms-ratelimit-remaining-microsoft.costmanagement-clienttype-requests']).toBe(
      'DefaultQuota:1999',
    );
    expect((await query(0, definition({}, { timePeriod: { from: '2027-01-01', to: '2027-01-31' } }))).status).toBe(204);
  });

  it('is byte-identical when asked twice, also by another sandbox of the same seed', async () => {
    const first = await query(0, definition());
    expect((await query(0, definition())).text).toBe(first.text);
    const other = await SandboxClient.start({ subscriptions: 4, emptySubscriptions: 1 });
    const theirs = await other.call(
      'POST',
      `/subscriptions/${other.subscription(0)}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`,
      { headers: await other.authorize(), body: definition() },
    );
    await other.stop();
    expect(theirs.text.replaceAll(other.sandbox.url, client.sandbox.url)).toBe(first.text);
  });
});

describe('refusals', () => {
  it.each([
    [
      'an unknown dimension',
      definition({ grouping: [{ type: 'Dimension', name: 'myTag' }] }),
      "Invalid query definition: Invalid dataset grouping: 'myTag'; valid values: 'ResourceGroup','ResourceGroupName',",
    ],
    [
      'too many groupings',
      definition({ grouping: Array.from({ length: 16 }, () => ({ type: 'Dimension', name: 'Meter' })) }),
      'cannot exceed 15',
    ],
    [
      'more than a year',
      definition({}, { timePeriod: { from: '2025-01-01', to: '2026-01-02' } }),
      'cannot exceed 1 year(s)',
    ],
    ['an unknown type', definition({}, { type: 'FocusCost' }), "Invalid definition type 'FocusCost'"],
    ['a filter with one operand', definition({ filter: { and: [] } }), 'at least two'],
  ])('of %s', async (_, body, message) => {
    const answer = await query(0, body);
    expect([answer.status, answer.json().error.code]).toEqual([400, 'BadRequest']);
    expect(answer.json().error.message).toContain(message);
  });

  it('follow the answer an operator chose for a subscription', async () => {
    const answered = async (answer: string, type = 'ActualCost'): Promise<[number, string]> => {
      await client.admin('PUT', `/subscriptions/${client.subscription(2)}/cost`, { answer });
      const response = await query(2, definition({}, { type }));
      return [response.status, response.status >= 400 ? response.json().error.code : ''];
    };
    expect(await answered('unsupported-offer')).toEqual([400, '400']);
    expect(await answered('amortized-unsupported', 'AmortizedCost')).toEqual([400, '400']);
    expect(await answered('amortized-unsupported')).toEqual([200, '']);
    expect(await answered('no-web-direct-offer')).toEqual([404, 'NotFound']);
    expect(await answered('unauthorized')).toEqual([401, 'Unauthorized']);
    expect(await answered('billing-access-denied')).toEqual([403, 'BillingAccessDenied']);
    expect(await answered('cost-disabled')).toEqual([403, 'SubscriptionCostDisabled']);
    expect(await answered('no-data')).toEqual([204, '']);
    expect(await answered('normal')).toEqual([200, '']);
  });

  it('obey the specification where that is asked for', async () => {
    await client.admin('PUT', '/cost-management', { strictSpec: true });
    const strict = await query(0, definition());
    await client.admin('PUT', '/cost-management', { strictSpec: false });
    expect(strict.json().error.message).toContain('cannot exceed 2');
  });

  it('of too many queries carry their own headers and no Retry-After', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    const answers: Answer[] = [];
    for (let n = 0; n < 5; n++) answers.push(await query(0, definition({ grouping: [] })));
    await client.admin('PUT', '/throttling', { costManagement: false });
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 429]);
    const refused = answers[4];
    expect(refused?.json()).toEqual({ error: { code: '429', message: 'Too many requests. Please retry.' } });
    expect(refused?.headers).not.toHaveProperty('retry-after');
    expect(Number(refused?.headers['x-ms-ratelimit-microsoft.costmanagement-entity-retry-after'])).toBeGreaterThan(50);
  });
});

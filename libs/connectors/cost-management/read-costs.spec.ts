import { describe, expect, it } from 'vitest';
import type { CostRecord } from '#core/records.js';
import { IncompleteReadError, PermissionError, SourceRejectedError, UnavailableError } from '#core/errors.js';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { ManualClock } from '../testing/manual-clock.js';
import { apiOver, readAll, SUBSCRIPTION_ID } from '../testing/read-harness.js';
import { costManagementConnector } from './cost-management.connector.js';

interface Charge {
  day: string;
  service: string;
  actual: string;
  amortized: string;
}

const RANGE = { from: '2026-04-01', to: '2026-04-05' };
const WINDOW = { scope: SUBSCRIPTION_ID, subscriptionId: SUBSCRIPTION_ID, range: RANGE };
const charge = (day: string, service = 'Storage', actual = '1.5', amortized = '1.25'): Charge => ({
  day,
  service,
  actual,
  amortized,
});
const EVERY_DAY = ['2026-04-01', '2026-04-02', '2026-04-03', '2026-04-04', '2026-04-05'].map((day) => charge(day));

const refusal = (message: string, code = 'BadRequest', status = 400): FakeAnswer => ({
  status,
  json: { error: { code, message } },
});
const groups = ({ json }: FakeRequest): string[] =>
  (json.dataset.grouping ?? []).map(({ name }: { name: string }) => name);

/** Cost Management over a list of charges, two rows a page by default; `before` may answer in its place. */
function costs(charges: Charge[], before: (request: FakeRequest) => FakeAnswer | null = () => null, pageRows = 2) {
  return new FakeAzure((request) => {
    const special = before(request);
    if (special) return special;
    const { type, timePeriod } = request.json;
    const grouping = groups(request);
    const days = charges.filter(({ day }) => day >= timePeriod.from.slice(0, 10) && day <= timePeriod.to.slice(0, 10));
    const page = Number(request.url.searchParams.get('$skiptoken') ?? 0);
    const rows = days.slice(page * pageRows, (page + 1) * pageRows).map(
      ({ day, service, actual, amortized }) =>
        `[${type === 'ActualCost' ? actual : amortized},${day.replaceAll('-', '')},${grouping
          .map((name) => JSON.stringify(name === 'ServiceName' ? service : ''))
          .concat('"EUR"')
          .join(',')}]`,
    );
    const more = days.length > (page + 1) * pageRows;
    const columns = ['Cost', 'UsageDate', ...grouping, 'Currency'].map((name) => ({ name, type: 'String' }));
    const nextLink = more
      ? `${RESOURCE_MANAGER_URL}${request.url.pathname}?api-version=2023-11-01&$skiptoken=${page + 1}`
      : null;
    return {
      body: `{"properties":{"nextLink":${JSON.stringify(nextLink)},"columns":${JSON.stringify(columns)},"rows":[${rows.join(',')}]}}`,
    };
  });
}

const read = (azure: FakeAzure, window = WINDOW) =>
  readAll(costManagementConnector(apiOver(azure)), window, { clock: new ManualClock('2026-04-20T12:00:00Z') });

const amounts = (records: CostRecord[]) =>
  records.map(({ day, cost, amortizedCost }) => `${day} ${cost} ${amortizedCost}`).sort();

describe('a cost window', () => {
  it('is read in both views, page by page with the identical body', async () => {
    const azure = costs(EVERY_DAY);
    const { records, proof, events } = await read(azure);
    expect(amounts(records)).toEqual(EVERY_DAY.flatMap(({ day }) => [`${day} 1.5 null`, `${day} null 1.25`]));
    expect(proof).toMatchObject({
      pages: 12,
      rows: 10,
      complete: true,
      amounts: 'both',
      unavailable: null,
      coveredDays: EVERY_DAY.map(({ day }) => day),
    });
    expect(proof.grain).toHaveLength(7);
    expect(events.filter((event) => 'kept' in event).map((event) => 'kept' in event && event.kept)).toEqual([
      ...['actual-by-7-0001', 'amortized-by-7-0001', 'actual-by-7-0002'],
      ...['amortized-by-7-0002', 'actual-by-7-0003', 'amortized-by-7-0003'],
      // Rows that came in several pages are added up once more by Azure itself.
      ...['actual-by-7-totals-0001', 'actual-by-7-totals-0002', 'actual-by-7-totals-0003'],
      ...['amortized-by-7-totals-0001', 'amortized-by-7-totals-0002', 'amortized-by-7-totals-0003'],
    ]);
    const actual = azure.requests.filter(({ json }) => json.type === 'ActualCost' && json.dataset.grouping);
    expect(actual).toHaveLength(3);
    expect(new Set(actual.map(({ method, text }) => `${method} ${text}`)).size).toBe(1);
    expect(actual[0]?.url.href).toBe(
      `${RESOURCE_MANAGER_URL}/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.CostManagement/query?api-version=2023-11-01&%24top=5000`,
    );
    expect(actual[0]?.headers['clienttype']).toBe('azcops');
    expect(actual[0]?.json).toMatchObject({
      timeframe: 'Custom',
      timePeriod: { from: '2026-04-01T00:00:00Z', to: '2026-04-05T23:59:59Z' },
      dataset: { granularity: 'Daily', aggregation: { totalCost: { name: 'Cost', function: 'Sum' } } },
    });
  });

  it.each([[{ status: 204 }], [{ json: {} }], [{ json: { properties: { columns: [], rows: null } } }]])(
    'that Azure has no data of at all (%j) is unavailable, and replaces nothing',
    async (answer) => {
      const azure = costs([], () => answer);
      await expect(read(azure)).rejects.toThrow(UnavailableError);
      expect(azure.requests).toHaveLength(2);
    },
  );

  it('without data so far is complete while its days are too young to tell', async () => {
    const clock = new ManualClock('2026-04-06T01:00:00Z');
    const outcome = await readAll(costManagementConnector(apiOver(costs([], () => ({ status: 204 })))), WINDOW, {
      clock,
    });
    expect(outcome.proof).toMatchObject({ rows: 0, complete: true, coveredDays: [], amounts: 'both' });
  });

  it('without a single charge, in so many rows, is complete', async () => {
    expect((await read(costs([]))).proof).toMatchObject({ rows: 0, complete: true, coveredDays: [] });
  });

  it('with days that had no charge is complete once the totals agree', async () => {
    const azure = costs([charge('2026-04-02'), charge('2026-04-05')]);
    expect((await read(azure)).proof).toMatchObject({
      complete: true,
      coveredDays: ['2026-04-02', '2026-04-05'],
      rows: 4,
    });
    expect(azure.requests.filter((request) => groups(request).length === 0)).toHaveLength(1);
  });

  it('does not suspect days that are merely late', async () => {
    const azure = costs(EVERY_DAY.slice(0, 3), () => null, 5);
    const window = { ...WINDOW, range: { from: '2026-04-01', to: '2026-04-05' } };
    const outcome = await readAll(costManagementConnector(apiOver(azure)), window, {
      clock: new ManualClock('2026-04-05T23:00:00Z'),
    });
    expect(outcome.proof.complete).toBe(true);
    expect(azure.requests.some((request) => groups(request).length === 0)).toBe(false);
  });
});

describe('a grouping that Azure refuses', () => {
  const tooMany = refusal('Invalid query definition: the number of groupings exceeds 2.');

  it('leads to coarser rows in both views', async () => {
    const azure = costs(EVERY_DAY, (request) => (groups(request).length > 2 ? tooMany : null));
    const { records, proof } = await read(azure);
    expect(proof.grain).toEqual(['ServiceName', 'MeterCategory']);
    expect(records).toHaveLength(10);
    expect(records[0]!.dimension).toMatchObject({
      serviceName: 'Storage',
      resourceGroup: null,
      resourceId: null,
      chargeType: null,
    });
  });

  it('in one view only restarts both before anything is yielded', async () => {
    const azure = costs(EVERY_DAY, (request) =>
      request.json.type === 'AmortizedCost' && groups(request).includes('PricingModel') ? tooMany : null,
    );
    const { records, proof } = await read(azure);
    expect(proof.grain).toEqual(['ResourceGroupName', 'ServiceName', 'MeterCategory']);
    expect(amounts(records)).toHaveLength(10);
  });

  it('at every grain is a refusal', async () => {
    await expect(read(costs([], () => tooMany))).rejects.toThrow(SourceRejectedError);
  });
});

describe('an offer', () => {
  it('without amortized costs is published with actual ones alone', async () => {
    const azure = costs(EVERY_DAY, ({ json }) =>
      json.type === 'AmortizedCost'
        ? refusal("Invalid definition type 'AmortizedCost'; valid values: 'Usage'.", '400')
        : null,
    );
    const { records, proof } = await read(azure);
    expect(amounts(records)).toEqual(EVERY_DAY.map(({ day }) => `${day} 1.5 null`));
    expect(proof).toMatchObject({ amounts: 'actual', complete: true });
    expect(proof.unavailable?.reason).toMatch(/Amortized costs do not exist/);
  });

  it('without any costs is unavailable, a missing role is named', async () => {
    const none = refusal(
      'Cost Management supports only Enterprise Agreement offer types. offerId: MS-AZR-0036P',
      '400',
    );
    await expect(read(costs([], () => none))).rejects.toThrow(UnavailableError);
    const forbidden = read(costs([], () => refusal('no', 'RBACAccessDenied', 401)));
    await expect(forbidden).rejects.toBeInstanceOf(PermissionError);
    await expect(forbidden).rejects.toMatchObject({ missingRole: 'Cost Management Reader' });
  });
});

describe('a grouped query that returns only its last day', () => {
  const lastDayOnly = ({ json, url }: FakeRequest): FakeAnswer | null => {
    const several = json.timePeriod.from.slice(0, 10) !== json.timePeriod.to.slice(0, 10);
    if (!several || !json.dataset.grouping || url.searchParams.has('$skiptoken')) return null;
    json.timePeriod.from = json.timePeriod.to;
    return null;
  };

  it('is noticed by the totals and read again, the missing days only', async () => {
    const azure = costs(EVERY_DAY, lastDayOnly);
    const { records, proof, events } = await read(azure);
    expect(amounts(records)).toEqual(EVERY_DAY.flatMap(({ day }) => [`${day} 1.5 null`, `${day} null 1.25`]));
    expect(proof).toMatchObject({ complete: true, rows: 10, coveredDays: EVERY_DAY.map(({ day }) => day) });
    const kept = events.flatMap((event) => ('kept' in event ? [event.kept] : []));
    expect(kept).toContain('actual-by-7-totals-0001');
    expect(kept).toContain('amortized-by-7-on-20260404-0001');
    expect(new Set(kept).size).toBe(kept.length);
  });

  it('in the amortized view alone is noticed too', async () => {
    const azure = costs(EVERY_DAY, (request) => (request.json.type === 'AmortizedCost' ? lastDayOnly(request) : null));
    expect((await read(azure)).records).toHaveLength(10);
  });

  it('and even by single day makes the window incomplete', async () => {
    const azure = costs(EVERY_DAY, (request) =>
      request.json.dataset.grouping && request.json.timePeriod.from.startsWith('2026-04-02')
        ? { status: 204 }
        : lastDayOnly(request),
    );
    expect((await read(azure)).proof).toMatchObject({
      complete: false,
      incompleteReason: "The rows of ActualCost do not add up to Azure's own total of 2026-04-02 EUR.",
    });
  });
});

describe('pages that are not what they seem', () => {
  const pageOf = ({ url }: FakeRequest) => Number(url.searchParams.get('$skiptoken') ?? 0);
  /** Changes one page of the actual costs. */
  const changed = (page: number, change: (properties: any, request: FakeRequest) => void) => {
    const usual = costs(EVERY_DAY);
    return costs(EVERY_DAY, (request) => {
      if (request.json.type !== 'ActualCost' || !request.json.dataset.grouping || pageOf(request) !== page) return null;
      const body = JSON.parse((usual.handler(request) as FakeAnswer).body as string);
      change(body.properties, request);
      return { json: body };
    });
  };
  const rowsOf = (page: number, request: FakeRequest) => {
    const url = new URL(request.url);
    url.searchParams.set('$skiptoken', String(page));
    return JSON.parse((costs(EVERY_DAY).handler({ ...request, url }) as FakeAnswer).body as string).properties.rows;
  };

  it('are noticed when one is served twice', async () => {
    const azure = changed(1, (properties, request) => (properties.rows = rowsOf(0, request)));
    await expect(read(azure)).rejects.toThrow(/a row came twice/);
  });

  it('are noticed when a row has moved to the next one while they were read', async () => {
    const azure = changed(1, (properties, request) => (properties.rows[0] = rowsOf(0, request)[1]));
    await expect(read(azure)).rejects.toThrow(/a row came twice/);
  });

  it('are noticed when the first one names itself as the next', async () => {
    let loops = 1;
    const azure = changed(0, (properties, { url }) => {
      if (loops-- > 0) properties.nextLink = url.href;
    });
    await expect(read(azure)).rejects.toThrow(/a row came twice/);
  });

  it.each([0, 1])('are noticed when page %i is empty, but leads on', async (page) => {
    const azure = changed(page, (properties) => (properties.rows = []));
    await expect(read(azure)).rejects.toThrow(/is empty, but leads on/);
  });

  it('are noticed when all rows of a day are missing, which is then read by itself', async () => {
    const azure = changed(1, (properties) => properties.rows.pop());
    // Days so young would not be suspect for want of rows alone.
    const clock = new ManualClock('2026-04-05T12:00:00Z');
    const { proof } = await readAll(costManagementConnector(apiOver(azure)), WINDOW, { clock });
    expect(proof).toMatchObject({ complete: true, rows: 10 });
  });

  it('are noticed when some rows of a day are missing: the totals tell', async () => {
    const charges = [charge('2026-04-01', 'Network', '9'), ...EVERY_DAY];
    const azure = costs(charges, (request) => {
      if (request.json.type !== 'ActualCost' || !request.json.dataset.grouping || pageOf(request) > 0) return null;
      const body = JSON.parse((costs(charges).handler(request) as FakeAnswer).body as string);
      body.properties.rows.shift();
      return { json: body };
    });
    expect((await read(azure)).proof).toMatchObject({
      complete: false,
      incompleteReason: "The rows of ActualCost do not add up to Azure's own total of 2026-04-01 EUR.",
    });
  });

  it('are read the same when their columns come after their rows', async () => {
    const reordered = changed(0, (properties) => {
      const { columns } = properties;
      delete properties.columns;
      properties.columns = columns;
    });
    expect((await read(reordered)).records).toEqual((await read(costs(EVERY_DAY))).records);
  });

  it('cost one more question, and only where there are several', async () => {
    const totalsAsked = async (pageRows: number) => {
      const azure = costs(EVERY_DAY, () => null, pageRows);
      await read(azure);
      return azure.requests.filter((request) => groups(request).length === 0).length;
    };
    expect([await totalsAsked(5), await totalsAsked(4)]).toEqual([0, 4]);
  });
});

describe('a broken answer', () => {
  it.each<[string, unknown]>([
    ['no properties', { rows: [] }],
    ['rows without columns', { properties: { rows: [['1']] } }],
    ['a row that is no list', { properties: { columns: [], rows: [{}] } }],
    ['rows in two places', { extra: { columns: [], rows: [] }, properties: { columns: [], rows: [] } }],
    ['rows that are no list', { properties: { rows: {}, columns: [] } }],
    ['a next page that is no text', { properties: { rows: [], columns: [], nextLink: {} } }],
  ])('with %s makes the read incomplete', async (_name, json) => {
    await expect(read(costs([], () => ({ json })))).rejects.toThrow(IncompleteReadError);
  });

  it('ends the other view as well', async () => {
    const azure = costs(EVERY_DAY, ({ json }) => (json.type === 'AmortizedCost' ? { silent: true } : { status: 404 }));
    await expect(read(azure)).rejects.toThrow(SourceRejectedError);
  });
});

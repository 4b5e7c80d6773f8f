import { describe, expect, it } from 'vitest';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { apiOver, readAll, subscription } from '../testing/read-harness.js';
import { advisorConnector } from './advisor.connector.js';

const WINDOW = { scope: 'tenant', subscriptionId: null, range: null };
const IDS = ['aaaaaaaa-0000-4000-8000-00000000000a', 'bbbbbbbb-0000-4000-8000-00000000000b'] as const;
const [A, B] = IDS;

const item = (subscriptionId: string, name: string) => ({
  id: `/subscriptions/${subscriptionId}/providers/Microsoft.Advisor/recommendations/${name}`,
  subscriptionId,
  properties: { recommendationTypeId: 'Some-Type', category: 'Cost', impact: 'High' },
});
const refusal = (status: number, code: string): FakeAnswer => ({ status, json: { error: { code, message: 'no' } } });
const FORBIDDEN = refusal(403, 'AuthorizationFailed');

interface Answers {
  /** Pages of the recommendations query. */
  graph?: object[][];
  total?: number;
  covered?: readonly string[];
  list?: (subscriptionId: string, request: FakeRequest) => FakeAnswer;
}

/** Resource Graph with pages of recommendations, or refusing, and Advisor's own lists. */
function advisor({ graph, total, covered = IDS, list = () => FORBIDDEN }: Answers) {
  return new FakeAzure((request) => {
    if (request.method === 'GET') return list(/^\/subscriptions\/([^/]+)/.exec(request.url.pathname)![1]!, request);
    if (!graph) return FORBIDDEN;
    if (!request.json.query.startsWith('advisorresources'))
      return table(covered.map((subscriptionId) => ({ id: subscriptionId, subscriptionId })));
    const page = Number(request.json.options.$skipToken ?? 0);
    return table(graph[page] ?? [], total ?? graph.flat().length, page + 1 < graph.length ? String(page + 1) : null);
  });
}
const table = (data: readonly object[], totalRecords = data.length, token: string | null = null): FakeAnswer => ({
  json: { totalRecords, count: data.length, resultTruncated: 'false', data, ...(token && { $skipToken: token }) },
});
const page = (value: object[], nextLink?: string): FakeAnswer => ({ json: { value, ...(nextLink && { nextLink }) } });

const read = (azure: FakeAzure, ids: readonly string[] = IDS) =>
  readAll(advisorConnector(apiOver(azure)), WINDOW, {
    subscriptions: ids.map((subscriptionId) => subscription({ subscriptionId })),
  });
const names = (records: readonly { sourceId: string }[]) => records.map(({ sourceId }) => sourceId.split('/').at(-1));

describe('recommendations through Resource Graph', () => {
  it('are one query for all subscriptions, proven by its total', async () => {
    const azure = advisor({ graph: [[item(A, 'one'), item(B, 'two')], [item(A, 'three')]] });
    const { records, proof } = await read(azure);
    expect(names(records)).toEqual(['one', 'two', 'three']);
    expect(proof).toMatchObject({
      pages: 3,
      rows: 3,
      expected: 3,
      complete: true,
      subscriptionsSeen: [A, B],
      unavailable: null,
    });
    expect(azure.requests[0]?.json.subscriptions).toEqual(IDS);
    expect(azure.requests.every(({ method }) => method === 'POST')).toBe(true);
  });

  it('cover subscriptions that have none, and not those that may not be read', async () => {
    expect((await read(advisor({ graph: [[]], covered: [B] }))).proof).toMatchObject({
      complete: true,
      subscriptionsSeen: [B],
    });
  });

  it('that come twice are taken once, and the read is not trusted', async () => {
    const repeated = item(A, 'ONE');
    const { records, proof } = await read(advisor({ graph: [[item(A, 'one')], [repeated]] }));
    expect(names(records)).toEqual(['one']);
    expect(proof).toMatchObject({ complete: false, incompleteReason: expect.stringMatching(/came twice/) });
  });

  it('that are fewer than announced make the read incomplete', async () => {
    const { proof } = await read(advisor({ graph: [[item(A, 'one')], []], total: 2 }));
    expect(proof.incompleteReason).toMatch(/announced 2 resources, but 1 came/);
  });

  it('without an id make the read incomplete', async () => {
    const { records, proof } = await read(advisor({ graph: [[{ properties: {} }, item(A, 'one')]] }));
    expect(names(records)).toEqual(['one']);
    expect(proof).toMatchObject({
      complete: false,
      incompleteReason: 'A recommendation has no id, or belongs to no subscription.',
    });
  });

  it('are not asked for where there is no subscription', () => {
    const { windows } = advisorConnector(apiOver(new FakeAzure()));
    const request = { subscriptions: [] } as unknown as Parameters<typeof windows>[0];
    expect(windows(request)).toEqual([]);
  });

  it('refused on a later page are no reason to start anew in another way', async () => {
    const azure = advisor({ graph: [[item(A, 'one')], []] });
    const { handler } = azure;
    azure.handler = (request) => (request.text.includes('$skipToken') ? FORBIDDEN : handler(request));
    await expect(read(azure)).rejects.toMatchObject({ name: 'PermissionError' });
    expect(azure.requests.some(({ method }) => method === 'GET')).toBe(false);
  });

  it('that cannot be had for a passing reason are asked for again later, not in another way', async () => {
    const azure = new FakeAzure(() => ({ status: 503 }));
    await expect(read(azure)).rejects.toMatchObject({ name: 'TransientSourceError' });
    expect(azure.requests.some(({ method }) => method === 'GET')).toBe(false);
  });
});

describe("recommendations through Advisor's own list", () => {
  const nextLink = `${RESOURCE_MANAGER_URL}/subscriptions/${A}/providers/Microsoft.Advisor/recommendations?api-version=2023-01-01&$skiptoken=2`;
  const paged = (id: string, { url }: FakeRequest): FakeAnswer => {
    if (id !== A) return page([]);
    return url.searchParams.has('$skiptoken') ? page([item(A, 'two')]) : page([item(A, 'one')], nextLink);
  };

  it('are read subscription by subscription, page by page, where Resource Graph is refused', async () => {
    const azure = advisor({ list: paged });
    const { records, proof, events } = await read(azure);
    expect(names(records)).toEqual(['one', 'two']);
    expect(proof).toMatchObject({ pages: 3, rows: 2, expected: null, complete: true, subscriptionsSeen: [A, B] });
    expect(events.flatMap((event) => ('kept' in event ? [event.kept] : []))).toEqual([
      `list-${A}-0001`,
      `list-${A}-0002`,
      `list-${B}-0001`,
    ]);
    const lists = azure.requests.filter(({ method }) => method === 'GET');
    expect(lists[0]?.url.searchParams.get('$filter')).toBe("Category eq 'Cost'");
    expect(lists[1]?.url.href).toBe(nextLink);
  });

  it('name the subscription that may not be read, and cover the others', async () => {
    const { records, proof } = await read(advisor({ list: (id) => (id === A ? FORBIDDEN : page([item(B, 'one')])) }));
    expect(names(records)).toEqual(['one']);
    expect(proof).toMatchObject({ complete: true, subscriptionsSeen: [B] });
    expect(proof.unavailable?.reason).toMatch(
      new RegExp(`^1 of 2 subscriptions .* among them ${A}: The role "Reader"`),
    );
    expect(proof.unavailable?.action).toMatch(/Grant the role "Reader"/);
  });

  it('are an error when no subscription may be read', async () => {
    await expect(read(advisor({}))).rejects.toMatchObject({ name: 'PermissionError', missingRole: 'Reader' });
    const gone = advisor({ list: () => refusal(404, 'SubscriptionNotFound') });
    await expect(read(gone)).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('that cannot be had for a passing reason end the read: another attempt may have all', async () => {
    const azure = advisor({ list: (id) => (id === A ? page([item(A, 'one')]) : { status: 500 }) });
    await expect(read(azure)).rejects.toMatchObject({ name: 'TransientSourceError' });
  });

  it('that come twice are taken once, and the read is not trusted', async () => {
    const twice = advisor({
      list: (id, { url }) => page([item(id, 'one')], id === A && !url.searchParams.has('$skiptoken') ? nextLink : ''),
    });
    const { records, proof } = await read(twice);
    expect(records.map(({ subscriptionId }) => subscriptionId)).toEqual([A, B]);
    expect(proof.incompleteReason).toMatch(/came twice/);
  });

  it('with an empty page that leads on are not trusted: the list announces no total that could tell', async () => {
    const { proof } = await read(
      advisor({
        list: (id, { url }) =>
          id === A && !url.searchParams.has('$skiptoken') ? page([], nextLink) : page([item(id, 'two')]),
      }),
    );
    expect(proof).toMatchObject({ complete: false, incompleteReason: expect.stringMatching(/leads on/) });
  });

  it('that are no list make the read incomplete', async () => {
    await expect(read(advisor({ list: () => ({ json: {} }) }))).rejects.toMatchObject({ name: 'IncompleteReadError' });
  });
});

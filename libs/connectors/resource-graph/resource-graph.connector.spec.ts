import { describe, expect, it } from 'vitest';
import type { TargetSubscription } from '#core/connector.js';
import { IncompleteReadError, PermissionError, SourceRejectedError } from '#core/errors.js';
import { FakeAzure, type FakeAnswer, type FakeRequest, type LooseJson } from '../testing/fake-azure.js';
import { apiOver, readAll, subscription } from '../testing/read-harness.js';
import { resourceGraphConnector } from './resource-graph.connector.js';

const WINDOW = { scope: 'tenant', subscriptionId: null, range: null };
const row = (name: string, sub = 's1') => ({
  id: `/subscriptions/${sub}/resourceGroups/rg/providers/Microsoft.Web/sites/${name}`,
  subscriptionId: sub,
});

/** Resource Graph over a list of rows; `change` may spoil the answer of each resources page. */
function graph(
  rows: object[],
  change: (answer: LooseJson, request: FakeRequest, page: number) => FakeAnswer | void = () => {},
) {
  let page = 0;
  return new FakeAzure((request) => {
    const { query, subscriptions, options } = request.json;
    const inScope = query.startsWith('ResourceContainers')
      ? subscriptions.map((id: string) => ({ subscriptionId: id.toUpperCase() }))
      : rows;
    const start = Number(options.$skipToken ?? 0);
    const data = inScope.slice(start, start + options.$top);
    const end = start + data.length;
    const json: LooseJson = {
      totalRecords: inScope.length,
      count: data.length,
      resultTruncated: end < inScope.length ? 'true' : 'false',
      data,
      facets: [],
      ...(end < inScope.length && { $skipToken: String(end) }),
    };
    if (query.startsWith('ResourceContainers')) return { json };
    return change(json, request, ++page) ?? { json };
  });
}

const read = (azure: FakeAzure, subscriptions: TargetSubscription[] = [subscription({ subscriptionId: 's1' })]) =>
  readAll(resourceGraphConnector(apiOver(azure)), WINDOW, { subscriptions });

const many = (count: number) => Array.from({ length: count }, (_, index) => row(`site-${index}`));

describe('the inventory', () => {
  it('is read in pages of a thousand with the same query and scopes, and proven by the total', async () => {
    const azure = graph(many(2500));
    const { records, proof } = await read(azure);
    expect(records).toHaveLength(2500);
    expect(proof).toMatchObject({ rows: 2500, expected: 2500, complete: true, subscriptionsSeen: ['s1'] });
    const [first, second, third] = azure.requests.map(({ json }) => json);
    expect(first).toMatchObject({ subscriptions: ['s1'], options: { resultFormat: 'objectArray', $top: 1000 } });
    expect(first.query).toMatch(/order by id asc/);
    expect(second).toEqual({ ...first, options: { ...first.options, $skipToken: '1000' } });
    expect(third.options.$skipToken).toBe('2000');
    expect(azure.requests[0]?.url.search).toBe('?api-version=2022-10-01');
  });

  it('is not taken for cut off because the text "false" is a true value', async () => {
    const asText = graph(many(2), (json) => void expect(json.resultTruncated).toBe('false'));
    expect((await read(asText)).proof).toMatchObject({ complete: true, incompleteReason: null });
    const cutOff = graph(many(2), (json) => void (json.resultTruncated = 'true'));
    expect((await read(cutOff)).proof.complete).toBe(false);
  });

  it('is asked for 1,000 subscriptions at a time, and covers those without a resource', async () => {
    const subscriptions = Array.from({ length: 1001 }, (_, index) => subscription({ subscriptionId: `s${index}` }));
    const azure = graph([]);
    const { proof } = await read(azure, subscriptions);
    expect(azure.requests.map(({ json }) => json.subscriptions.length)).toEqual([1000, 1000, 1, 1]);
    expect(proof).toMatchObject({ rows: 0, expected: 0, complete: true });
    expect(proof.subscriptionsSeen).toHaveLength(1001);
  });

  it('of no subscription is empty and asks nothing', async () => {
    const azure = graph(many(1));
    expect((await read(azure, [])).proof).toMatchObject({ pages: 0, rows: 0, complete: true });
    expect(azure.requests).toHaveLength(0);
  });

  it.each<[string, object[], (answer: LooseJson, request: FakeRequest, page: number) => FakeAnswer | void, RegExp]>([
    [
      'fewer rows than announced',
      many(3),
      (answer) => void (answer.totalRecords = 4),
      /announced 4 resources, but 3 came/,
    ],
    [
      'a total that changes',
      many(1500),
      (answer, _request, page) => void (answer.totalRecords += page),
      /changed from 1501 to 1502/,
    ],
    ['a row that comes twice', [row('a'), row('A')], () => {}, /came twice/],
    ['a row without id', [row('a'), { name: 'x' }], () => {}, /no resource id/],
    ['an end without continuation', many(2), (answer) => void (answer.resultTruncated = 'true'), /cut the answer off/],
    [
      'the subscription limit',
      many(2),
      (json) => ({ json, headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } }),
      /10,000/,
    ],
  ])('with %s yields what came but proves nothing', async (_name, rows, change, reason) => {
    const { records, proof } = await read(graph(rows, change));
    expect(records.length).toBeGreaterThan(0);
    expect(proof.complete).toBe(false);
    expect(proof.incompleteReason).toMatch(reason);
  });

  it('is read in smaller pages where Azure cannot send larger ones', async () => {
    const azure = graph(many(5), (json, request) =>
      request.json.options.$top > 300
        ? {
            status: 400,
            json: { error: { code: 'ResponsePayloadTooLarge', message: 'Response payload size is 17000000' } },
          }
        : { json },
    );
    expect((await read(azure)).records).toHaveLength(5);
    expect(azure.requests.map(({ json }) => json.options.$top).slice(0, 3)).toEqual([1000, 500, 250]);
  });

  it('is tried again where the way to the next page is refused: the query itself was not', async () => {
    const refused: FakeAnswer = { status: 400, json: { error: { code: 'BadRequest', message: 'invalid skip token' } } };
    const later = graph(many(1500), (_json, _request, page) => (page === 2 ? refused : undefined));
    const outcome = read(later);
    await expect(outcome).rejects.toThrow(IncompleteReadError);
    await expect(outcome).rejects.toThrow(/does not go on to page 2 .*invalid skip token/);
    await expect(read(graph(many(1500), () => refused))).rejects.toThrow(SourceRejectedError);
  });

  it('reports only the subscriptions of its rows where coverage is refused', async () => {
    const azure = graph([row('a', 'S2')]);
    const answer = azure.handler;
    azure.handler = (request) =>
      request.json.query.startsWith('ResourceContainers')
        ? { status: 400, json: { error: { code: 'BadRequest', message: 'no such table' } } }
        : answer(request);
    expect((await read(azure)).proof).toMatchObject({ complete: true, subscriptionsSeen: ['s2'] });
  });

  it('stops at a loop, a foreign shape and a missing role', async () => {
    const loop = graph(many(2), (json) => void (json.$skipToken = '0'));
    await expect(read(loop)).rejects.toThrow(IncompleteReadError);
    await expect(read(graph([], () => ({ json: { data: {} } })))).rejects.toThrow(IncompleteReadError);
    await expect(read(graph([], () => ({ status: 403 })))).rejects.toThrow(PermissionError);
  });
});

import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ReadContext } from '#core/connector.js';
import { PermissionError } from '#core/errors.js';
import { FakeAzure, type FakeAnswer, type FakeRequest, type LooseJson } from '../testing/fake-azure.js';
import { apiOver, readContext, subscription, type ReadEvent } from '../testing/read-harness.js';
import { queriesOf, RESOURCE_GRAPH_QUERIES } from './queries/index.js';
import { type Collection, type QueryReport, ResourceGraphCollector } from './resource-graph.collector.js';

const queryOf = ({ json }: FakeRequest): string =>
  RESOURCE_GRAPH_QUERIES.find(({ kql }) => kql === json.query)?.name ?? 'not in the library';

/** Resource Graph that has `count` rows for every query; `change` may spoil an answer. */
function graph(
  count: number,
  change: (name: string, answer: LooseJson, request: FakeRequest) => FakeAnswer | void = () => {},
): FakeAzure {
  return new FakeAzure(async (request) => {
    const name = queryOf(request);
    const start = Number(request.json.options.$skipToken ?? 0);
    const end = Math.min(count, start + request.json.options.$top);
    const json: LooseJson = {
      totalRecords: count,
      count: end - start,
      resultTruncated: end < count ? 'true' : 'false',
      data: Array.from({ length: end - start }, (_, index) => ({ id: `/Subscriptions/s/${name}/${start + index}` })),
      ...(end < count && { $skipToken: String(end) }),
    };
    await setImmediate();
    return change(name, json, request) ?? { json };
  });
}

interface Outcome {
  rows: Record<string, number>;
  reports: QueryReport[];
  events: ReadEvent[];
}

async function collect(
  azure: FakeAzure,
  start: (collector: ResourceGraphCollector, context: ReadContext) => Collection,
  changes: Partial<ReadContext> = {},
): Promise<Outcome> {
  const events: ReadEvent[] = [];
  const rows: Record<string, number> = {};
  const collection = start(new ResourceGraphCollector(apiOver(azure)), readContext(events, changes));
  for (;;) {
    const step = await collection.next();
    if (step.done) return { rows, reports: step.value, events };
    const { query, rows: page } = step.value;
    rows[query.name] = (rows[query.name] ?? 0) + page.length;
  }
}

const waste: Parameters<typeof collect>[1] = (collector, context) => collector.collectWasteCandidates(context);
const names = (reports: readonly QueryReport[]) => reports.map(({ query }) => query.name);
const wasteNames = queriesOf('waste').map(({ name }) => name);

describe('the collector', () => {
  it('collects all resources in pages, each kept raw, with the proof of their number', async () => {
    const { rows, reports, events } = await collect(graph(2500), (collector, context) => collector.collect(context));
    expect(rows).toEqual({ 'all-resources': 2500 });
    expect(reports).toMatchObject([
      {
        pages: 3,
        rows: 2500,
        received: 2500,
        expected: 2500,
        duplicates: 0,
        truncated: false,
        complete: true,
        error: null,
      },
    ]);
    expect(events.map((event) => 'kept' in event && event.kept)).toEqual([
      'all-resources-1-0001',
      'all-resources-1-0002',
      'all-resources-1-0003',
    ]);
  });

  it('runs the families, one query for all subscriptions of the tenant', async () => {
    const azure = graph(3);
    const subscriptions = ['B', 'a', 'A'].map((subscriptionId) => subscription({ subscriptionId }));
    const { rows, reports } = await collect(azure, waste, { subscriptions });
    expect(names(reports)).toEqual(wasteNames);
    expect(rows).toEqual(Object.fromEntries(wasteNames.map((name) => [name, 3])));
    expect(azure.requests.map(({ json }) => json.subscriptions)).toEqual(wasteNames.map(() => ['a', 'b']));
    const rightsizing = await collect(graph(1), (collector, context) =>
      collector.collectRightsizingCandidates(context),
    );
    expect(names(rightsizing.reports)).toEqual(queriesOf('rightsizing').map(({ name }) => name));
  });

  it('asks for the whole tenant when no subscription is given, and for 1,000 at a time when many are', async () => {
    const azure = graph(2);
    await collect(azure, (collector, context) => collector.collect(context), { subscriptions: [] });
    expect(azure.requests.map(({ json }) => Object.keys(json))).toEqual([['query', 'options']]);
    const many = graph(2, (_name, json, request) => {
      json.data = [{ id: request.json.subscriptions[0] }, { id: request.json.subscriptions.length }, { id: 'x' }];
      json.data[1].id = `${request.json.subscriptions.length}`;
      json.data.pop();
    });
    const subscriptions = Array.from({ length: 2001 }, (_, index) => subscription({ subscriptionId: `s${index}` }));
    const { reports } = await collect(many, (collector, context) => collector.collect(context), { subscriptions });
    expect(many.requests.map(({ json }) => json.subscriptions.length)).toEqual([1000, 1000, 1]);
    // Every batch has a total of its own.
    expect(reports[0]).toMatchObject({ expected: 6, received: 6, pages: 3 });
  });

  it.each<[number, Parameters<typeof collect>[1]]>([
    [4, waste],
    [3, (collector, context) => collector.collectRightsizingCandidates(context)],
    [2, (collector, context) => collector.run(RESOURCE_GRAPH_QUERIES, context, 2)],
    [5, (collector, context) => collector.run(RESOURCE_GRAPH_QUERIES, context, 5)],
  ])('has %i requests in flight at most', async (limit, start) => {
    let inFlight = 0;
    let most = 0;
    const azure = graph(1);
    const answer = azure.handler;
    azure.handler = async (request) => {
      most = Math.max(most, ++inFlight);
      await setImmediate();
      const answered = await answer(request);
      inFlight -= 1;
      return answered;
    };
    await collect(azure, start);
    expect(most).toBe(limit);
  });

  it('reports a failing query by name and loses no other', async () => {
    const azure = graph(1200, (name, _json, { json }) =>
      name === 'orphaned-public-ips' && json.options.$skipToken ? { status: 403 } : undefined,
    );
    const { rows, reports } = await collect(azure, waste);
    expect(reports.filter(({ error }) => error).map(({ query }) => query.name)).toEqual(['orphaned-public-ips']);
    const failed = reports[1]!;
    expect(failed.error).toBeInstanceOf(PermissionError);
    expect(failed).toMatchObject({ rows: 1000, received: 1000, expected: 1200, complete: false });
    expect(failed.incompleteReason).toMatch(/^The query failed: /);
    expect(rows).toEqual(
      Object.fromEntries(wasteNames.map((name) => [name, name === failed.query.name ? 1000 : 1200])),
    );
  });

  it('reports every query when the credential itself is unknown', async () => {
    const tenant = { id: 'x', azureTenantId: 'y', credentialRef: 'nobody' };
    const { reports } = await collect(graph(1), waste, { tenant });
    expect(reports.map(({ error }) => error?.name)).toEqual(wasteNames.map(() => 'CredentialError'));
  });

  it.each<[string, (json: LooseJson) => FakeAnswer | void, object]>([
    ['fewer rows than announced', (json) => void json.totalRecords++, { received: 2, expected: 3, rows: 2 }],
    [
      'a row that comes twice',
      (json) => void (json.data[1].id = json.data[0].id.toUpperCase()),
      { duplicates: 1, received: 2, rows: 1 },
    ],
    ['an end without continuation', (json) => void (json.resultTruncated = 'true'), { truncated: true, rows: 2 }],
    [
      'the subscription limit',
      (json) => ({ json, headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } }),
      { truncated: true, rows: 2 },
    ],
    ['a row without id', (json) => void delete json.data[0].id, { rows: 1, received: 2 }],
    ['a row that is none', (json) => void (json.data[0] = 'x'), { rows: 1, received: 2 }],
  ])('does not call complete what has %s', async (_name, change, expected) => {
    const azure = graph(2, (_query, json) => change(json));
    const { reports } = await collect(azure, (collector, context) => collector.collect(context));
    expect(reports[0]).toMatchObject({ complete: false, error: null, ...expected });
    expect(reports[0]?.incompleteReason).toBeTruthy();
  });

  it('throws when it is told to stop', async () => {
    const stop = new AbortController();
    const azure = graph(5000, () => void stop.abort(new Error('stopped')));
    await expect(collect(azure, waste, { signal: stop.signal })).rejects.toThrow();
  });
});

import { describe, expect, it } from 'vitest';
import type { Connector, TargetResource, WindowSpec } from '#core/connector.js';
import type { RecordKinds } from '#core/records.js';
import type { AzureApi } from '#connectors/azure/azure-api.js';
import { monitorConnector } from '#connectors/monitor/monitor.connector.js';
import { createConnectors } from '#connectors/registry.js';
import { FakeAzure, type FakeAnswer, type FakeRequest, RESOURCE_MANAGER_URL } from '#connectors/testing/fake-azure.js';
import { apiOver, readAll, subscription } from '#connectors/testing/read-harness.js';
import { type OfficialExample, officialExample, officialFolder } from './official-data.js';

const folder = officialFolder('azure-examples');

/** How one connector is shown an example: what is asked of it, and what has to come out. */
interface Case {
  readonly connector: string;
  readonly file: string;
  readonly window: WindowSpec;
  /** The connector with other settings than usual, where the example is about what is not read by default. */
  readonly connect?: (api: AzureApi) => Connector;
  readonly resources?: readonly TargetResource[];
  /** The example's answer as this connector would meet it: examples stand for single pages of other queries. */
  readonly answer: (body: any, request: FakeRequest) => FakeAnswer;
  readonly check: (records: readonly any[], body: any) => void;
}

const TENANT: WindowSpec = { scope: 'tenant', subscriptionId: null, range: null };
const EXAMPLE_SUBSCRIPTION = 'cfbbd179-59d2-4052-aa06-9270a38aa9d6';
const BILLED_SUBSCRIPTION = '00000000-0000-0000-0000-000000000000';

/** An example of Resource Graph, asked for by another query: the rows have to say whose they are, as ours ask. */
const graphPage = (body: any, { json }: FakeRequest): FakeAnswer => {
  const isInventory = String(json.query).startsWith('Resources');
  const data = isInventory ? body.data.map((row: object) => ({ ...row, subscriptionId: EXAMPLE_SUBSCRIPTION })) : [];
  const { $skipToken: _, ...rest } = body;
  return { json: { ...rest, totalRecords: data.length, count: data.length, data } };
};
const graphCheck: Case['check'] = (records: readonly RecordKinds['resource'][], body) => {
  expect(records.map(({ resourceId }) => resourceId.toLowerCase())).toEqual(
    body.data.map(({ id }: { id: string }) => id.toLowerCase()),
  );
};

/** The list of one subscription; examples never end, and Resource Graph would be asked before them. */
const advisorList = (body: any, { method, url }: FakeRequest): FakeAnswer => {
  if (method === 'POST') return { status: 403, json: { error: { code: 'AuthorizationFailed', message: 'no' } } };
  return { json: { value: url.pathname.includes(EXAMPLE_SUBSCRIPTION) ? body.value : [] } };
};

/** A storage account or a service of one, which are not read by default. */
const storage = (resourceId: string, type = 'microsoft.storage/storageaccounts'): TargetResource => ({
  resourceId: resourceId.toLowerCase(),
  subscriptionId: resourceId.split('/')[2]!,
  type,
  location: 'eastus',
});
const MEASURED = '12345678-abcd-1234-abcd-123456789abc';
const BLOBS = 'microsoft.storage/storageaccounts/blobservices';
const BLOB_SERVICE =
  '/subscriptions/1f3fa6d2-851c-4a91-9087-1a050f3a9c38/resourceGroups/todking/providers/Microsoft.Storage/storageAccounts/tkfileserv/blobServices/default';
const measuring =
  (resourceType: string, ...names: string[]) =>
  (api: AzureApi): Connector =>
    monitorConnector(api, [{ resourceType, metrics: names.map((name) => ({ name, value: 'average' })) }]);
/** What an example's metric has to come to: its points are those of all its series. */
const metricsOf = (resourceId: string, { value }: any) =>
  value.map(({ name, unit, timeseries }: any) => {
    const points: { average?: number }[] = timeseries.flatMap(({ data }: any) => data);
    const averages = points.flatMap(({ average }) => average ?? []);
    return [
      resourceId.toLowerCase(),
      name.value,
      unit,
      averages.length,
      Math.min(...averages) <= Math.max(...averages),
    ];
  });
const measured = (records: readonly RecordKinds['metric'][]) =>
  records.map((each) => [
    each.resourceId,
    each.metric,
    each.unit,
    each.sampleCount,
    each.minimum! <= each.average! && each.average! <= each.maximum!,
  ]);

/** One line per connector and example. */
const CASES: readonly Case[] = [
  {
    connector: 'subscriptions',
    file: 'subscriptions/GetSubscriptions.json',
    window: TENANT,
    // The example's link is three dots.
    answer: (body) => ({ json: { ...body, nextLink: null } }),
    check: (records: readonly RecordKinds['subscription'][], body) => {
      expect(records.map(({ subscriptionId, displayName, state }) => [subscriptionId, displayName, state])).toEqual(
        body.value.map((each: Record<string, string>) => [each['subscriptionId'], each['displayName'], each['state']]),
      );
    },
  },
  ...['ResourcesBasicQuery', 'ResourcesTenantBasicQuery', 'ResourcesFirstPageQuery', 'ResourcesNextPageQuery'].map(
    (name): Case => ({
      connector: 'resource-graph',
      file: `resourcegraph/${name}.json`,
      window: TENANT,
      answer: graphPage,
      check: graphCheck,
    }),
  ),
  {
    connector: 'cost-management',
    file: 'costmanagement/SubscriptionQuery.json',
    window: {
      scope: BILLED_SUBSCRIPTION,
      subscriptionId: BILLED_SUBSCRIPTION,
      range: { from: '2018-03-31', to: '2018-04-30' },
    },
    answer: (body, { json }) => costPage(body, json),
    check: (records: readonly RecordKinds['cost'][], body) => {
      const rows: unknown[][] = body.properties.rows;
      const days = rows.map((row) => String(row[2]).replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3'));
      expect([...new Set(records.map(({ day }) => day))].toSorted()).toEqual([...new Set(days)].toSorted());
      const amounts = new Set(records.map(({ cost }) => cost));
      expect(rows.filter((row) => !amounts.has(String(row[0])))).toEqual([]);
      expect(new Set(records.map(({ currency }) => currency))).toEqual(new Set(rows.map((row) => row[3])));
    },
  },
  {
    connector: 'advisor',
    file: 'advisor/ListRecommendations.json',
    window: TENANT,
    answer: advisorList,
    check: (records: readonly RecordKinds['recommendation'][], body) => {
      expect(records.map((each) => [each.sourceId, each.category, each.impact, each.title, each.resourceId])).toEqual(
        body.value.map(({ id, properties }: any) => [
          id.toLowerCase(),
          properties.category.toLowerCase(),
          properties.impact,
          properties.shortDescription.solution,
          properties.resourceMetadata.resourceId.toLowerCase(),
        ]),
      );
      // The example states no savings.
      expect(new Set(records.map(({ savingsMethod }) => savingsMethod))).toEqual(new Set(['guessed']));
    },
  },
  {
    connector: 'monitor',
    file: 'monitor/MetricBatchExample.json',
    window: { scope: MEASURED, subscriptionId: MEASURED, range: null },
    connect: measuring('microsoft.storage/storageaccounts', 'Ingress', 'Egress'),
    resources: ['TestStorage1', 'TestStorage2'].map((name) =>
      storage(
        `/subscriptions/${MEASURED}/resourceGroups/TestGroup/providers/Microsoft.Storage/storageAccounts/${name}`,
      ),
    ),
    answer: (json) => ({ json }),
    check: (records: readonly RecordKinds['metric'][], body) => {
      expect(measured(records)).toEqual(body.values.flatMap((each: any) => metricsOf(each.resourceid, each)));
      expect(new Set(records.map(({ intervalMinutes }) => intervalMinutes))).toEqual(new Set([15]));
    },
  },
  {
    connector: 'monitor',
    file: 'monitor/GetMetric.json',
    window: { scope: MEASURED, subscriptionId: MEASURED, range: null },
    connect: measuring(BLOBS, 'BlobCount', 'BlobCapacity'),
    resources: [storage(BLOB_SERVICE, BLOBS)],
    answer: (json, { method }) => (method === 'POST' ? { status: 403 } : { json }),
    check: (records: readonly RecordKinds['metric'][], body) => {
      expect(measured(records)).toEqual(metricsOf(BLOB_SERVICE, body));
      expect(new Set(records.map(({ intervalMinutes }) => intervalMinutes))).toEqual(new Set([60]));
    },
  },
];

/**
 * The example's rows as the answer to our query: its cost column under the name we sum, and a constant for every
 * dimension it was not asked for. The order of columns stays the example's, which differs from the wire's.
 */
function costPage(body: any, query: any): FakeAnswer {
  const measure: string = (Object.values(query.dataset.aggregation)[0] as { name: string }).name;
  const names: string[] = (query.dataset.grouping ?? []).map(({ name }: { name: string }) => name);
  const { columns, rows } = body.properties;
  const known = new Set<string>(columns.map(({ name }: { name: string }) => name));
  const missing = names.filter((name) => !known.has(name));
  return {
    json: {
      ...body,
      properties: {
        nextLink: null,
        columns: [
          ...columns.map((column: { name: string }) =>
            column.name === 'PreTaxCost' ? { ...column, name: measure } : column,
          ),
          ...missing.map((name) => ({ name, type: 'String' })),
        ],
        rows: rows.map((row: unknown[]) => [...row, ...missing.map((name) => `${name.toLowerCase()}-x`)]),
      },
    },
  };
}

describe.runIf(folder)("Microsoft's own examples", () => {
  const read = async ({ connector, window, connect, resources = [], answer }: Case, { responses }: OfficialExample) => {
    const azure = new FakeAzure((request) => answer(responses['200']?.body, request));
    const api = apiOver(azure);
    const found = connect?.(api) ?? createConnectors(api).find(({ id }) => id === connector);
    if (!found) throw new Error(`${connector} is not registered`);
    const subscriptions = [EXAMPLE_SUBSCRIPTION, BILLED_SUBSCRIPTION].map((subscriptionId) =>
      subscription({ subscriptionId }),
    );
    return { azure, outcome: await readAll(found, window, { subscriptions, resources }) };
  };

  it.each(CASES.map((each) => [each.file, each] as const))('%s passes through our connector', async (file, each) => {
    const example = officialExample(folder ?? '', file);
    const { azure, outcome } = await read(each, example);
    expect(outcome.proof.incompleteReason).toBeNull();
    expect(outcome.records.length).toBeGreaterThan(0);
    each.check(outcome.records, example.responses['200']?.body);
    expect(azure.requests.every(({ url }) => url.origin === RESOURCE_MANAGER_URL)).toBe(true);
  });
});

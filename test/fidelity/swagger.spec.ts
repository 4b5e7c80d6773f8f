import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureApi } from '#connectors/azure/azure-api.js';
import { createConnectors } from '#connectors/registry.js';
import { FakeBudget } from '#connectors/testing/fake-budget.js';
import { subscription } from '#connectors/testing/read-harness.js';
import { systemClock } from '#core/clock.js';
import type { RecordKinds } from '#core/records.js';
import { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';
import { type Exchange, RecordingHttpClient, exchangeByHand } from './exchange.js';
import { serves } from './endpoints.js';
import { officialFolder } from './official-data.js';
import { SwaggerReferee, type Verdict } from './swagger-referee.js';

const folder = officialFolder('azure-specs');
const client = await SandboxClient.start({ subscriptions: 3, resources: 60 });
const hasAdvisor = await serves(client, 'advisor');
const hasMonitor = await serves(client, 'monitor');
afterAll(() => client.stop());

describe.runIf(folder)("by Microsoft's own description of its APIs", { timeout: 120_000 }, () => {
  let referee: SwaggerReferee;
  const verdicts: Verdict[] = [];
  beforeAll(async () => {
    referee = await SwaggerReferee.open(folder ?? '');
  }, 120_000);
  afterAll(() => {
    const count = (outcome: Verdict['outcome']): number => verdicts.filter((each) => each.outcome === outcome).length;
    const setAside = new Set(verdicts.flatMap((each) => each.setAside));
    const outside = new Set(
      verdicts.filter(({ outcome }) => outcome === 'unrefereed').map(({ exchange }) => described(exchange)),
    );
    process.stdout.write(
      `fidelity: ${verdicts.length} exchanges, ${count('valid')} valid, ${count('invalid')} invalid, ` +
        `${count('unrefereed')} unrefereed (no document for the api-version)\n` +
        [...setAside].map((reason) => `  set aside: ${reason}\n`).join('') +
        [...outside].map((what) => `  unrefereed: ${what}\n`).join(''),
    );
  });

  const judge = async (exchange: Exchange): Promise<Verdict> => {
    const verdict = await referee.judge(exchange);
    verdicts.push(verdict);
    return verdict;
  };
  const complaints = (list: readonly Verdict[]): string[] =>
    list.flatMap(({ exchange, findings }) =>
      findings.map(
        ({ side, code, path, message }) =>
          `${described(exchange)} ${exchange.status} ${side} ${code} ${path}: ${message}`,
      ),
    );

  it('our connectors ask, and the sandbox answers, as described', async () => {
    const httpClient = new RecordingHttpClient(client.ca);
    const api = new AzureApi({
      resourceManagerUrl: client.sandbox.url,
      metricsUrlTemplate: client.sandbox.metricsUrlTemplate,
      retailPricesUrl: client.sandbox.retailPricesUrl,
      budget: new FakeBudget(systemClock),
      quotas: { limits: 'off', reserve: 0 },
      authorityHost: client.sandbox.url,
      credentials: { default: { ...client.sandbox.application }, byRef: {} },
      clientType: 'azcops',
      userAgent: 'azcops/test',
      clock: systemClock,
      random: () => 0,
      logger: pino({ level: 'silent' }),
      httpClient,
    });
    const tenant = { id: 'home', azureTenantId: client.sandbox.homeTenantId, credentialRef: null };
    const subscriptions = [0, 1, 2].map((index) => subscription({ subscriptionId: client.subscription(index) }));
    const now = new Date('2026-03-20T10:00:00Z');
    const inventory: RecordKinds['resource'][] = [];
    for (const connector of createConnectors(api)) {
      httpClient.by = connector.id;
      const types = connector.resourceTypes ?? [];
      const resources = inventory.filter(({ type }) => types.includes(type));
      const counts = new Map(subscriptions.map(({ subscriptionId }) => [subscriptionId, resources.length]));
      const range = { from: '2026-03-01', to: '2026-03-10' };
      const plan = { mode: 'full', now, range, tenant, subscriptions, backfillMonths: 0 } as const;
      const regions = new Map(
        resources.map(({ location, subscriptionId }) => [location ?? 'global', [subscriptionId]]),
      );
      const windows = connector.windows({ ...plan, resources: counts, regions, currencies: ['EUR'], callsLeft: null });
      for (const window of windows.slice(0, 2)) {
        const read = connector.read(window, {
          tenant,
          subscriptions,
          resources: resources.filter(({ subscriptionId }) => subscriptionId === window.subscriptionId),
          keep: () => Promise.resolve(),
          recall: () => Promise.resolve(null),
          clock: systemClock,
          logger: pino({ level: 'silent' }),
          signal: new AbortController().signal,
        });
        for (let step = await read.next(); ; step = await read.next()) {
          if (!step.done && connector.produces === 'resource') inventory.push(...(step.value as typeof inventory));
          if (step.done) {
            expect([connector.id, step.value.incompleteReason]).toEqual([connector.id, null]);
            break;
          }
        }
      }
      expect(httpClient.exchanges.filter(({ by }) => by === connector.id).length).toBeGreaterThan(0);
    }
    const judged: Verdict[] = [];
    for (const exchange of httpClient.exchanges) judged.push(await judge(exchange));
    expect(complaints(judged)).toEqual([]);
    // Every version our connectors speak has to have a referee, except where there is none to have: Microsoft describes the
    // price list nowhere, and Compute's sizes in a document that is not among those at hand.
    const withoutReferee = new Set(['retail-prices', 'compute-skus']);
    expect(
      judged
        .filter(({ outcome, exchange }) => outcome === 'unrefereed' && !withoutReferee.has(exchange.by))
        .map(({ exchange }) => described(exchange)),
    ).toEqual([]);
  });

  const graph = (body: object, version = '2022-10-01') =>
    ['POST', `/providers/Microsoft.ResourceGraph/resources?api-version=${version}`, body] as const;
  const cost = (dataset: object, rest: object = {}, version = '2023-11-01', parameters = '') =>
    [
      'POST',
      `/subscriptions/${client.subscription(0)}/providers/Microsoft.CostManagement/query?api-version=${version}${parameters}`,
      {
        type: 'ActualCost',
        timeframe: 'Custom',
        timePeriod: { from: '2026-03-01T00:00:00Z', to: '2026-03-10T23:59:59Z' },
        dataset: { granularity: 'Daily', ...dataset },
        ...rest,
      },
    ] as const;
  const sum = { aggregation: { totalCost: { name: 'Cost', function: 'Sum' } } };
  const root = (): string => `/subscriptions/${client.subscription(0)}`;

  it.each<[string, () => readonly [method: string, target: string, body?: object]]>([
    ['subscriptions', () => ['GET', '/subscriptions?api-version=2022-12-01']],
    ['subscriptions, older', () => ['GET', '/subscriptions?api-version=2021-01-01']],
    ['a subscription', () => ['GET', `${root()}?api-version=2022-12-01`]],
    [
      'an unknown subscription',
      () => ['GET', '/subscriptions/00000000-0000-0000-0000-000000000000?api-version=2022-12-01'],
    ],
    ['tenants', () => ['GET', '/tenants?api-version=2022-12-01']],
    ['a tenant query', () => graph({ query: 'Resources | project id, tags | order by id asc', options: { $top: 5 } })],
    ['a table', () => graph({ query: 'Resources | summarize count() by type', options: { resultFormat: 'table' } })],
    ['a query of the older version', () => graph({ query: 'Resources | count' }, '2021-03-01')],
    ['containers', () => graph({ query: 'ResourceContainers', subscriptions: [client.subscription(0)] })],
    ['a query that is none', () => graph({ query: 'Resources | where where' })],
    ['daily costs', () => cost({ ...sum, grouping: [{ type: 'Dimension', name: 'ResourceGroupName' }] })],
    [
      'costs of the month',
      () => cost({ ...sum, granularity: 'None' }, { timeframe: 'MonthToDate', timePeriod: undefined }),
    ],
    ['costs by month', () => cost({ ...sum, granularity: 'Monthly' })],
    ['costs of the client library', () => cost(sum, {}, '2022-10-01')],
    ['costs of 2023-03-01', () => cost(sum, {}, '2023-03-01')],
    [
      'filtered costs',
      () => cost({ ...sum, filter: { dimensions: { name: 'ServiceName', operator: 'In', values: ['Storage'] } } }),
    ],
    ['costs by tag', () => cost({ ...sum, grouping: [{ type: 'TagKey', name: 'environment' }] })],
    [
      'three groupings',
      () =>
        cost({ ...sum, grouping: ['ResourceId', 'ServiceName', 'Meter'].map((name) => ({ type: 'Dimension', name })) }),
    ],
    [
      'costs without data',
      () => cost(sum, { timePeriod: { from: '2027-01-01T00:00:00Z', to: '2027-01-31T00:00:00Z' } }),
    ],
    ['an unknown dimension', () => cost({ ...sum, grouping: [{ type: 'Dimension', name: 'myTag' }] })],
  ])('%s', async (_, requestOf) => {
    const [method, target, body] = requestOf();
    const verdict = await judge(await exchangeByHand(client, method, target, { body }));
    expect(complaints([verdict])).toEqual([]);
    expect(verdict.outcome).toBe('valid');
  });

  it('says so where a version has no document', async () => {
    for (const [method, target, body] of [
      graph({ query: 'Resources | count' }, '2024-04-01'),
      cost(sum, {}, '2025-03-01'),
    ]) {
      const verdict = await judge(await exchangeByHand(client, method, target, { body }));
      expect([verdict.exchange.status, verdict.outcome]).toEqual([200, 'unrefereed']);
    }
  });

  const recommendations = (version: string, parameters = '') =>
    ['GET', `${root()}/providers/Microsoft.Advisor/recommendations?api-version=${version}${parameters}`] as const;
  it.runIf(hasAdvisor).each<[string, () => readonly [method: string, target: string]]>([
    ['recommendations', () => recommendations('2023-01-01')],
    ['recommendations of the client library', () => recommendations('2020-01-01')],
    ['recommendations of cost, paged', () => recommendations('2023-01-01', "&$filter=Category eq 'Cost'&$top=2")],
    ['suppressions', () => ['GET', `${root()}/providers/Microsoft.Advisor/suppressions?api-version=2023-01-01`]],
    [
      'generating them',
      () => ['POST', `${root()}/providers/Microsoft.Advisor/generateRecommendations?api-version=2023-01-01`],
    ],
  ])('%s', async (_, requestOf) => {
    const [method, target] = requestOf();
    const verdict = await judge(await exchangeByHand(client, method, target));
    expect(complaints([verdict])).toEqual([]);
    expect([verdict.outcome, verdict.exchange.status < 300]).toEqual(['valid', true]);
  });

  const MACHINES =
    "Resources | where type == 'microsoft.compute/virtualmachines' | project id, location | order by id asc | limit 2";
  const machines = async (): Promise<{ id: string; location: string }[]> => {
    const [method, target, body] = graph({ query: MACHINES, subscriptions: [client.subscription(0)] });
    const { responseBody } = await exchangeByHand(client, method, target, { body });
    return (JSON.parse(responseBody) as { data: { id: string; location: string }[] }).data;
  };
  it.runIf(hasMonitor).each(['2018-01-01', '2019-07-01', '2023-10-01', '2024-02-01'])(
    'metrics of %s',
    async (version) => {
      const [machine] = await machines();
      const query = `api-version=${version}&timespan=2026-03-10T00:00:00Z/2026-03-12T00:00:00Z&interval=PT1H&aggregation=average,maximum`;
      for (const names of ['Percentage CPU', 'No Such Metric']) {
        const target = `${machine?.id}/providers/Microsoft.Insights/metrics?${query}&metricnames=${names}`;
        const verdict = await judge(await exchangeByHand(client, 'GET', encodeURI(target)));
        expect(complaints([verdict])).toEqual([]);
        expect(verdict.outcome).toBe('valid');
      }
    },
  );
  it.runIf(hasMonitor).each(['2023-10-01', '2024-02-01'])('metrics of many resources, %s', async (version) => {
    const found = await machines();
    // One request covers one region.
    const body = { resourceids: found.filter(({ location }) => location === found[0]?.location).map(({ id }) => id) };
    const query = `api-version=${version}&starttime=2026-03-10T00:00:00Z&endtime=2026-03-12T00:00:00Z&interval=PT1H&aggregation=average&metricnamespace=microsoft.compute/virtualmachines&metricnames=Percentage CPU`;
    const target = encodeURI(`${root()}/metrics:getBatch?${query}`);
    const verdict = await judge(await exchangeByHand(client, 'POST', target, { body }));
    expect(complaints([verdict])).toEqual([]);
    expect([verdict.outcome, verdict.exchange.status]).toEqual(['valid', 200]);
  });

  it.each(['unsupported-offer', 'rbac-access-denied', 'empty-rows', 'empty-object', 'no-data'])(
    'costs answered with %s',
    async (answer) => {
      await client.admin('PUT', `/subscriptions/${client.subscription(0)}/cost`, { answer });
      const [method, target, body] = cost(sum);
      const verdict = await judge(await exchangeByHand(client, method, target, { body }));
      await client.admin('PUT', `/subscriptions/${client.subscription(0)}/cost`, { answer: 'normal' });
      expect(complaints([verdict])).toEqual([]);
    },
  );

  it.each(['resource-manager', 'resource-graph', 'cost-management'])('too many requests to %s', async (service) => {
    await client.admin('POST', '/faults', { service, throttle: true });
    const [method, target, body] = {
      'resource-manager': ['GET', '/subscriptions?api-version=2022-12-01', undefined] as const,
      'resource-graph': graph({ query: 'Resources | count' }),
      'cost-management': cost(sum),
    }[service] ?? ['GET', '/', undefined];
    const exchange = await exchangeByHand(client, method, target, { body });
    expect(exchange.status).toBe(429);
    expect(complaints([await judge(exchange)])).toEqual([]);
  });

  describe('the referee notices', () => {
    const spoilt: [string, () => readonly [string, string, object?], (exchange: Exchange) => Exchange, RegExp][] = [
      [
        'a boolean where the wire has text',
        () => graph({ query: 'Resources | count' }),
        (exchange) => ({
          ...exchange,
          responseBody: exchange.responseBody.replace('"resultTruncated":"false"', '"resultTruncated":false'),
        }),
        /response .*(INVALID_TYPE|ENUM)/,
      ],
      [
        'a missing total',
        () => graph({ query: 'Resources | count' }),
        (exchange) => ({ ...exchange, responseBody: exchange.responseBody.replace('"totalRecords"', '"total"') }),
        /response OBJECT_MISSING_REQUIRED_PROPERTY/,
      ],
      [
        'rows that are no rows',
        () => cost(sum),
        (exchange) => ({ ...exchange, responseBody: exchange.responseBody.replace(/"rows":\[.*\]/, '"rows":"none"') }),
        /response INVALID_TYPE/,
      ],
      [
        'a query without its text',
        () => graph({ query: 'Resources | count' }),
        (exchange) => ({ ...exchange, requestBody: '{"options":{}}' }),
        /request OBJECT_MISSING_REQUIRED_PROPERTY/,
      ],
      [
        'a timeframe nobody knows',
        () => cost(sum),
        (exchange) => ({ ...exchange, requestBody: exchange.requestBody.replace('"Custom"', '7') }),
        /request INVALID_TYPE/,
      ],
    ];
    it.each(spoilt)('%s', async (_, requestOf, spoil, expected) => {
      const [method, target, body] = requestOf();
      const exchange = await exchangeByHand(client, method, target, { body });
      const verdict = await referee.judge(spoil(exchange));
      expect(complaints([verdict]).join('\n')).toMatch(expected);
    });
  });
});

function described({ by, method, url }: Exchange): string {
  const { pathname, searchParams } = new URL(url);
  const path = pathname.replace(/\/subscriptions\/[^/]+/, '/subscriptions/{id}');
  return `${by}: ${method} ${path} ${searchParams.get('api-version') ?? ''}`;
}

import { AdvisorManagementClient } from '@azure/arm-advisor';
import { CostManagementClient } from '@azure/arm-costmanagement';
import { MonitorClient } from '@azure/arm-monitor';
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import { ClientSecretCredential } from '@azure/identity';
import { MetricsClient } from '@azure/monitor-query-metrics';
import { DataLakeServiceClient } from '@azure/storage-file-datalake';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { SandboxClient } from '../../apps/sandbox/testing/sandbox-client.js';
import { serves } from './endpoints.js';

const client = await SandboxClient.start({ subscriptions: 3, resources: 60 });
const hasAdvisor = await serves(client, 'advisor');
const hasMonitor = await serves(client, 'monitor');
afterAll(() => client.stop());
afterEach(() => client.admin('DELETE', '/faults'));

const ARM_SCOPE = 'https://management.azure.com/.default';
const tlsOptions = { ca: client.ca };
const credential = (tenant = 0): ClientSecretCredential => {
  const { application, tenants, url } = client.sandbox;
  return new ClientSecretCredential(tenants[tenant]?.tenantId ?? '', application.clientId, application.clientSecret, {
    authorityHost: url,
    disableInstanceDiscovery: true,
    tlsOptions,
  });
};
/** The endpoint and the trust are all that differs from Azure; both generations of clients name the scope differently. */
const options = {
  endpoint: client.sandbox.url,
  tlsOptions,
  credentialScopes: ARM_SCOPE,
  credentials: { scopes: [ARM_SCOPE] },
  retryOptions: { retryDelayInMs: 10, maxRetryDelayInMs: 50 },
};
const statuses = async (service: string): Promise<number[]> =>
  (await client.admin('GET', '/requests')).requests
    .filter((request: { service: string }) => request.service === service)
    .map(({ status }: { status: number }) => status);
const subscriptionId = client.subscription(0);

describe('the client of subscriptions', () => {
  it('lists those of each tenant', async () => {
    for (const [index, tenant] of client.sandbox.tenants.entries()) {
      const subscriptions = new SubscriptionClient(credential(index), options);
      const found: unknown[] = [];
      for await (const each of subscriptions.subscriptions.list()) found.push([each.subscriptionId, each.tenantId]);
      expect(found).toEqual(tenant.subscriptions.map((each) => [each.subscriptionId, tenant.tenantId]));
    }
  });

  it('understands refusals', async () => {
    const { subscriptions } = new SubscriptionClient(credential(), options);
    await expect(subscriptions.get(client.subscription(0, 1))).rejects.toMatchObject({
      statusCode: 401,
      code: 'InvalidAuthenticationTokenTenant',
    });
  });

  it('fetches a new token when the old one is challenged', async () => {
    await client.admin('DELETE', '/requests');
    await client.admin('POST', '/faults', { service: 'resource-manager', claimsChallenge: true });
    const { subscriptions } = new SubscriptionClient(credential(), options);
    expect((await subscriptions.get(subscriptionId)).displayName).toContain('Contoso');
    expect(await statuses('resource-manager')).toEqual([401, 200]);
    expect((await statuses('entra')).filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
  });
});

describe('the client of Resource Graph', () => {
  const graph = new ResourceGraphClient(credential(), options);
  const query = 'Resources | project id, type, tags | order by id asc';

  it('pages to the announced total', async () => {
    const ids = new Set<string>();
    let skipToken: string | undefined;
    let total = -1;
    do {
      const page = await graph.resources({ query, options: { top: 25, skipToken, resultFormat: 'objectArray' } });
      for (const { id } of page.data) ids.add(id);
      total = page.totalRecords;
      ({ skipToken } = page);
    } while (skipToken !== undefined);
    expect(ids.size).toBe(total);
    expect(total).toBeGreaterThan(100);
  });

  it('sits out throttling, whose wait it finds in Retry-After', async () => {
    await client.admin('DELETE', '/requests');
    await client.admin('POST', '/faults', { service: 'resource-graph', throttle: true, retryAfterSeconds: 0 });
    expect((await graph.resources({ query })).totalRecords).toBeGreaterThan(0);
    expect(await statuses('resource-graph')).toEqual([429, 200]);
  });

  it('names the reason of a refusal', async () => {
    await expect(graph.resources({ query: 'Resources | where where' })).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
    });
  });
});

describe('the client of Cost Management', () => {
  const costs = new CostManagementClient(credential(), options);
  const definition = {
    type: 'ActualCost',
    timeframe: 'Custom',
    timePeriod: { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-10T23:59:59Z') },
    dataset: { granularity: 'Daily', aggregation: { totalCost: { name: 'Cost', function: 'Sum' } } },
  };
  const scope = `subscriptions/${subscriptionId}`;

  it('reads days and their costs', async () => {
    const { rows = [], columns = [] } = await costs.query.usage(scope, definition);
    expect(columns.map(({ name }) => name)).toEqual(['Cost', 'UsageDate', 'Currency']);
    expect(rows.map((row) => row[1])).toEqual(Array.from({ length: 10 }, (_, day) => 20260301 + day));
  });

  it('makes nothing of a scope without data', async () => {
    await client.admin('PUT', `/subscriptions/${subscriptionId}/cost`, { answer: 'no-data' });
    const answer = await costs.query.usage(scope, definition);
    await client.admin('PUT', `/subscriptions/${subscriptionId}/cost`, { answer: 'normal' });
    expect(answer.rows).toBeUndefined();
  });

  it('gives up at once where no Retry-After says when to come back', async () => {
    await client.admin('DELETE', '/requests');
    await client.admin('POST', '/faults', { service: 'cost-management', throttle: true });
    await expect(costs.query.usage(scope, definition)).rejects.toMatchObject({ statusCode: 429, code: '429' });
    expect(await statuses('cost-management')).toEqual([429]);
  });
});

describe('the client of the Data Lake', () => {
  it('stores, lists and reads files', async () => {
    const { origin } = new URL(client.sandbox.rawStorageUrl);
    const lake = new DataLakeServiceClient(`${origin}/lake`, credential(), { tlsOptions } as object);
    const files = lake.getFileSystemClient('fidelity');
    await files.createIfNotExists();
    const file = files.getFileClient('folder/answer.json');
    await file.upload(Buffer.from('{"a":1}'), { conditions: { ifNoneMatch: '*' } });
    await expect(file.upload(Buffer.from('{}'), { conditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({
      statusCode: 409,
      code: 'PathAlreadyExists',
    });
    const names: (string | undefined)[] = [];
    for await (const each of files.listPaths({ recursive: true })) names.push(each.name);
    expect(names).toContain('folder/answer.json');
    expect((await file.readToBuffer()).toString()).toBe('{"a":1}');
  });
});

describe.runIf(hasAdvisor)('the client of Advisor', () => {
  it('lists recommendations, page after page', async () => {
    const { recommendations } = new AdvisorManagementClient(credential(), subscriptionId, options);
    const all: string[] = [];
    for await (const each of recommendations.list({ filter: "Category eq 'Cost'" })) {
      expect(each.category).toBe('Cost');
      all.push(each.id ?? '');
    }
    const paged: string[] = [];
    for await (const page of recommendations.list({ filter: "Category eq 'Cost'", top: 2 }).byPage()) {
      expect(page.length).toBeLessThanOrEqual(2);
      paged.push(...page.map(({ id = '' }) => id));
    }
    expect(all.length).toBeGreaterThan(0);
    expect(paged).toEqual(all);
  });
});

describe.runIf(hasMonitor)('the clients of Monitor', () => {
  const timespan = '2026-03-10T00:00:00Z/2026-03-12T00:00:00Z';
  const machine = async (): Promise<{ id: string; location: string }> => {
    const graph = new ResourceGraphClient(credential(), options);
    const { data } = await graph.resources({
      subscriptions: [subscriptionId],
      query:
        "Resources | where type == 'microsoft.compute/virtualmachines' and properties.extended.instanceView.powerState.code == 'PowerState/running' | project id, location | order by id asc",
    });
    return data[0];
  };

  it('read the metrics of one resource', async () => {
    const { metrics } = new MonitorClient(credential(), subscriptionId, options);
    const answer = await metrics.list((await machine()).id, {
      timespan,
      interval: 'PT1H',
      metricnames: 'Percentage CPU',
      aggregation: 'average,maximum',
    });
    const [metric] = answer.value;
    expect(metric?.name.value).toBe('Percentage CPU');
    expect(metric?.timeseries[0]?.data).toHaveLength(48);
    expect(typeof metric?.timeseries[0]?.data?.find(({ average }) => average !== undefined)?.average).toBe('number');
  });

  it('read the metrics of many resources at once', async () => {
    const { id } = await machine();
    const batch = new MetricsClient(client.sandbox.url, credential(), { tlsOptions } as object);
    const answers = await batch.queryResources([id], ['Percentage CPU'], 'microsoft.compute/virtualmachines', {
      startTime: new Date('2026-03-10T00:00:00Z'),
      endTime: new Date('2026-03-12T00:00:00Z'),
      interval: 'PT1H',
      aggregation: 'average',
    });
    expect(answers[0]?.resourceId?.toLowerCase()).toBe(id.toLowerCase());
    expect(answers[0]?.metrics[0]?.timeseries[0]?.data).toHaveLength(48);
  });
});

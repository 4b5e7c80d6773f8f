import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { systemClock } from '#core/clock.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { auditLogList } from '../audit-logs/audit-logs.schema.js';
import { costList, costSummary, revisionList } from '../costs/costs.schema.js';
import { health, liveness } from '../health/health.schema.js';
import { runList, runStatus } from '../ingestion/ingestion.schema.js';
import { recommendationView, recommendationList, savingsSummary } from '../recommendations/recommendations.schema.js';
import { resourceMetricList } from '../resource-metrics/resource-metrics.schema.js';
import { resourceList } from '../resources/resources.schema.js';
import { subscription, subscriptionList } from '../subscriptions/subscriptions.schema.js';
import { tenant, tenantList } from '../tenants/tenants.schema.js';
import { strict } from '../testing/strict-schema.js';
import { TestApi, type Answer } from '../testing/test-api.js';
import { CONTOSO, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { utilisationList } from '../virtual-machines/virtual-machines.schema.js';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  // When the estate's metrics were read.
  const now = () => new Date('2026-03-15T06:00:00Z');
  api = await TestApi.start({ databaseUrl: database.apiUrl, clock: { ...systemClock, now } });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** The answer, which has exactly the documented members. */
function documented<Schema extends z.ZodType>(schema: Schema, answer: Answer, status = 200): z.infer<Schema> {
  expect(answer.status, answer.text).toBe(status);
  return strict(schema).parse(answer.json);
}
const get = (url: string) => api.call('GET', url);

describe('answers have exactly the documented shape', () => {
  it('health', async () => {
    const expected = { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/), database: 'up' };
    expect(documented(health, await get('/health'))).toEqual(expected);
    expect(documented(health, await get('/health/ready'))).toEqual(expected);
    documented(liveness, await get('/health/live'));
  });

  it('tenants', async () => {
    const { items } = documented(tenantList, await get('/api/v1/tenants'));
    expect(items.map(({ name }) => name)).toEqual(['Contoso', 'Fabrikam 100%_real']);
    expect(documented(tenant, await get(`/api/v1/tenants/${estate.contoso}`))).toEqual(items[0]);
    expect(documented(tenantList, await get(`/api/v1/tenants?azure_tenant_id=${CONTOSO}&type=external`)).total).toBe(1);
  });

  it('subscriptions', async () => {
    const list = documented(
      subscriptionList,
      await get(`/api/v1/subscriptions?subscription_id=${SUBSCRIPTION.contoso.toUpperCase()}`),
    );
    expect(list.items).toHaveLength(1);
    expect(documented(subscription, await get(`/api/v1/subscriptions/${list.items[0]!.id}`))).toEqual(list.items[0]);
  });

  it('resources', async () => {
    const total = async (query: string) => documented(resourceList, await get(`/api/v1/resources?${query}`)).total;
    expect(await total('')).toBe(4);
    expect(await total(`tenant_id=${estate.contoso}&type=Microsoft.Compute/virtualMachines&location=WestEurope`)).toBe(
      2,
    );
    expect(await total('resource_group=RG&q=VM')).toBe(2);
    expect(await total('tag=env')).toBe(2);
    expect(await total('tag=env:prod')).toBe(2);
    expect(await total('tag=env:test')).toBe(0);
    expect(await total('tag=cost%20center:42')).toBe(2);
    expect(await total('include_deleted=true')).toBe(4);
  });

  it('metrics of resources', async () => {
    const list = documented(resourceMetricList, await get(`/api/v1/resource-metrics?tenant_id=${estate.contoso}`));
    expect(list.items.map(({ metric, average }) => `${metric} ${average}`)).toEqual([
      'Available Memory Percentage 70',
      'Percentage CPU 5.25',
    ]);
  });

  it('the use of virtual machines', async () => {
    const url = `/api/v1/virtual-machines/utilisation?tenant_id=${estate.contoso}`;
    const list = documented(utilisationList, await get(url));
    expect(list.items.map(({ name, verdict }) => `${name} ${verdict}`)).toEqual([
      'db not_evaluated',
      'vm underutilised',
    ]);
  });

  it('recommendations', async () => {
    const list = documented(recommendationList, await get(`/api/v1/recommendations?tenant_id=${estate.contoso}`));
    expect(list.items).toMatchObject([
      { id: estate.contosoFinding, estimated_monthly_savings: '10.5', confidence: '0.9' },
    ]);
    const one = documented(recommendationView, await get(`/api/v1/recommendations/${estate.contosoFinding}`));
    expect(one).toMatchObject(list.items[0]!);
    documented(savingsSummary, await get('/api/v1/recommendations/summary'));
  });

  it('cost records, with exact decimals', async () => {
    const list = documented(costList, await get(`/api/v1/costs?tenant_id=${estate.contoso}&sort=-cost`));
    expect(list.items.map((row) => `${row.date} ${row.cost} ${row.amortized_cost} ${row.currency}`)).toEqual([
      '2026-03-02 100 null USD',
      '2026-03-01 12.34 10.5 EUR',
      '2026-03-01 0.00000012 null EUR',
      '2026-03-02 -3.1 null EUR',
    ]);
    const one = `resource_id=${encodeURIComponent(list.items[1]!.resource_id!.toUpperCase())}&service_name=Virtual%20Machines`;
    expect(
      documented(costList, await get(`/api/v1/costs?${one}&from=2026-03-01&to=2026-03-01&currency=eur`)).total,
    ).toBe(1);
  });

  it('grouped costs, which never add currencies', async () => {
    const rows = async (query: string) =>
      documented(costList, await get(`/api/v1/costs?tenant_id=${estate.contoso}&${query}`)).items;
    expect(await rows('granularity=none')).toEqual([
      { currency: 'EUR', cost: '9.24000012', amortized_cost: '10.5' },
      { currency: 'USD', cost: '100', amortized_cost: null },
    ]);
    expect(await rows('granularity=monthly&currency=USD')).toEqual([
      { date: '2026-03-01', currency: 'USD', cost: '100', amortized_cost: null },
    ]);
    expect(await rows('group_by=service_name,provider&from=2026-03-02&sort=-cost')).toEqual([
      {
        date: '2026-03-02',
        service_name: 'SQL Database',
        provider: 'Microsoft',
        currency: 'USD',
        cost: '100',
        amortized_cost: null,
      },
      {
        date: '2026-03-02',
        service_name: 'Virtual Machines',
        provider: 'Microsoft',
        currency: 'EUR',
        cost: '-3.1',
        amortized_cost: null,
      },
    ]);
    const many =
      'group_by=meter_category&group_by=publisher,pricing_model&granularity=none&currency=EUR&meter_category=SQL%20Database';
    expect(await rows(many)).toEqual([
      {
        meter_category: 'SQL Database',
        publisher: 'Microsoft',
        pricing_model: 'OnDemand',
        currency: 'EUR',
        cost: '0.00000012',
        amortized_cost: null,
      },
    ]);
  });

  it('the summary', async () => {
    const summary = documented(
      costSummary,
      await get(`/api/v1/costs/summary?from=2026-03-01&to=2026-03-02&tenant_id=${estate.contoso}`),
    );
    expect(summary).toMatchObject({
      from: '2026-03-01',
      to: '2026-03-02',
      previous: { from: '2026-02-27', to: '2026-02-28' },
      by_provider: [
        { provider: 'Microsoft', currency: 'USD', cost: '100' },
        { provider: 'Microsoft', currency: 'EUR', cost: '9.24000012' },
      ],
    });
    expect(summary.totals[0]).toMatchObject({
      currency: 'EUR',
      change_ratio: null,
      reason: expect.stringContaining('previous period'),
    });
    expect(summary.daily.map(({ date, currency, cost }) => [date, currency, cost])).toEqual([
      ['2026-03-01', 'EUR', '12.34000012'],
      ['2026-03-02', 'USD', '100'],
      ['2026-03-02', 'EUR', '-3.1'],
    ]);
    const empty = documented(costSummary, await get('/api/v1/costs/summary?from=2000-01-01&to=2000-01-31'));
    expect(empty).toMatchObject({ totals: [], by_service: [], daily: [] });
    expect(empty.incomplete).toHaveLength(2);
    documented(costSummary, await get('/api/v1/costs/summary'));
  });

  it('revisions', async () => {
    const list = documented(
      revisionList,
      await get(`/api/v1/costs/revisions?subscription_id=${SUBSCRIPTION.contoso}&from=2026-03-01`),
    );
    expect(list.items).toMatchObject([
      { old_cost: '12.3', new_cost: '12.34', old_amortized_cost: null, old_rows: 1, new_rows: 2 },
    ]);
  });

  it('runs', async () => {
    const list = documented(
      runList,
      await get(`/api/v1/ingestion/runs?tenant_id=${estate.contoso}&status=partially_succeeded`),
    );
    expect(list.items).toMatchObject([
      { run_id: estate.contosoRun, progress: { windows_done: 2, windows_total: 2, rows: 3 } },
    ]);
    const status = documented(runStatus, await get(`/api/v1/ingestion/status/${estate.contosoRun}`));
    expect(status).toMatchObject({
      subscriptions: { processed: 1, failed: 1, skipped: 0 },
      totals: [{ currency: 'EUR', cost: '9.24', amortized_cost: null }],
    });
    const failed = status.windows.find((window) => window.status === 'failed');
    expect(failed).toMatchObject({ proof: null, action: expect.stringContaining('Cost Management Reader') });
    const succeeded = status.windows.find((window) => window.status === 'succeeded');
    expect(succeeded).toMatchObject({ from: '2026-03-01', proof: { pages: 1, rows: 3, expected: 3, sha256: [] } });
  });

  it('audit logs', async () => {
    const list = documented(auditLogList, await get('/api/v1/audit-logs?action=tenant.create&sort=created_at'));
    expect(list.total).toBe(2);
  });

  it('lists with any documented order', async () => {
    const orders: Record<string, string[]> = {
      tenants: ['name', 'created_at'],
      subscriptions: ['display_name', 'subscription_id', 'created_at'],
      resources: ['resource_id', 'name', 'type', 'last_seen_at'],
      'resource-metrics': ['resource_id', 'metric'],
      'virtual-machines/utilisation': ['resource_id', 'name'],
      recommendations: ['estimated_monthly_savings', 'last_seen_at'],
      costs: ['date', 'cost', 'amortized_cost'],
      'costs/revisions': ['revised_at', 'date'],
      'ingestion/runs': ['created_at'],
      'audit-logs': ['created_at'],
    };
    for (const [list, fields] of Object.entries(orders)) {
      for (const field of fields) {
        const up = (await get(`/api/v1/${list}?sort=${field}`)).json.items;
        const down = (await get(`/api/v1/${list}?sort=-${field}`)).json.items;
        expect(up.length).toBeGreaterThan(1);
        expect(down, `${list} by ${field}`).toEqual(up.toReversed());
      }
    }
  });
});

describe('writing', () => {
  const azureTenantId = '20000000-0000-4000-8000-0000000000c1';

  it('a tenant: create, conflict, change, remove, revive; each leaves its audit entry', async () => {
    const body = { name: 'New ünïcode 💶', azure_tenant_id: azureTenantId.toUpperCase(), credential_ref: 'NEW_1' };
    const headers = { 'x-correlation-id': 'writing-1' };
    const created = documented(tenant, await api.call('POST', '/api/v1/tenants', { body, headers }), 201);
    expect(created).toMatchObject({ ...body, azure_tenant_id: azureTenantId, type: 'external' });
    const url = `/api/v1/tenants/${created.id}`;
    expect(documented(tenant, await get(url))).toEqual(created);

    const duplicate = await api.call('POST', '/api/v1/tenants', { body });
    expect([duplicate.status, duplicate.json.code]).toEqual([409, 'conflict']);

    const change = { name: 'Renamed', credential_ref: null };
    const changed = documented(tenant, await api.call('PATCH', url, { body: change, headers }));
    expect(changed).toMatchObject({ ...created, ...change, updated_at: expect.any(String) });
    expect(Date.parse(changed.updated_at)).toBeGreaterThan(Date.parse(created.updated_at));

    const removed = await api.call('DELETE', url, { headers });
    expect([removed.status, removed.text]).toEqual([204, '']);
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      expect((await api.call(method, url, { body: method === 'PATCH' ? change : undefined })).status).toBe(404);
    }
    expect((await get(`/api/v1/tenants?azure_tenant_id=${azureTenantId}`)).json.total).toBe(0);

    const revived = documented(tenant, await api.call('POST', '/api/v1/tenants', { body, headers }), 201);
    expect(revived).toMatchObject({ id: created.id, created_at: created.created_at, name: body.name });

    const log = documented(auditLogList, await get(`/api/v1/audit-logs?object_id=${created.id}&sort=created_at`));
    expect(log.items.map(({ action }) => action)).toEqual([
      'tenant.create',
      'tenant.update',
      'tenant.delete',
      'tenant.create',
    ]);
    for (const entry of log.items) {
      expect(entry).toMatchObject({
        tenant_id: created.id,
        object_type: 'tenant',
        actor_id: 'principal-1',
        actor_name: 'Petra Prüfer',
        actor_tenant_id: '10000000-0000-4000-8000-000000000001',
        correlation_id: 'writing-1',
      });
    }
    expect(log.items[1]!.changes).toMatchObject({ before: { name: body.name }, after: change });
  });

  it('a subscription: create, conflict, change, remove, revive; each leaves its audit entry', async () => {
    const body = { tenant_id: estate.contoso, subscription_id: azureTenantId.toUpperCase() };
    const created = documented(subscription, await api.call('POST', '/api/v1/subscriptions', { body }), 201);
    expect(created).toMatchObject({
      tenant_id: estate.contoso,
      subscription_id: azureTenantId,
      display_name: azureTenantId,
      provider: 'Microsoft',
      source: 'manual',
      state: 'Enabled',
      billing_scope: null,
    });
    const url = `/api/v1/subscriptions/${created.id}`;
    expect((await api.call('POST', '/api/v1/subscriptions', { body })).status).toBe(409);
    const elsewhere = { ...body, tenant_id: estate.fabrikam };
    expect((await api.call('POST', '/api/v1/subscriptions', { body: elsewhere })).status).toBe(201);

    const change = { billing_scope: '/providers/Microsoft.Billing/billingAccounts/1' };
    expect(documented(subscription, await api.call('PATCH', url, { body: change }))).toMatchObject({
      ...change,
      display_name: azureTenantId,
    });
    expect((await api.call('DELETE', url)).status).toBe(204);
    expect((await api.call('DELETE', url)).status).toBe(404);
    expect((await get(url)).status).toBe(404);
    const revived = documented(
      subscription,
      await api.call('POST', '/api/v1/subscriptions', { body: { ...body, display_name: 'Back' } }),
      201,
    );
    expect(revived).toMatchObject({ id: created.id, display_name: 'Back' });
    const log = documented(
      auditLogList,
      await get(`/api/v1/audit-logs?object_id=${created.id}&object_type=subscription&sort=created_at`),
    );
    expect(log.items.map(({ action }) => action)).toEqual([
      'subscription.create',
      'subscription.update',
      'subscription.delete',
      'subscription.create',
    ]);
    expect(log.items.every(({ tenant_id }) => tenant_id === estate.contoso)).toBe(true);
  });

  it('of another cloud’s sub-account needs no GUID', async () => {
    const body = { tenant_id: estate.contoso, provider: 'AWS', subscription_id: '123456789012' };
    expect(documented(subscription, await api.call('POST', '/api/v1/subscriptions', { body }), 201)).toMatchObject(
      body,
    );
  });

  it('the same tenant at once from many callers makes one', async () => {
    const body = { name: 'Race', azure_tenant_id: '20000000-0000-4000-8000-0000000000c2' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.call('POST', '/api/v1/tenants', { body })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('that is refused leaves nothing behind', async () => {
    const { total } = (await get('/api/v1/audit-logs')).json;
    await api.call('POST', '/api/v1/tenants', { body: { name: 'x' } });
    await api.call('POST', '/api/v1/tenants', { body: { name: 'x', azure_tenant_id: CONTOSO } });
    await api.call('DELETE', `/api/v1/tenants/${azureTenantId}`);
    expect((await get('/api/v1/audit-logs')).json.total).toBe(total);
  });
});

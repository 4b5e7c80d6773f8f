import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { HOME, TestApi, type Answer, type Call, type Method } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, STRANGER, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { ROLES, type Role } from './caller.js';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  api = await TestApi.start({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const as = async (role: Role | null, tid: string, method: Method, url: string, call: Call = {}): Promise<Answer> =>
  api.call(method, url, { ...call, token: await api.token(role, tid) });
const LISTS = [
  '/api/v1/tenants',
  '/api/v1/subscriptions',
  '/api/v1/resources',
  '/api/v1/resource-metrics',
  '/api/v1/virtual-machines/utilisation',
  '/api/v1/recommendations',
  '/api/v1/costs',
  '/api/v1/costs?group_by=subscription_id',
  '/api/v1/costs/revisions',
  '/api/v1/ingestion/runs',
  '/api/v1/delivery-channels',
  '/api/v1/deliveries',
  '/api/v1/audit-logs',
];

describe('tenant scope', () => {
  it.each(LISTS)('shows the operator all, others their own, strangers nothing: %s', async (url) => {
    const seen = async (tid: string) => (await as('AzCops.Admin', tid, 'GET', url)).json;
    const [home, contoso, fabrikam, stranger] = await Promise.all([HOME, CONTOSO, FABRIKAM, STRANGER].map(seen));
    expect(contoso.total).toBeGreaterThan(0);
    expect(fabrikam.total).toBeGreaterThan(0);
    // The run over all tenants is the operator's alone.
    expect(home.total).toBe(contoso.total + fabrikam.total + (url.endsWith('/runs') ? 1 : 0));
    expect(stranger).toMatchObject({ items: [], total: 0, total_pages: 0, next_cursor: null });
    const own = (items: Record<string, unknown>[]) => items.map((item) => item['tenant_id'] ?? item['id']);
    if (!url.includes('group_by')) expect(new Set(own(contoso.items))).toEqual(new Set([estate.contoso]));
    else expect(new Set(contoso.items.map((row: any) => row.subscription_id))).toEqual(new Set([SUBSCRIPTION.contoso]));
  });

  it.each(LISTS.filter((url) => url !== '/api/v1/tenants'))(
    'finds nothing of another tenant by filter: %s',
    async (url) => {
      const filtered = `${url}${url.includes('?') ? '&' : '?'}tenant_id=${estate.fabrikam}`;
      expect((await as('AzCops.Admin', FABRIKAM, 'GET', filtered)).json.total).toBeGreaterThan(0);
      const { status, json } = await as('AzCops.Admin', CONTOSO, 'GET', filtered);
      expect([status, json.items, json.total]).toEqual([200, [], 0]);
    },
  );

  it.each(LISTS)('continues no list that another tenant, or the operator, began: %s', async (url) => {
    const page = `${url}${url.includes('?') ? '&' : '?'}page_size=1`;
    for (const [begun, continued] of [
      [CONTOSO, FABRIKAM],
      [HOME, CONTOSO],
      [CONTOSO, HOME],
    ] as const) {
      const cursor = (await as('AzCops.Admin', begun, 'GET', page)).json.next_cursor;
      // Of some lists a tenant has one row only, and nothing to continue.
      if (cursor === null) continue;
      const { status, json } = await as('AzCops.Admin', continued, 'GET', `${page}&cursor=${cursor}`);
      expect([status, json.errors?.[0].field], `${begun} to ${continued}`).toEqual([400, 'cursor']);
      expect((await as('AzCops.Admin', begun, 'GET', `${page}&cursor=${cursor}`)).status).toBe(200);
    }
  });

  it('keeps summaries within the tenant', async () => {
    const url = '/api/v1/costs/summary?from=2026-03-01&to=2026-03-02';
    const total = async (tid: string) =>
      (await as('AzCops.Reader', tid, 'GET', url)).json.totals.map(({ currency, cost }: any) => `${currency} ${cost}`);
    expect(await total(CONTOSO)).toEqual(['EUR 9.24000012', 'USD 100']);
    expect(await total(HOME)).toEqual(['EUR 18.48000024', 'USD 200']);
    expect(await total(STRANGER)).toEqual([]);
    const other = await as('AzCops.Reader', CONTOSO, 'GET', `${url}&tenant_id=${estate.fabrikam}`);
    expect(other.json).toMatchObject({ totals: [], daily: [], incomplete: [] });
  });

  it('keeps what could be saved within the tenant', async () => {
    const url = '/api/v1/recommendations/summary';
    const total = async (tid: string, query = '') =>
      (await as('AzCops.Reader', tid, 'GET', `${url}${query}`)).json.potential.map(
        (each: any) => `${each.recommendations}: ${each.estimated_monthly_savings} ${each.currency}`,
      );
    expect(await total(CONTOSO)).toEqual(['1: 10.5 EUR']);
    expect(await total(HOME)).toEqual(['2: 21 EUR']);
    expect(await total(HOME, `?tenant_id=${estate.fabrikam}`)).toEqual(['1: 10.5 EUR']);
    expect(await total(CONTOSO, `?tenant_id=${estate.fabrikam}`)).toEqual([]);
    expect(await total(STRANGER)).toEqual([]);
  });

  it('answers 404 for what belongs to another tenant, whoever asks', async () => {
    const reads: [Method, string][] = [
      ['GET', `/api/v1/tenants/${estate.fabrikam}`],
      ['GET', `/api/v1/subscriptions/${estate.fabrikamSubscription}`],
      ['GET', `/api/v1/recommendations/${estate.fabrikamFinding}`],
      ['GET', `/api/v1/ingestion/status/${estate.fabrikamRun}`],
      ['GET', `/api/v1/ingestion/status/${estate.everyoneRun}`],
      ['PATCH', `/api/v1/tenants/${estate.fabrikam}`],
      ['PATCH', `/api/v1/subscriptions/${estate.fabrikamSubscription}`],
      ['DELETE', `/api/v1/subscriptions/${estate.fabrikamSubscription}`],
      ['POST', `/api/v1/ingestion/runs/${estate.fabrikamRun}/cancel`],
      ['POST', `/api/v1/ingestion/runs/${estate.everyoneRun}/cancel`],
      ['GET', `/api/v1/delivery-channels/${estate.fabrikamChannel}`],
      ['PATCH', `/api/v1/delivery-channels/${estate.fabrikamChannel}`],
      ['DELETE', `/api/v1/delivery-channels/${estate.fabrikamChannel}`],
      ['POST', `/api/v1/delivery-channels/${estate.fabrikamChannel}/test`],
      ['GET', `/api/v1/deliveries/${estate.fabrikamDelivery}`],
      ['POST', `/api/v1/deliveries/${estate.fabrikamDelivery}/retry`],
    ];
    for (const [method, url] of reads) {
      const body =
        method === 'PATCH' ? (url.includes('subscriptions') ? { display_name: 'x' } : { name: 'x' }) : undefined;
      for (const tid of [CONTOSO, STRANGER]) {
        expect((await as('AzCops.Admin', tid, method, url, { body })).status, `${method} ${url}`).toBe(404);
      }
    }
    expect((await as('AzCops.Admin', FABRIKAM, 'GET', reads[0]![1])).json.name).toBe('Fabrikam 100%_real');
  });

  it('lets nobody register a subscription, or trigger a run, in another tenant', async () => {
    const subscription = { tenant_id: estate.fabrikam, subscription_id: STRANGER };
    const refused = await as('AzCops.Admin', CONTOSO, 'POST', '/api/v1/subscriptions', { body: subscription });
    expect([refused.status, refused.json.errors[0].field]).toEqual([400, 'tenant_id']);
    const run = { mode: 'incremental', tenant_id: estate.fabrikam };
    expect((await as('AzCops.Admin', CONTOSO, 'POST', '/api/v1/ingestion/trigger', { body: run })).status).toBe(404);
    const unregistered = await as('AzCops.Admin', STRANGER, 'POST', '/api/v1/ingestion/trigger', {
      body: { mode: 'full' },
    });
    expect(unregistered.status).toBe(404);
    expect(unregistered.json.detail).toContain('Ask the operator');
  });

  it('keeps tenants, types and credentials the operator’s', async () => {
    const attempt = async (method: Method, url: string, body?: unknown) =>
      (await as('AzCops.Admin', CONTOSO, method, url, { body })).status;
    expect(await attempt('POST', '/api/v1/tenants', { name: 'n', azure_tenant_id: STRANGER })).toBe(403);
    expect(await attempt('DELETE', `/api/v1/tenants/${estate.contoso}`)).toBe(403);
    expect(await attempt('PATCH', `/api/v1/tenants/${estate.contoso}`, { credential_ref: 'FABRIKAM' })).toBe(403);
    expect(await attempt('PATCH', `/api/v1/tenants/${estate.contoso}`, { credential_ref: null })).toBe(403);
    expect(await attempt('PATCH', `/api/v1/tenants/${estate.contoso}`, { name: 'a', type: 'internal' })).toBe(403);
    expect(await attempt('PATCH', `/api/v1/tenants/${estate.contoso}`, { name: 'Contoso' })).toBe(200);
  });

  it('hides everything from the callers of a removed tenant, and gives it back when it is registered again', async () => {
    const azureTenantId = '20000000-0000-4000-8000-0000000000aa';
    const body = { name: 'Passing', azure_tenant_id: azureTenantId };
    const { json: tenant } = await api.call('POST', '/api/v1/tenants', { body });
    const subscription = { tenant_id: tenant.id, subscription_id: azureTenantId };
    expect((await api.call('POST', '/api/v1/subscriptions', { body: subscription })).status).toBe(201);
    const count = async (url: string) => (await as('AzCops.Admin', azureTenantId, 'GET', url)).json.total;
    const counts = () => Promise.all(['/api/v1/tenants', '/api/v1/subscriptions', '/api/v1/audit-logs'].map(count));
    expect(await counts()).toEqual([1, 1, 2]);

    expect((await api.call('DELETE', `/api/v1/tenants/${tenant.id}`)).status).toBe(204);
    expect(await counts()).toEqual([0, 0, 0]);
    expect((await api.call('GET', `/api/v1/subscriptions?tenant_id=${tenant.id}`)).json.total).toBe(0);
    expect((await api.call('POST', '/api/v1/subscriptions', { body: subscription })).status).toBe(400);
    const trigger = { body: { mode: 'full', tenant_id: tenant.id } };
    expect((await api.call('POST', '/api/v1/ingestion/trigger', trigger)).status).toBe(404);
    expect(
      (await as('AzCops.Admin', azureTenantId, 'POST', '/api/v1/ingestion/trigger', { body: { mode: 'full' } })).status,
    ).toBe(404);

    const again = await api.call('POST', '/api/v1/tenants', { body });
    expect([again.status, again.json.id]).toEqual([201, tenant.id]);
    expect(await counts()).toEqual([1, 1, 4]);
  });

  it('treats nobody as the operator when no home tenant is configured', async () => {
    const homeless = await TestApi.start({ databaseUrl: database.apiUrl, homeTenantId: null });
    try {
      const token = await homeless.token('AzCops.Admin', HOME);
      expect((await homeless.call('GET', '/api/v1/tenants', { token })).json.total).toBe(0);
      const body = { name: 'n', azure_tenant_id: HOME };
      expect((await homeless.call('POST', '/api/v1/tenants', { token, body })).status).toBe(403);
      const own = await homeless.call('GET', '/api/v1/tenants', {
        token: await homeless.token('AzCops.Reader', CONTOSO),
      });
      expect(own.json.total).toBe(1);
    } finally {
      await homeless.close();
    }
  });

  it('does not care how a tid is written', async () => {
    const lettered = 'ABCDEF00-0000-4000-8000-00000000ABCD';
    await api.call('POST', '/api/v1/tenants', { body: { name: 'Lettered', azure_tenant_id: lettered } });
    for (const tid of [lettered, lettered.toLowerCase()]) {
      const { json } = await as('AzCops.Reader', tid, 'GET', '/api/v1/tenants');
      expect(json.items.map((item: any) => item.azure_tenant_id)).toEqual([lettered.toLowerCase()]);
    }
  });
});

describe('roles', () => {
  const unknown = '99999999-9999-4999-8999-999999999999';
  const routes: [Role, Method, string, unknown?][] = [
    ['AzCops.Reader', 'GET', '/api/v1/tenants'],
    ['AzCops.Reader', 'GET', `/api/v1/tenants/${unknown}`],
    ['AzCops.Admin', 'POST', '/api/v1/tenants', {}],
    ['AzCops.Admin', 'PATCH', `/api/v1/tenants/${unknown}`, { name: 'x' }],
    ['AzCops.Admin', 'DELETE', `/api/v1/tenants/${unknown}`],
    ['AzCops.Reader', 'GET', '/api/v1/subscriptions'],
    ['AzCops.Reader', 'GET', `/api/v1/subscriptions/${unknown}`],
    ['AzCops.Admin', 'POST', '/api/v1/subscriptions', {}],
    ['AzCops.Admin', 'PATCH', `/api/v1/subscriptions/${unknown}`, { display_name: 'x' }],
    ['AzCops.Admin', 'DELETE', `/api/v1/subscriptions/${unknown}`],
    ['AzCops.Reader', 'GET', '/api/v1/resources'],
    ['AzCops.Reader', 'GET', '/api/v1/resource-metrics'],
    ['AzCops.Reader', 'GET', '/api/v1/virtual-machines/utilisation'],
    ['AzCops.Reader', 'GET', '/api/v1/recommendations'],
    ['AzCops.Reader', 'GET', '/api/v1/recommendations/summary'],
    ['AzCops.Reader', 'GET', `/api/v1/recommendations/${unknown}`],
    ['AzCops.Approver', 'PATCH', `/api/v1/recommendations/${unknown}`, { status: 'approved' }],
    ['AzCops.Approver', 'POST', `/api/v1/recommendations/${unknown}/approve`, {}],
    ['AzCops.Approver', 'POST', '/api/v1/recommendations/decisions', {}],
    ['AzCops.Reader', 'GET', '/api/v1/exemptions'],
    ['AzCops.Approver', 'POST', '/api/v1/exemptions', {}],
    ['AzCops.Approver', 'DELETE', `/api/v1/exemptions/${unknown}`],
    ['AzCops.Reader', 'GET', '/api/v1/rules'],
    ['AzCops.Reader', 'GET', '/api/v1/rules/unattached-disk'],
    ['AzCops.Reader', 'GET', `/api/v1/tenants/${unknown}/rules`],
    ['AzCops.Admin', 'PUT', `/api/v1/tenants/${unknown}/rules/unattached-disk`, {}],
    ['AzCops.Reader', 'GET', '/api/v1/costs'],
    ['AzCops.Reader', 'GET', '/api/v1/costs/summary'],
    ['AzCops.Reader', 'GET', '/api/v1/costs/revisions'],
    ['AzCops.Admin', 'POST', '/api/v1/ingestion/trigger', {}],
    ['AzCops.Reader', 'GET', `/api/v1/ingestion/status/${unknown}`],
    ['AzCops.Reader', 'GET', '/api/v1/ingestion/runs'],
    ['AzCops.Admin', 'POST', `/api/v1/ingestion/runs/${unknown}/cancel`],
    ['AzCops.Admin', 'GET', '/api/v1/delivery-channels'],
    ['AzCops.Admin', 'GET', `/api/v1/delivery-channels/${unknown}`],
    ['AzCops.Admin', 'POST', '/api/v1/delivery-channels', {}],
    ['AzCops.Admin', 'PATCH', `/api/v1/delivery-channels/${unknown}`, { name: 'x' }],
    ['AzCops.Admin', 'DELETE', `/api/v1/delivery-channels/${unknown}`],
    ['AzCops.Admin', 'POST', `/api/v1/delivery-channels/${unknown}/test`],
    ['AzCops.Approver', 'GET', '/api/v1/deliveries'],
    ['AzCops.Approver', 'GET', `/api/v1/deliveries/${unknown}`],
    ['AzCops.Approver', 'POST', `/api/v1/deliveries/${unknown}/retry`],
    ['AzCops.Admin', 'GET', '/api/v1/audit-logs'],
  ];

  it('are all the routes there are', () => {
    const document = api.app.getHttpAdapter().getInstance();
    const inTable = new Set(routes.map(([, method, url]) => `${method} ${url.replace(unknown, '*')}`));
    expect(inTable.size).toBe(routes.length);
    for (const [, method, url] of routes) {
      const pattern = url
        .replace(unknown, url.includes('ingestion') ? ':run_id' : ':id')
        .replace('unattached-disk', ':rule')
        .replace(/approve$/, ':move');
      expect(document.hasRoute({ method, url: pattern }), `${method} ${pattern}`).toBe(true);
    }
  });

  it.each(routes)('%s and more: %s %s', async (needed, method, url, body) => {
    const statusOf = async (role: Role | null) => (await as(role, HOME, method, url, { body })).status;
    expect(await statusOf(null)).toBe(403);
    for (const role of ROLES) {
      const allowed = ROLES.indexOf(role) >= ROLES.indexOf(needed);
      const status = await statusOf(role);
      if (allowed) expect([200, 400, 404]).toContain(status);
      else expect(status).toBe(403);
    }
    expect((await api.call(method, url, { body, token: null })).status).toBe(401);
  });

  it('says which role is missing', async () => {
    const { json } = await as('AzCops.Approver', HOME, 'GET', '/api/v1/audit-logs');
    expect(json.detail).toBe('This needs the role AzCops.Admin; the token carries AzCops.Approver.');
  });

  it('ignores roles that are not a list of known names', async () => {
    for (const roles of ['AzCops.Admin', { 0: 'AzCops.Admin' }, ['azcops.admin'], ['Admin', 7], null]) {
      const token = await api.issuer.sign({ tid: HOME, roles, claims: { roles } });
      expect((await api.call('GET', '/api/v1/tenants', { token })).status, JSON.stringify(roles)).toBe(403);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let home: Record<string, string>;
let other: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start({ subscriptions: 8, resources: 10 });
  home = await client.authorize();
  other = await client.authorize(client.sandbox.tenants[1]?.tenantId);
});
afterAll(() => client.stop());

const tenant = (index: number): string => client.sandbox.tenants[index]?.tenantId ?? '';
const change = (id: string, body: object): Promise<unknown> => client.admin('PUT', `/subscriptions/${id}`, body);
const read = (id: string, headers = home): Promise<Answer> =>
  client.call('GET', `/subscriptions/${id}?api-version=2022-12-01`, { headers });
const listed = async (headers = home): Promise<Record<string, any>[]> =>
  (await client.call('GET', '/subscriptions?api-version=2022-12-01', { headers })).json().value;
const costs = (id: string, { headers = home, dataset = {}, type = 'ActualCost' } = {}): Promise<Answer> =>
  client.call('POST', `/subscriptions/${id}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`, {
    headers,
    body: {
      type,
      timeframe: 'Custom',
      timePeriod: { from: '2026-02-01', to: '2026-02-28' },
      dataset: { granularity: 'Daily', aggregation: { c: { name: 'Cost', function: 'Sum' } }, ...dataset },
    },
  });
const graph = (query: string, headers = home, version = '2022-10-01', options = {}): Promise<Answer> =>
  client.call('POST', `/providers/Microsoft.ResourceGraph/resources?api-version=${version}`, {
    headers,
    body: { query, options },
  });
const owners = async (headers = home): Promise<string[]> =>
  (await graph('Resources | distinct subscriptionId', headers))
    .json()
    .data.map((row: { subscriptionId: string }) => row.subscriptionId);

describe('a delegated subscription', () => {
  it('is listed, read and priced with a token of the managing tenant, and still belongs to its own', async () => {
    const id = client.subscription(0, 1);
    expect(await owners()).not.toContain(id);
    await change(id, { delegatedTo: [tenant(0)] });
    const mine = (await listed()).find(({ subscriptionId }) => subscriptionId === id);
    expect(mine).toMatchObject({ tenantId: tenant(1), managedByTenants: [{ tenantId: tenant(0) }] });
    expect((await listed()).at(-1)).toEqual(mine);
    expect((await read(id)).status).toBe(200);
    expect((await costs(id)).text).toBe((await costs(id, { headers: other })).text);
    expect(await owners()).toContain(id);
    const row = (
      await graph(
        `ResourceContainers | where type == 'microsoft.resources/subscriptions' and subscriptionId == '${id}'`,
      )
    ).json().data[0];
    expect(row).toMatchObject({ tenantId: tenant(1), properties: { managedByTenants: [{ tenantId: tenant(0) }] } });

    await change(id, { delegatedTo: [] });
    expect((await read(id)).status).toBe(401);
    expect(await owners()).not.toContain(id);
  });
});

describe('a subscription that moved', () => {
  it('is refused to tokens of its former tenant, and listed in its new one', async () => {
    const id = client.subscription(1);
    await change(id, { tenant: tenant(1) });
    expect((await listed()).map(({ subscriptionId }) => subscriptionId)).not.toContain(id);
    for (const answer of [await read(id), await costs(id)]) {
      expect([answer.status, answer.json().error.code]).toEqual([401, 'InvalidAuthenticationTokenTenant']);
      expect(answer.json().error.message).toContain(`It must match the tenant 'https://sts.windows.net/${tenant(1)}/'`);
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    }
    expect((await read(id, other)).json().tenantId).toBe(tenant(1));
    expect(await owners(other)).toContain(id);
  });

  it('may leave the estate', async () => {
    const id = client.subscription(2);
    await change(id, { tenant: '99999999-9999-4999-8999-999999999999' });
    expect((await read(id)).status).toBe(401);
    expect((await read(client.subscription(2).replace(/^.{8}/, 'ffffffff'))).json().error.code).toBe(
      'SubscriptionNotFound',
    );
  });
});

describe('a subscription', () => {
  it.each(['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted'])('can be %s, and keeps its costs', async (state) => {
    const id = client.subscription(3);
    await change(id, { state });
    expect((await read(id)).json().state).toBe(state);
    expect((await costs(id)).status).toBe(200);
  });

  it('without the Reader role is listed and priced, but Resource Graph drops it without a word', async () => {
    const id = client.subscription(4);
    await change(id, { access: 'costs-only' });
    expect((await listed()).map(({ subscriptionId }) => subscriptionId)).toContain(id);
    expect((await costs(id)).status).toBe(200);
    expect(await owners()).not.toContain(id);
    await change(id, { access: 'none' });
    expect((await listed()).map(({ subscriptionId }) => subscriptionId)).not.toContain(id);
    const refused = await costs(id);
    expect([refused.status, refused.json().error.code]).toEqual([403, 'AuthorizationFailed']);
    await change(id, { access: 'reader' });
    expect(await owners()).toContain(id);
  });

  it('of the oldest version has no owner', async () => {
    const answer = await client.call('GET', '/subscriptions?api-version=2016-06-01', { headers: home });
    expect(answer.json().value[0]).not.toHaveProperty('tenantId');
  });

  it('is refused unknown changes', async () => {
    await expect(change(client.subscription(3), { state: 'Gone' })).rejects.toThrow(/400/);
    await expect(change('nobody', { state: 'Enabled' })).rejects.toThrow(/404/);
  });
});

describe('cost answers', () => {
  const answerWith = (answer: string): Promise<unknown> =>
    client.admin('PUT', `/subscriptions/${client.subscription(5)}/cost`, { answer });

  it.each([
    ['unsupported-offer', 400, '400', /^Cost Management supports only .*offerId: MS-AZR-0036P .*offerType: None \(Req/],
    ['offer-not-supported', 400, 'BadRequest', /The offer .* is not supported/],
    ['too-many-subscriptions', 400, 'BadRequest', /too many subscriptions/],
    ['amortized-unsupported', 400, '400', /Invalid definition type 'AmortizedCost'; valid values: 'Usage'\./],
    ['billing-subscription-not-found', 400, 'BillingSubscriptionNotFound', /not found/],
    ['usage-not-supported', 400, 'BadRequest', /^The query usage is not supported for the scope/],
    ['no-web-direct-offer', 404, 'NotFound', /doesn't have valid WebDirect\/AIRS offer type\. \(Request ID: /],
    ['cost-data-not-supported', 404, 'NotFound', /^Cost management data is not supported for subscription\(s\)/],
    ['subscription-not-found', 404, 'SubscriptionNotFound', /could not be found\.$/],
    ['unauthorized', 401, 'Unauthorized', /./],
    ['rbac-access-denied', 403, 'RBACAccessDenied', /./],
    ['authorization-failed', 403, 'AuthorizationFailed', /./],
    ['billing-access-denied', 403, 'BillingAccessDenied', /./],
    ['account-cost-disabled', 403, 'AccountCostDisabled', /./],
    ['cost-disabled', 403, 'SubscriptionCostDisabled', /./],
    ['department-cost-disabled', 403, 'DepartmentCostDisabled', /./],
    ['indirect-cost-disabled', 403, 'IndirectCostDisabled', /./],
    ['disallowed-operation', 403, 'DisallowedOperation', /./],
    ['failed-dependency', 424, 'FailedDependency', /./],
    ['requests-throttled', 429, 'ResourceRequestsThrottled', /./],
    ['server-timeout', 500, 'ServerTimeout', /./],
    ['service-unavailable', 503, 'ServiceUnavailable', /./],
    ['gateway-timeout', 504, 'GatewayTimeout', /./],
  ])('%s', async (answer, status, code, message) => {
    await answerWith(answer);
    const refused = await costs(client.subscription(5), { type: 'AmortizedCost' });
    expect([refused.status, refused.json().error.code]).toEqual([status, code]);
    expect(refused.json().error.message).toMatch(message);
  });

  it('are empty in three ways', async () => {
    await answerWith('no-data');
    expect(await costs(client.subscription(5))).toMatchObject({ status: 204, text: '' });
    await answerWith('empty-object');
    expect(await costs(client.subscription(5))).toMatchObject({ status: 200, text: '{}' });
    await answerWith('empty-rows');
    expect((await costs(client.subscription(5))).json().properties).toEqual({
      nextLink: null,
      columns: [
        { name: 'Cost', type: 'Number' },
        { name: 'UsageDate', type: 'Number' },
        { name: 'Currency', type: 'String' },
      ],
      rows: [],
    });
  });

  it.each([
    ['CSP_2015-05-01', 'MS-AZR-0145P'],
    ['AzureForStudents_2018-01-01', 'MS-AZR-0170P'],
    ['Sponsored_2016-01-01', 'MS-AZR-0036P'],
  ])('follow from the offer of quota %s', async (quotaId, offer) => {
    const id = client.subscription(6);
    await change(id, { quotaId });
    expect((await read(id)).json().subscriptionPolicies.quotaId).toBe(quotaId);
    expect((await costs(id)).json().error).toMatchObject({ code: '400', message: expect.stringContaining(offer) });
    await change(id, { quotaId: 'EnterpriseAgreement_2014-09-01' });
    expect((await costs(id)).status).toBe(200);
  });
});

describe('where sources disagree', () => {
  const columns = async (granularity: string): Promise<string[]> =>
    (
      await costs(client.subscription(7), {
        dataset: { granularity, grouping: [{ type: 'Dimension', name: 'Meter' }] },
      })
    )
      .json()
      .properties.columns.map(({ name, type }: { name: string; type: string }) => `${name}:${type}`);

  it('the month is a date-time or a number, and the date stands before or after the groupings', async () => {
    expect(await columns('Monthly')).toEqual([
      'Cost:Number',
      'BillingMonth:Datetime',
      'Meter:String',
      'Currency:String',
    ]);
    await client.admin('PUT', '/cost-management', { month: 'number', datePosition: 'after-groupings' });
    expect(await columns('Monthly')).toEqual(['Cost:Number', 'Meter:String', 'UsageDate:Number', 'Currency:String']);
    expect(await columns('Daily')).toEqual(['Cost:Number', 'Meter:String', 'UsageDate:Number', 'Currency:String']);
    const { rows } = (await costs(client.subscription(7), { dataset: { granularity: 'Monthly' } })).json().properties;
    expect(rows[0][1]).toBe(20260201);
    await client.admin('PUT', '/cost-management', { month: 'datetime', datePosition: 'before-groupings' });
  });

  it('Resource Graph answers with a table in its oldest version, with objects later, or as told', async () => {
    const isTable = async (version: string, options = {}): Promise<boolean> =>
      !Array.isArray((await graph('Resources | project id', home, version, options)).json().data);
    expect(await isTable('2019-04-01')).toBe(true);
    expect(await isTable('2022-10-01')).toBe(false);
    await client.admin('PUT', '/resource-graph', { defaultFormat: 'table' });
    expect(await isTable('2022-10-01')).toBe(true);
    expect(await isTable('2022-10-01', { resultFormat: 'ObjectArray' })).toBe(false);
    await client.admin('PUT', '/resource-graph', { defaultFormat: 'by-version' });
  });
});

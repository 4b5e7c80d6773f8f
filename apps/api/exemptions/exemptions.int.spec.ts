import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import type { Role } from '../auth/caller.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { seedFinding } from '../testing/test-findings.js';
import { exemption, exemptionList } from './exemptions.schema.js';

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
let ids: string[];

const disk = (group: string, name: string) =>
  `/subscriptions/${SUBSCRIPTION.contoso}/resourcegroups/${group}/providers/microsoft.compute/disks/${name}`;

beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  api = await TestApi.start({ databaseUrl: database.apiUrl });
  const common = { tenantId: estate.contoso, subscriptionId: SUBSCRIPTION.contoso, source: 'rules', savings: '10' };
  await withClient(database.ownerUrl, async (client) => {
    for (const [title, rule, resourceId] of [
      ['a', 'unattached-disk', disk('g1', 'a')],
      ['b', 'unattached-disk', disk('g2', 'b')],
      ['c', 'premium-disk', disk('g1', 'a')],
    ] as const) {
      await seedFinding(client, { ...common, title, rule, resourceId, subscriptionId: common.subscriptionId });
    }
  });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});
beforeEach(async () => {
  ids = [];
});

const call = async (
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
  role: Role = 'AzCops.Approver',
  tid = CONTOSO,
) => api.call(method, `/api/v1/${url}`, { token: await api.token(role, tid), body });
const create = async (body: object) => {
  const answer = await call('POST', 'exemptions', { tenant_id: estate.contoso, reason: 'Agreed', ...body });
  if (answer.status === 201) ids.push(answer.json.id as string);
  return answer;
};
const shown = async (suppressed = 'false') =>
  (await call('GET', `recommendations?source=rules&suppressed=${suppressed}`)).json.items
    .map(({ title }: { title: string }) => title)
    .toSorted();
const potential = async () =>
  (await call('GET', 'recommendations/summary')).json.potential.reduce(
    (sum: number, row: { recommendations: number }) => sum + row.recommendations,
    0,
  );
const end = async () => {
  for (const id of ids) expect((await call('DELETE', `exemptions/${id}`)).status).toBe(204);
};

describe('an exemption', () => {
  it.each([
    ['of a rule', { rule: 'unattached-disk' }, ['c']],
    ['of a subscription', { subscription_id: SUBSCRIPTION.contoso.toUpperCase() }, []],
    ['of a resource group', { subscription_id: SUBSCRIPTION.contoso, resource_group: 'G1' }, ['b']],
    ['of a resource', { resource_id: disk('g1', 'a').toUpperCase() }, ['b']],
    ['of a rule on a resource', { rule: 'unattached-disk', resource_id: disk('g1', 'a') }, ['b', 'c']],
    [
      'of a rule in a resource group',
      { rule: 'premium-disk', subscription_id: SUBSCRIPTION.contoso, resource_group: 'g1' },
      ['a', 'b'],
    ],
    ['of something else', { rule: 'idle-virtual-machine' }, ['a', 'b', 'c']],
  ])('%s hides what it covers, until it ends', async (_, scope, left) => {
    const before = await potential();
    const answer = await create(scope);
    expect(answer.status, answer.text).toBe(201);
    strict(exemption).parse(answer.json);
    expect(await shown()).toEqual(left);
    expect(await shown('any')).toEqual(['a', 'b', 'c']);
    // The estate's own finding has no rule of ours and is in the same subscription.
    expect(await potential()).toBeLessThanOrEqual(before);
    await end();
    expect(await shown()).toEqual(['a', 'b', 'c']);
    expect(await potential()).toBe(before);
  });

  it('changes what an unchanged answer is', async () => {
    const url = '/api/v1/recommendations?source=rules';
    const token = await api.token('AzCops.Reader', CONTOSO);
    const { headers } = await api.call('GET', url, { token });
    const conditional = { token, headers: { 'if-none-match': String(headers['etag']) } };
    expect((await api.call('GET', url, conditional)).status).toBe(304);
    await create({ rule: 'unattached-disk' });
    await expect.poll(async () => (await api.call('GET', url, conditional)).status).toBe(200);
    await end();
  });

  it('is listed with its author, and after its end among those that ended', async () => {
    await create({ rule: 'unattached-disk', expires_at: '2100-01-01T00:00:00Z' });
    const list = strict(exemptionList).parse((await call('GET', 'exemptions')).json);
    expect(list.items).toMatchObject([
      { rule: 'unattached-disk', reason: 'Agreed', author_id: expect.any(String) as string, ended_at: null },
    ]);
    await end();
    expect((await call('GET', 'exemptions')).json.items).toEqual([]);
    expect((await call('GET', 'exemptions?active=any&rule=unattached-disk')).json.items.length).toBeGreaterThan(0);
    expect((await call('DELETE', `exemptions/${ids[0]}`)).status).toBe(404);
  });

  it.each([
    [{}, ['rule']],
    [{ resource_group: 'g1' }, ['resource_group', 'rule']],
    [{ rule: 'x', resource_group: 'g1' }, ['resource_group']],
    [{ rule: 'x', reason: '' }, ['reason']],
    [{ rule: 'x', expires_at: '2020-01-01T00:00:00Z' }, ['expires_at']],
    [{ rule: 'x', until: '2100-01-01T00:00:00Z' }, ['until']],
  ])('that says %j is refused', async (body, fields) => {
    const answer = await create(body);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  it('is of the caller’s own tenant', async () => {
    expect((await create({ tenant_id: estate.fabrikam, rule: 'x' })).status).toBe(404);
    await create({ rule: 'unattached-disk' });
    expect((await call('GET', 'exemptions', undefined, 'AzCops.Reader', FABRIKAM)).json.items).toEqual([]);
    expect((await call('DELETE', `exemptions/${ids[0]}`, undefined, 'AzCops.Admin', FABRIKAM)).status).toBe(404);
    await end();
  });
});

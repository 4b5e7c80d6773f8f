import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, HOME, TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, STRANGER, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { seedFinding, type SeededFinding } from '../testing/test-findings.js';
import {
  RECOMMENDATION_COLUMNS,
  recommendationList,
  recommendationView,
  savingsSummary,
} from './recommendations.schema.js';

const OTHER_SUBSCRIPTION = '30000000-0000-4000-8000-0000000000c2';
const PLAN = { alternativeOf: 'commitment/savings-plan/s1/compute', resourceId: null };
const RESERVATION = { alternativeOf: 'commitment/reservation/s1/vm/d4/we', resourceId: null };

/** Next to the one of the estate, which saves 10.5 EUR. */
const FINDINGS: Omit<SeededFinding, 'tenantId' | 'subscriptionId'>[] = [
  { title: 'plan', savings: '150', currency: 'USD', ...PLAN },
  { title: 'reservation, 1 year', savings: '100', currency: 'USD', ...RESERVATION },
  { title: 'reservation, 3 years', savings: '140.25', currency: 'USD', ...RESERVATION },
  { title: 'guess', savings: '500', currency: 'USD', method: 'guessed' },
  { title: 'unknown', savings: null, currency: null, method: null, source: 'rules', rule: 'is_underutilised_vm' },
  { title: 'approved', savings: '0.0000001', status: 'approved', resourceId: '/subscriptions/s/x', evidence: {} },
  { title: 'dismissed', savings: '70', status: 'dismissed' },
  { title: 'executed and gone', savings: '80', status: 'executed', observed: 'resolved' },
  { title: 'gone', savings: '90', observed: 'resolved', lastSeenAt: '2026-02-01T00:00:00Z' },
  { title: 'silenced', savings: '60', suppressed: true },
  { title: 'silenced and gone', savings: '61', suppressed: true, observed: 'resolved' },
  { title: '=cmd|calc!A1', savings: '1', evidence: { sku: 'Standard_D4s_v5', note: 'a "quoted", text' } },
];

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  await withClient(database.ownerUrl, async (client) => {
    await client.query(
      `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source) VALUES ($1, $2, 'Other', 'discovery')`,
      [estate.contoso, OTHER_SUBSCRIPTION],
    );
    for (const finding of FINDINGS) {
      await seedFinding(client, { tenantId: estate.contoso, subscriptionId: OTHER_SUBSCRIPTION, ...finding });
    }
  });
  api = await TestApi.start({ databaseUrl: database.apiUrl });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const get = async (url: string, tid = CONTOSO, headers = {}) =>
  api.call('GET', url, { token: await api.token('AzCops.Reader', tid), headers });
const list = async (query = '', tid = CONTOSO) => {
  const answer = await get(`/api/v1/recommendations?${query}`, tid);
  expect(answer.status, answer.text).toBe(200);
  return strict(recommendationList).parse(answer.json);
};
const titles = async (query: string) => (await list(query)).items.map(({ title }) => title);

describe('recommendations', () => {
  it('show first what saves most, and neither what is gone nor what is silenced', async () => {
    expect(await titles('')).toEqual([
      'guess',
      'plan',
      'reservation, 3 years',
      'reservation, 1 year',
      'dismissed',
      'Right-size the virtual machine',
      '=cmd|calc!A1',
      'approved',
      'unknown',
    ]);
  });

  it.each([
    ['observed=resolved', ['gone', 'executed and gone']],
    ['observed=resolved&suppressed=any', ['gone', 'executed and gone', 'silenced and gone']],
    ['suppressed=true', ['silenced']],
    ['suppressed=true&observed=any', ['silenced and gone', 'silenced']],
    ['status=dismissed', ['dismissed']],
    ['status=approved', ['approved']],
    ['status=rejected', []],
    ['status=executed', ['executed and gone']],
    ['status=executed&observed=present', []],
    ['source=rules', ['unknown']],
    ['rule=is_underutilised_vm', ['unknown']],
    ['savings_method=guessed', ['guess']],
    ['savings_method=measured', []],
    [`subscription_id=${SUBSCRIPTION.contoso}`, ['Right-size the virtual machine']],
    ['resource_id=%2FSubscriptions%2FS%2FX', ['approved']],
    [`tenant_id=00000000-0000-4000-8000-000000000000`, []],
  ])('filtered: %s', async (query, expected) => {
    expect((await titles(query)).toSorted()).toEqual(expected.toSorted());
  });

  it('of everything are all there are', async () => {
    expect((await list('observed=any&suppressed=any')).total).toBe(FINDINGS.length + 1);
  });

  it('sort by when they were last seen', async () => {
    expect((await titles('observed=any&sort=last_seen_at'))[0]).toBe('gone');
    expect((await titles('observed=any&sort=-last_seen_at')).at(-1)).toBe('gone');
  });

  it('walk by cursor through equal and missing savings', async () => {
    const walked: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page = await list(`page_size=2${cursor && `&cursor=${cursor}`}`);
      expect(page.total).toBe(9);
      walked.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(walked).toEqual((await list()).items.map(({ id }) => id));
  });

  it('refuse a cursor when what is shown by default is asked otherwise', async () => {
    const { next_cursor } = await list('page_size=1');
    const answer = await get(`/api/v1/recommendations?page_size=1&observed=any&cursor=${next_cursor}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['cursor']]);
    expect((await list(`observed=present&suppressed=false&cursor=${next_cursor}`)).items).toHaveLength(8);
  });

  it('carry what they would save, how that is known, and what they rest on', async () => {
    const [item] = (await list('status=approved')).items;
    expect(item).toMatchObject({
      tenant_id: estate.contoso,
      subscription_id: OTHER_SUBSCRIPTION,
      estimated_monthly_savings: '0.0000001',
      currency: 'EUR',
      savings_method: 'stated',
      confidence: '0.9',
      alternative_of: null,
      suppressed: false,
      evidence: {},
      first_seen_at: '2026-03-02T00:00:00.000Z',
    });
    const [unknown] = (await list('source=rules')).items;
    expect(unknown).toMatchObject({ estimated_monthly_savings: null, currency: null, savings_method: null });
    expect((await list('savings_method=stated&sort=estimated_monthly_savings')).items.at(-1)).toMatchObject({
      title: 'plan',
      alternative_of: PLAN.alternativeOf,
      resource_id: null,
    });
  });

  it('are found one by one, gone and silenced ones too, but never those of another tenant', async () => {
    const [gone] = (await list('suppressed=true&observed=resolved')).items;
    const url = `/api/v1/recommendations/${gone!.id}`;
    expect(strict(recommendationView).parse((await get(url)).json)).toMatchObject(gone!);
    expect((await get(url, HOME)).status).toBe(200);
    for (const tid of [FABRIKAM, STRANGER]) expect((await get(url, tid)).status).toBe(404);
    expect((await get(`${url}?expand=1`)).status).toBe(400);
    expect((await get('/api/v1/recommendations/summaries')).status).toBe(400);
  });
});

describe('recommendations as CSV', () => {
  const csv = (query: string, tid = CONTOSO) => get(`/api/v1/recommendations?${query}`, tid, { accept: 'text/csv' });
  const records = (text: string): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' });

  it('hold the same rows in the same order, safe for spreadsheets', async () => {
    const answer = await csv('');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="recommendations.csv"',
      vary: 'Accept',
    });
    const rows = records(answer.text);
    const { items } = await list();
    expect(Object.keys(rows[0]!)).toEqual([...RECOMMENDATION_COLUMNS]);
    expect([...RECOMMENDATION_COLUMNS].sort()).toEqual(Object.keys(items[0]!).sort());
    expect(rows.map((row) => row['id'])).toEqual(items.map(({ id }) => id));
    const evil = rows.find((row) => row['title']!.includes('cmd'))!;
    expect(evil['title']).toBe("'=cmd|calc!A1");
    expect(JSON.parse(evil['evidence']!)).toEqual({ sku: 'Standard_D4s_v5', note: 'a "quoted", text' });
    expect(rows.at(-1)).toMatchObject({ title: 'unknown', estimated_monthly_savings: '', suppressed: 'false' });
  });

  it('follow filter and scope, and refuse paging', async () => {
    expect(records((await csv('suppressed=true')).text).map((row) => row['title'])).toEqual(['silenced']);
    expect(records((await csv('observed=any', FABRIKAM)).text).map((row) => row['id'])).toEqual([
      estate.fabrikamFinding,
    ]);
    const paged = await csv('page=1');
    expect([paged.status, fieldsOf(paged)]).toEqual([400, ['page']]);
  });
});

describe('what could be saved', () => {
  const potential = async (tid: string, query = '') =>
    strict(savingsSummary).parse((await get(`/api/v1/recommendations/summary${query}`, tid)).json).potential;
  const row = (currency: string, savings_method: string, recommendations: number, savings: string) => ({
    currency,
    savings_method,
    recommendations,
    estimated_monthly_savings: savings,
  });

  it('counts alternatives once and keeps guesses and currencies apart', async () => {
    expect(await potential(CONTOSO)).toEqual([
      row('EUR', 'stated', 3, '11.5000001'),
      row('USD', 'guessed', 1, '500'),
      // The savings plan beats the better of the two reservations for the same usage.
      row('USD', 'stated', 1, '150'),
    ]);
  });

  it('of all tenants or one of them', async () => {
    expect(await potential(HOME)).toContainEqual(row('EUR', 'stated', 4, '22.0000001'));
    expect(await potential(HOME, `?tenant_id=${estate.fabrikam}`)).toEqual([row('EUR', 'stated', 1, '10.5')]);
    expect(await potential(FABRIKAM)).toEqual([row('EUR', 'stated', 1, '10.5')]);
    expect(await potential(FABRIKAM, `?tenant_id=${estate.contoso}`)).toEqual([]);
  });
});

// Last: its findings would be among those of the others.
describe('recommendations of rules', () => {
  it('are filtered by what they are about and what they ask for', async () => {
    const group = `/subscriptions/${SUBSCRIPTION.fabrikam}/resourcegroups/g7/providers/microsoft.compute/disks`;
    await withClient(database.ownerUrl, async (client) => {
      const common = { tenantId: estate.fabrikam, subscriptionId: SUBSCRIPTION.fabrikam, source: 'rules' };
      await client.query(
        `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, tags, first_seen_at, last_seen_at)
         VALUES ($1, $2, $2, $3, 'a', 'microsoft.compute/disks', '{"team": "red", "cost-center": ""}', now(), now())`,
        [estate.fabrikam, `${group}/a`, SUBSCRIPTION.fabrikam],
      );
      const one = {
        resourceId: `${group}/a`,
        savings: '20',
        category: 'waste',
        action: 'remove',
        risk: 'low',
        effort: 'high',
      };
      const two = {
        resourceId: `${group}/b`,
        savings: '19.99',
        category: 'rate',
        action: 'commit',
        risk: 'high',
        currency: 'USD',
      };
      await seedFinding(client, { ...common, title: 'one', ...one });
      await seedFinding(client, { ...common, title: 'two', ...two });
    });
    const found = async (query: string) =>
      (await list(`source=rules&${query}`, FABRIKAM)).items.map(({ title }) => title).toSorted();
    expect(await found('')).toEqual(['one', 'two']);
    for (const query of [
      'category=waste',
      'action=remove',
      'risk=low',
      'effort=high',
      'min_savings=20',
      'currency=EUR',
      'tag=team',
      'tag=team%3Ared',
    ]) {
      expect(await found(query), query).toEqual(['one']);
    }
    for (const query of ['category=rate', 'action=commit', 'risk=high', 'currency=USD']) {
      expect(await found(query), query).toEqual(['two']);
    }
    for (const query of ['resource_group=G7', 'min_savings=19.99']) expect(await found(query)).toEqual(['one', 'two']);
    for (const query of ['tag=team%3Ablue', 'resource_group=g8', 'effort=low']) expect(await found(query)).toEqual([]);
    const order = async (sort: string) =>
      (await list(`source=rules&sort=${sort}`, FABRIKAM)).items.map(({ title }) => title);
    expect(await order('risk')).toEqual(['one', 'two']);
    expect(await order('-risk')).toEqual(['two', 'one']);
    for (const query of ['min_savings=1e3', 'min_savings=-1', 'risk=none', 'action=explode']) {
      expect((await get(`/api/v1/recommendations?${query}`)).status, query).toBe(400);
    }
  });
});

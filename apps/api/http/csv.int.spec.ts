import { get, type IncomingMessage, type Server } from 'node:http';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays } from '#core/day.js';
import { Database } from '#db/database.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { fieldsOf, TestApi } from '../testing/test-api.js';
import {
  CONTOSO,
  FABRIKAM,
  seedCosts,
  seedEstate,
  seedResource,
  SUBSCRIPTION,
  type Estate,
} from '../testing/test-estate.js';

const MANY = 2_345;

let database: TestDatabase;
let api: TestApi;
let estate: Estate;
let port: number;
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  await withClient(database.ownerUrl, async (client) => {
    const costs = Array.from({ length: MANY }, (_, index) => ({
      tenantId: estate.contoso,
      subscriptionId: SUBSCRIPTION.contoso,
      day: addDays('2025-01-01', index % 59),
      resource: `r${index}`,
      cost: `${index - 10}.50`,
    }));
    await seedCosts(client, costs);
    await seedResource(client, estate.fabrikam, SUBSCRIPTION.fabrikam, '=cmd|calc!A1', { 'a"b': 'x,y', eq: '=1' });
  });
  api = await TestApi.start({ databaseUrl: database.apiUrl });
  await api.app.listen(0, '127.0.0.1');
  ({ port } = api.app.getHttpServer().address() as { port: number });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const csv = async (url: string, tid = CONTOSO) =>
  api.call('GET', url, { token: await api.token('AzCops.Reader', tid), headers: { accept: 'text/csv' } });
const records = (text: string): Record<string, string>[] => parse(text, { columns: true, record_delimiter: '\r\n' });
/** A real request, because a cut connection shows only on a real one. */
const stream = async (path: string): Promise<IncomingMessage> => {
  const headers = { accept: 'text/csv', authorization: `Bearer ${await api.token('AzCops.Reader', CONTOSO)}` };
  return new Promise((resolve, reject) => get({ port, path, headers, agent: false }, resolve).on('error', reject));
};

describe('CSV', () => {
  it('holds every record of the filter, as the JSON does', async () => {
    const url = '/api/v1/costs?from=2025-01-01&to=2025-02-28';
    const answer = await csv(url);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="costs.csv"',
      vary: 'Accept',
      'cache-control': 'private, no-cache',
    });
    const rows = records(answer.text);
    expect(rows).toHaveLength(MANY);
    expect(new Set(rows.map((row) => row['resource_id'])).size).toBe(MANY);
    const { json } = await api.call('GET', `${url}&page_size=500`, {
      token: await api.token('AzCops.Reader', CONTOSO),
    });
    expect(json.total).toBe(MANY);
    expect(Object.keys(rows[0]!)).toEqual(Object.keys(json.items[0]));
    const written = json.items.map((item: object) =>
      Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value ?? ''])),
    );
    expect(rows.slice(0, 500)).toEqual(written);
    expect(rows.map((row) => row['cost']).filter((cost) => cost!.startsWith('-'))).toHaveLength(10);
  });

  it('follows sort, group_by and granularity', async () => {
    const sorted = records((await csv('/api/v1/costs?sort=-cost&from=2025-01-01&to=2025-02-28')).text);
    expect(sorted.slice(0, 3).map((row) => row['cost'])).toEqual(['2334.5', '2333.5', '2332.5']);
    const { text } = await csv('/api/v1/costs?group_by=service_name,provider&granularity=monthly&currency=EUR');
    const lines = text.split('\r\n');
    expect(lines[0]).toBe('date,service_name,provider,currency,cost,amortized_cost');
    expect(lines).toHaveLength(6);
    const { text: none } = await csv('/api/v1/costs?granularity=none');
    expect(none.split('\r\n')[0]).toBe('currency,cost,amortized_cost');
  });

  it('of resources is safe for spreadsheets', async () => {
    const { text, headers } = await csv('/api/v1/resources', FABRIKAM);
    expect(headers['content-disposition']).toContain('resources.csv');
    const rows = records(text);
    expect(rows).toHaveLength(3);
    const evil = rows.find((row) => row['name']!.includes('cmd'))!;
    expect(evil['name']).toBe("'=cmd|calc!A1");
    expect(JSON.parse(evil['tags']!)).toEqual({ 'a"b': 'x,y', eq: '=1' });
    expect(evil['first_seen_at']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('shows a caller nothing of other tenants', async () => {
    const lines = (text: string) => text.split('\r\n').length - 2;
    expect(lines((await csv('/api/v1/costs', FABRIKAM)).text)).toBe(4);
    expect(lines((await csv(`/api/v1/costs?tenant_id=${estate.contoso}`, FABRIKAM)).text)).toBe(0);
  });

  it('refuses paging and other mistakes with a problem', async () => {
    const paged = await csv('/api/v1/costs?page=1&page_size=10');
    expect([paged.status, fieldsOf(paged)]).toEqual([400, ['page', 'page_size']]);
    expect(paged.json.detail).toContain('every row');
    expect((await csv('/api/v1/resources?cursor=abc')).status).toBe(400);
    expect(fieldsOf(await csv('/api/v1/costs?sort=nothing'))).toEqual(['sort']);
    const anonymous = await api.call('GET', '/api/v1/costs', { token: null, headers: { accept: 'text/csv' } });
    expect(anonymous.status).toBe(401);
  });

  it('is JSON for any other Accept, and on routes without CSV', async () => {
    for (const accept of ['application/json', '*/*', 'text/html', 'application/xml', 'image/png']) {
      const answer = await api.call('GET', '/api/v1/costs?page_size=1', { headers: { accept } });
      expect(answer.headers['content-type']).toContain('application/json');
    }
    expect((await csv('/api/v1/tenants')).json.items).toHaveLength(1);
  });

  it('answers HEAD without reading the rows', async () => {
    const answer = await api.call('HEAD', '/api/v1/costs', { headers: { accept: 'text/csv' } });
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      '',
      'text/csv; charset=utf-8; header=present',
    ]);
  });

  it('cuts the connection when the database fails on the way, so that a part never looks whole', async () => {
    const reads = api.app.get(Database);
    const queries = reads.queries.bind(reads);
    let calls = 0;
    reads.queries = (async (...args: Parameters<typeof queries>) => {
      calls += 1;
      if (calls === 3) throw Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' });
      return queries(...args);
    }) as typeof reads.queries;
    try {
      const answer = await stream('/api/v1/costs');
      expect(answer.statusCode).toBe(200);
      let received = '';
      const outcome = await new Promise<string>((resolve) => {
        answer.on('data', (chunk) => (received += String(chunk)));
        answer.on('end', () => resolve('whole')).on('error', () => resolve('cut'));
      });
      expect(outcome).toBe('cut');
      expect(received.split('\r\n').length).toBeLessThan(MANY);
    } finally {
      reads.queries = queries;
    }
    expect((await csv('/api/v1/costs')).text.split('\r\n')).toHaveLength(MANY + 4 + 2);
  });

  it('stops reading when its reader goes away', async () => {
    const reads = api.app.get(Database);
    const queries = reads.queries.bind(reads);
    let calls = 0;
    const gate = Promise.withResolvers<void>();
    reads.queries = (async (...args: Parameters<typeof queries>) => {
      calls += 1;
      if (calls === 2) await gate.promise;
      return queries(...args);
    }) as typeof reads.queries;
    try {
      const answer = await stream('/api/v1/costs');
      answer.destroy();
      const server = api.app.getHttpServer() as Server;
      const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
      await expect.poll(connections).toBe(0);
      gate.resolve();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(calls).toBe(2);
    } finally {
      reads.queries = queries;
    }
  });
});

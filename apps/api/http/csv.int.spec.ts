import { get, type IncomingMessage, type Server } from 'node:http';
import { connect } from 'node:net';
import { parse } from 'csv-parse/sync';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
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

  /** Every read of rows in parts goes through `between`, which is told how many parts there were before. */
  async function whileReading<T>(between: (parts: number) => Promise<void>, work: () => Promise<T>): Promise<T> {
    const reads = api.app.get(Database);
    const original = reads.parts.bind(reads);
    reads.parts = async function* (scope, statement) {
      let parts = 0;
      for await (const part of original(scope, statement)) {
        yield part as never;
        await between((parts += 1));
      }
    };
    try {
      return await work();
    } finally {
      reads.parts = original;
    }
  }
  /** What came, and whether it looks whole to a client of that version of HTTP. */
  const taken = async (path: string, version: '1.0' | '1.1'): Promise<{ outcome: 'whole' | 'cut'; text: string }> => {
    const token = await api.token('AzCops.Reader', CONTOSO);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET ${path} HTTP/${version}\r\nHost: localhost\r\nAccept: text/csv\r\nConnection: close\r\n` +
        `Authorization: Bearer ${token}\r\n\r\n`,
    );
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    return new Promise((resolve) => {
      socket.on('end', () => resolve({ outcome: 'whole', text })).on('error', () => resolve({ outcome: 'cut', text }));
    });
  };
  const inUse = () => {
    const { pool } = api.app.get(Database);
    return pool.totalCount - pool.idleCount;
  };

  it('answers HEAD without reading the rows', async () => {
    const answer = await whileReading(
      () => Promise.reject(new Error('read')),
      () => api.call('HEAD', '/api/v1/costs', { headers: { accept: 'text/csv' } }),
    );
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      200,
      '',
      'text/csv; charset=utf-8; header=present',
    ]);
    const refused = await api.call('HEAD', '/api/v1/costs?sort=nothing', { headers: { accept: 'text/csv' } });
    expect(refused.status).toBe(400);
  });

  it('is one state of the ledger, whatever is published meanwhile', async () => {
    const url = '/api/v1/costs?sort=-cost&from=2025-01-01&to=2025-02-28';
    const before = (await csv(url)).text;
    const turnedRound = (client: pg.Client) =>
      client.query(
        `UPDATE costs_monthly SET costs = ARRAY(SELECT -c FROM unnest(costs) WITH ORDINALITY u (c, place) ORDER BY place)
         WHERE month IN ('2025-01-01', '2025-02-01')`,
      );
    const during = await whileReading(
      async (parts) => {
        if (parts === 1) await withClient(database.ownerUrl, turnedRound);
      },
      () => csv(url),
    );
    expect(during.text).toBe(before);
    const after = records((await csv(url)).text);
    expect(after[0]!['cost']).toBe('10.5');
    expect(new Set(after.map((row) => row['resource_id'])).size).toBe(MANY);
    await withClient(database.ownerUrl, turnedRound);
  });

  it.each(['', '?sort=-cost', '?group_by=resource_group', '?resource_group=rg'])(
    'is read once, in parts: /costs%s',
    async (query) => {
      const { pool } = api.app.get(Database);
      const client = await pool.connect();
      const sent: string[] = [];
      const prototype = Object.getPrototypeOf(client) as pg.Client;
      client.release();
      const spy = vi.spyOn(prototype, 'query');
      try {
        const { text } = await csv(`/api/v1/costs${query}`);
        for (const [submitted] of spy.mock.calls as unknown as [{ statements?: { text: string }[] }][]) {
          sent.push(...(submitted.statements ?? []).map((statement) => statement.text.split(' ')[0]!));
        }
        const rows = text.split('\r\n').length - 2;
        expect(sent.filter((word) => word === 'DECLARE')).toHaveLength(1);
        expect(sent.filter((word) => word === 'FETCH')).toHaveLength(Math.floor(rows / 1_000) + 1);
      } finally {
        spy.mockRestore();
      }
    },
  );

  it.each(['1.0', '1.1'] as const)(
    'is cut for readers of HTTP/%s when the database fails on the way',
    async (version) => {
      const { outcome, text } = await whileReading(
        (parts) =>
          parts < 2
            ? Promise.resolve()
            : Promise.reject(Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' })),
        () => taken('/api/v1/costs', version),
      );
      expect(outcome).toBe('cut');
      expect(text.split('\r\n').length).toBeLessThan(MANY);
      const whole = await taken('/api/v1/costs', version);
      expect(whole.outcome).toBe('whole');
      expect((await csv('/api/v1/costs')).text.split('\r\n')).toHaveLength(MANY + 4 + 2);
      expect(inUse()).toBe(0);
    },
  );

  it('stops reading when its reader goes away', async () => {
    let read = 0;
    const gate = Promise.withResolvers<void>();
    await whileReading(
      async (parts) => {
        read = parts;
        await gate.promise;
      },
      async () => {
        const answer = await stream('/api/v1/costs');
        answer.destroy();
        const server = api.app.getHttpServer() as Server;
        const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
        await expect.poll(connections).toBe(0);
        gate.resolve();
        await expect.poll(inUse).toBe(0);
        expect(read).toBe(1);
      },
    );
  });

  it('leaves connections to others: a few files at once, then 503', async () => {
    const gate = Promise.withResolvers<void>();
    const files = await whileReading(
      () => gate.promise,
      async () => {
        const running = await Promise.all(Array.from({ length: 3 }, () => stream('/api/v1/costs')));
        const refused = await csv('/api/v1/costs');
        expect([refused.status, refused.json.code, refused.headers['retry-after']]).toEqual([503, 'overloaded', '5']);
        expect(refused.headers['etag']).toBeUndefined();
        expect((await api.call('GET', '/api/v1/costs')).status).toBe(200);
        gate.resolve();
        return Promise.all(running.map((file) => file.toArray()));
      },
    );
    expect(files.map((chunks) => Buffer.concat(chunks).toString().split('\r\n').length)).toEqual([
      MANY + 6,
      MANY + 6,
      MANY + 6,
    ]);
    await expect.poll(inUse).toBe(0);
    expect((await csv('/api/v1/costs')).status).toBe(200);
  });
});

describe('a reader that takes nothing', () => {
  it('is cut, and holds nothing any longer', async () => {
    const impatient = await TestApi.start({ databaseUrl: database.apiUrl, csv: { stallMs: 200 } });
    try {
      await impatient.app.listen(0, '127.0.0.1');
      const { port: at } = impatient.app.getHttpServer().address() as { port: number };
      const reads = impatient.app.get(Database);
      const original = reads.parts.bind(reads);
      let ended = false;
      // More than any buffer between here and there takes.
      reads.parts = async function* (scope, statement) {
        try {
          for await (const part of original(scope, statement)) {
            for (let again = 0; again < 1_000; again += 1) yield part as never;
          }
        } finally {
          ended = true;
        }
      };
      const token = await impatient.token('AzCops.Reader', CONTOSO);
      const socket = connect(at, '127.0.0.1').pause();
      const closed = new Promise<string>((resolve) =>
        socket.on('error', (error: { code?: string }) => resolve(error.code!)),
      );
      socket.write(`GET /api/v1/costs HTTP/1.0\r\nAccept: text/csv\r\nAuthorization: Bearer ${token}\r\n\r\n`);
      await expect.poll(() => ended, { timeout: 10_000 }).toBe(true);
      socket.resume();
      expect(await closed).toBe('ECONNRESET');
      expect(reads.pool.totalCount - reads.pool.idleCount).toBe(0);
    } finally {
      await impatient.close();
    }
  });
});

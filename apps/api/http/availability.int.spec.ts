import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#core/logger.js';
import { Database } from '#db/database.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { health } from '../health/health.schema.js';
import { proxyTo, type DatabaseProxy } from '../testing/database-proxy.js';
import { ApiMetrics } from '../metrics.js';
import { strict } from '../testing/strict-schema.js';
import { TestApi } from '../testing/test-api.js';
import { seedEstate, type Estate } from '../testing/test-estate.js';

const STATEMENT_TIMEOUT_MS = 300;

let database: TestDatabase;
let proxy: DatabaseProxy;
let api: TestApi;
let estate: Estate;
const log = new PassThrough();
let written = '';
log.on('data', (chunk) => (written += String(chunk)));
beforeAll(async () => {
  database = await createTestDatabase();
  estate = await seedEstate(database.ownerUrl);
  proxy = await proxyTo(database.apiUrl);
  const logger = createLogger({ level: 'info', format: 'json', service: 'test' }, log);
  api = await TestApi.start({ databaseUrl: proxy.url, statementTimeoutMs: STATEMENT_TIMEOUT_MS, logger });
});
afterEach(() => proxy.restore());
afterAll(async () => {
  await api.close();
  await proxy.close();
  await database.drop();
});

const routes = () => [
  '/api/v1/tenants',
  `/api/v1/tenants/${estate.contoso}`,
  '/api/v1/subscriptions',
  '/api/v1/resources',
  '/api/v1/costs',
  '/api/v1/costs?group_by=service_name',
  '/api/v1/costs/summary',
  '/api/v1/costs/revisions',
  '/api/v1/ingestion/runs',
  `/api/v1/ingestion/status/${estate.contosoRun}`,
  '/api/v1/audit-logs',
];
const writes = () =>
  [
    ['POST', '/api/v1/tenants', { name: 'n', azure_tenant_id: '20000000-0000-4000-8000-0000000000d1' }],
    ['PATCH', `/api/v1/tenants/${estate.contoso}`, { name: 'n' }],
    ['POST', '/api/v1/ingestion/trigger', { mode: 'full' }],
  ] as const;

/** Holds a lock on a table that every reader waits for. */
const whileLocked = <T>(table: string, work: () => Promise<T>): Promise<T> =>
  withClient(database.ownerUrl, async (client) => {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return work();
  });

describe('a database that is down', () => {
  it('is said by health, answered with 503 everywhere else, and over without a restart', async () => {
    expect((await api.call('GET', '/health')).status).toBe(200);
    proxy.cut();
    // Connections that broke while idle, that break now, and that are refused.
    for (let round = 0; round < 3; round += 1) {
      for (const url of ['/health', '/health/ready']) {
        const answer = await api.call('GET', url, { token: null });
        expect(answer.status).toBe(503);
        expect(strict(health).parse(answer.json)).toMatchObject({ status: 'unavailable', database: 'down' });
      }
      expect((await api.call('GET', '/health/live')).status).toBe(200);
      for (const url of routes()) {
        const answer = await api.call('GET', url);
        expect([answer.status, answer.json.code], url).toEqual([503, 'database_unavailable']);
        expect(answer.headers['retry-after']).toBe('5');
      }
      for (const [method, url, body] of writes()) {
        expect((await api.call(method, url, { body })).status, `${method} ${url}`).toBe(503);
      }
    }
    proxy.restore();
    expect((await api.call('GET', '/health')).status).toBe(200);
    for (const url of routes()) expect((await api.call('GET', url)).status, url).toBe(200);
    const [[method, url, body]] = writes();
    expect((await api.call(method, url, { body })).status).toBe(201);
  });

  it('does not break requests under way in any other way', async () => {
    const running = Promise.all(
      Array.from({ length: 30 }, () => api.call('GET', '/api/v1/costs?group_by=service_name')),
    );
    setTimeout(() => proxy.cut(), 5);
    const statuses = (await running).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    proxy.restore();
    expect((await api.call('GET', '/api/v1/costs')).status).toBe(200);
  });

  it('leaves the metrics that tell of it', async () => {
    const { registry } = api.app.get(ApiMetrics);
    expect(await registry.metrics()).toContain('azcops_recommendations{status=');
    proxy.cut();
    await api.call('GET', '/api/v1/tenants');
    await registry.metrics();
    const text = await registry.metrics();
    expect(text).toContain('azcops_build_info{service="api"');
    expect(text).toMatch(
      /azcops_http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/tenants",status="503"\}/,
    );
    expect(text).toMatch(/azcops_metric_queries_failed_total\{metric="azcops_recommendations"\} [1-9]/);
    expect(text).not.toContain('azcops_recommendations{status=');
    proxy.restore();
    expect(await registry.metrics()).toContain('azcops_recommendations{status=');
  });

  it('shows up in the log with the correlation id and without secrets', async () => {
    proxy.cut();
    written = '';
    await api.call('GET', '/api/v1/tenants', { headers: { 'x-correlation-id': 'down-1' } });
    const lines = written
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'request failed', correlation_id: 'down-1' }));
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'request', status: 503, route: '/api/v1/tenants' }));
    expect(written).not.toContain('eyJ');
    expect(written).not.toContain(new URL(database.apiUrl).password);
  });
});

describe('a database that is slow', () => {
  it('is answered with 503 after the statement timeout, and the connection stays usable', async () => {
    await whileLocked('costs_daily', async () => {
      const answer = await api.call('GET', '/api/v1/costs');
      expect([answer.status, answer.json.code]).toEqual([503, 'too_slow']);
      expect(answer.json.detail).toContain('Ask for less');
      expect((await api.call('GET', '/api/v1/tenants')).status).toBe(200);
    });
    expect((await api.call('GET', '/api/v1/costs')).json.total).toBe(8);
  });

  it('is answered with 503 where a file has not begun, too', async () => {
    const asCsv = () => api.call('GET', '/api/v1/costs', { headers: { accept: 'text/csv' } });
    await whileLocked('costs_monthly', async () => {
      const answer = await asCsv();
      expect([answer.status, answer.json.code]).toEqual([503, 'too_slow']);
    });
    // One statement of a file after the other may take so long, and none is left behind.
    for (let file = 0; file < 10; file += 1) expect((await asCsv()).text.split('\r\n')).toHaveLength(10);
  });

  it('rolls a write back that takes too long', async () => {
    const body = { name: 'Late', azure_tenant_id: '20000000-0000-4000-8000-0000000000d2' };
    await whileLocked('audit_logs', async () => {
      expect((await api.call('POST', '/api/v1/tenants', { body })).status).toBe(503);
    });
    expect((await api.call('GET', `/api/v1/tenants?azure_tenant_id=${body.azure_tenant_id}`)).json.total).toBe(0);
  });

  it('does not hold up health', async () => {
    await whileLocked('tenants', async () => {
      expect((await api.call('GET', '/health')).status).toBe(200);
    });
  });

  it('is not one that does not answer, though every connection waits for it', async () => {
    const held = Array.from({ length: 10 }, () => api.app.get(Database).connect());
    const connections = await Promise.all(held);
    try {
      for (const url of ['/health', '/health/ready']) expect((await api.call('GET', url)).status).toBe(200);
    } finally {
      for (const connection of connections) connection.release();
    }
  });
});

describe('a database that can only be read, as a replica', () => {
  it('serves every reader, and changes are answered with 503', async () => {
    const url = new URL(database.apiUrl);
    url.searchParams.set('options', '-c default_transaction_read_only=on');
    const replica = await TestApi.start({ databaseUrl: url.href });
    try {
      for (const route of ['/health', '/health/ready', ...routes()]) {
        expect([route, (await replica.call('GET', route)).status]).toEqual([route, 200]);
      }
      const file = await replica.call('GET', '/api/v1/costs', { headers: { accept: 'text/csv' } });
      expect(file.text.split('\r\n')).toHaveLength(10);
      for (const [method, route, body] of writes()) {
        const answer = await replica.call(method, route, { body });
        expect([route, answer.status, answer.json.code]).toEqual([route, 503, 'read_only']);
      }
    } finally {
      await replica.close();
    }
  });
});

describe('readers who hang up', () => {
  const CONNECTIONS = 10;
  let patient: TestApi;
  let url: string;
  let token: string;
  let now = new Date();
  beforeAll(async () => {
    // Nothing but hanging up ends a statement here.
    patient = await TestApi.start({
      databaseUrl: database.apiUrl,
      statementTimeoutMs: 60_000,
      clock: { now: () => now, sleep: () => Promise.resolve() },
    });
    await patient.app.listen({ port: 0, host: '127.0.0.1' });
    url = await patient.app.getUrl();
    token = await patient.token();
  });
  afterAll(async () => {
    // Sockets that fetch opened and had no use for any more keep a server open.
    patient.app.getHttpServer().closeAllConnections();
    await patient.close();
  });

  const get = (path: string, signal: AbortSignal | null = null) =>
    fetch(`${url}/${path}`, { headers: { authorization: `Bearer ${token}` }, signal });
  /** Many of a reader's requests, of which no two are the same, until it hangs up. */
  const ask = (path: string) => {
    const reader = new AbortController();
    const asked = Array.from({ length: 3 * CONNECTIONS }, (_, index) =>
      get(`${path}?page_size=${index + 1}`, reader.signal).catch((error: Error) => error.name),
    );
    return async () => {
      reader.abort();
      expect(new Set(await Promise.all(asked))).toEqual(new Set(['AbortError']));
    };
  };
  /** The processes of connections that wait for a lock. */
  const stuck = () =>
    withClient(database.ownerUrl, async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity
         WHERE application_name = 'azcops-api' AND datname = current_database() AND wait_event_type = 'Lock' ORDER BY pid`,
      );
      return rows.map(({ pid }) => pid);
    });
  const allStuck = async () => {
    await expect.poll(async () => (await stuck()).length, { timeout: 10_000 }).toBe(CONNECTIONS);
    return stuck();
  };

  it('leave their connections to others', async () => {
    await whileLocked('cost_daily_totals', async () => {
      const hangUp = ask('api/v1/costs');
      const connections = await allStuck();
      await hangUp();
      await expect.poll(stuck, { timeout: 10_000 }).toEqual([]);
      expect((await get('api/v1/tenants')).status).toBe(200);
      // What had waited for a connection is not started, and the connections are the same ones.
      expect(await stuck()).toEqual([]);
      const hangUpAgain = ask('api/v1/costs');
      expect(await allStuck()).toEqual(connections);
      await hangUpAgain();
    });
    expect((await get('api/v1/costs')).status).toBe(200);
  });

  it('do not take away what others wait for as well', async () => {
    let second: Promise<Response> | undefined;
    // The version of the data is asked for anew, once for all.
    now = new Date(now.getTime() + 2_000);
    await whileLocked('data_versions', async () => {
      const hangUp = ask('api/v1/costs');
      await expect.poll(async () => (await stuck()).length, { timeout: 10_000 }).toBe(1);
      second = get('api/v1/costs');
      await hangUp();
      // Long enough for it to be cancelled, were it.
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(await stuck()).toHaveLength(1);
    });
    expect((await second!).status).toBe(200);
  });
});

it('a database that is gone for good is 503 too', async () => {
  const doomed = await createTestDatabase();
  const orphan = await TestApi.start({ databaseUrl: doomed.apiUrl });
  try {
    await doomed.drop();
    for (const url of ['/api/v1/tenants', '/api/v1/tenants', '/health']) {
      expect((await orphan.call('GET', url)).status).toBe(503);
    }
  } finally {
    await orphan.close();
  }
});

it('a login that could see past the tenant scope is refused at start', async () => {
  await expect(TestApi.start({ databaseUrl: database.ownerUrl })).rejects.toThrow(/superuser/);
  await expect(TestApi.start({ databaseUrl: database.workerUrl })).rejects.toThrow(/not a member of azcops_api/);
});

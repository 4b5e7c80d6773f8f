import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSandbox } from '../server.js';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start();
  headers = await client.authorize();
});
afterAll(() => client.stop());
beforeEach(() => client.admin('DELETE', '/faults'));

const list = (): Promise<Answer> =>
  client.call('GET', '/subscriptions?api-version=2022-12-01', {
    headers: { ...headers, 'x-ms-client-request-id': 'mine' },
  });

describe('faults', () => {
  it('hit as often as ordered, after as many as ordered', async () => {
    await client.admin('POST', '/faults', {
      service: 'resource-manager',
      status: 429,
      times: 2,
      after: 1,
      headers: { 'retry-after': '7' },
      body: { error: { code: 'TooManyRequests', message: 'x' } },
    });
    const answers = [await list(), await list(), await list(), await list()];
    expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 200]);
    expect(answers[1]?.headers['retry-after']).toBe('7');
    expect(answers[1]?.json().error.code).toBe('TooManyRequests');
  });

  it('match service, tenant, subscription, method and path', async () => {
    for (const mismatch of [
      { service: 'data-lake' },
      { tenant: client.sandbox.tenants[1]?.tenantId },
      { subscription: client.subscription(0) },
      { method: 'POST' },
      { pathContains: 'graph' },
    ]) {
      await client.admin('POST', '/faults', { status: 500, times: 0, ...mismatch });
    }
    expect((await list()).status).toBe(200);
    await client.admin('POST', '/faults', {
      status: 503,
      tenant: client.sandbox.homeTenantId,
      method: 'get',
      pathContains: 'Subscriptions',
    });
    expect((await list()).status).toBe(503);
  });

  it('hang up, break the body off, spoil its JSON, and delay', async () => {
    await client.admin('POST', '/faults', { hangUp: true });
    await expect(list()).rejects.toThrow(/socket hang up|ECONNRESET/);
    await client.admin('POST', '/faults', { truncate: true });
    await expect(list()).rejects.toThrow(/aborted|ECONNRESET/);
    await client.admin('POST', '/faults', { malformed: true });
    const malformed = await list();
    expect(malformed.status).toBe(200);
    expect(() => malformed.json()).toThrow(SyntaxError);
    await client.admin('POST', '/faults', { delayMs: 80 });
    const startedAt = performance.now();
    expect((await list()).status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(75);
  });

  it('are refused when they do nothing', async () => {
    await expect(client.admin('POST', '/faults', { service: 'entra' })).rejects.toThrow(/400/);
    await expect(client.admin('POST', '/faults', { status: 500, servce: 'entra' })).rejects.toThrow(/400/);
  });
});

describe('the clock', () => {
  it('is set, advanced and let go', async () => {
    expect(await client.admin('PUT', '/clock', { now: '2026-04-01T00:00:00Z' })).toEqual({
      now: '2026-04-01T00:00:00.000Z',
      running: false,
    });
    expect((await client.admin('PUT', '/clock', { advanceDays: 2, advanceMs: 1000 })).now).toBe(
      '2026-04-03T00:00:01.000Z',
    );
    const { running, now } = await client.admin('PUT', '/clock', { running: true });
    expect([running, now.slice(0, 10)]).toEqual([true, '2026-04-03']);
    await client.admin('PUT', '/clock', { now: '2026-03-20T10:00:00Z' });
  });
});

describe('charges', () => {
  const day = '2026-03-10';
  const totals = async (type = 'ActualCost') =>
    (
      await client.admin(
        'GET',
        `/charges/totals?subscription=${client.subscription(0)}&from=${day}&to=${day}&type=${type}`,
      )
    ).totals[0];

  it('are removed and altered by hand, in queries too', async () => {
    const before = await totals();
    const { removed } = await client.admin('POST', '/charges/remove', { subscription: client.subscription(0), day });
    const after = await totals();
    expect(removed).toHaveLength(1);
    expect(after.charges).toBe(before.charges - 1);

    const { charges } = await client.admin(
      'GET',
      `/charges?subscription=${client.subscription(0)}&from=${day}&to=${day}`,
    );
    const { resourceId, meter } = charges[0];
    await client.admin('POST', '/charges/alter', {
      subscription: client.subscription(0),
      day,
      resourceId,
      meter,
      cost: '1234.5678',
    });
    const answer = await client.call(
      'POST',
      `/subscriptions/${client.subscription(0)}/providers/Microsoft.CostManagement/query?api-version=2023-11-01`,
      {
        headers,
        body: {
          type: 'ActualCost',
          timeframe: 'Custom',
          timePeriod: { from: day, to: day },
          dataset: {
            granularity: 'Daily',
            aggregation: { c: { name: 'Cost', function: 'Sum' } },
            grouping: [
              { type: 'Dimension', name: 'ResourceId' },
              { type: 'Dimension', name: 'Meter' },
            ],
          },
        },
      },
    );
    const row = answer.json().properties.rows.find((cells: unknown[]) => cells[2] === resourceId && cells[3] === meter);
    expect(row[0]).toBe(1234.5678);
    await client.admin('DELETE', '/charges/overrides');
    expect(await totals()).toEqual(before);
  });
});

describe('the request log', () => {
  it('tells what was asked', async () => {
    await client.admin('DELETE', '/requests');
    await list();
    const { requests } = await client.admin('GET', '/requests');
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({
      service: 'resource-manager',
      method: 'GET',
      path: '/subscriptions',
      status: 200,
      tenantId: client.sandbox.homeTenantId,
      clientRequestId: 'mine',
    });
  });
});

describe('a restart', () => {
  it('keeps certificates, signing key, history and, when given, ports', async () => {
    const first = await SandboxClient.start();
    const token = await first.authorize();
    await first.sandbox.close();
    const port = Number(new URL(first.sandbox.url).port);
    const second = await SandboxClient.start({ dataDir: first.dataDir, port, now: new Date('2026-03-25T10:00:00Z') });
    expect(second.ca).toBe(first.ca);
    expect((await second.call('GET', '/subscriptions?api-version=2022-12-01', { headers: token })).status).toBe(200);
    const { days } = await second.admin(
      'GET',
      `/charges/totals?subscription=${second.subscription(0)}&from=2026-01-01&to=2026-03-25`,
    );
    expect(days[0].day).toBe('2026-01-19');
    await expect(startSandbox({ dataDir: `${first.dataDir}/other`, port })).rejects.toThrow(
      `port ${port} is already in use`,
    );
    await second.stop();
    await first.stop();
  });
});

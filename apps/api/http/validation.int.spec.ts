import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { fieldsOf, strictProblem, TestApi, type Method } from '../testing/test-api.js';
import { seedEstate, STRANGER, type Estate } from '../testing/test-estate.js';

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

async function expectInvalid(method: Method, url: string, fields: string[], body?: unknown): Promise<void> {
  const answer = await api.call(method, url, { body });
  expect([answer.status, answer.json?.code, fieldsOf(answer)], `${method} ${url}`).toEqual([
    400,
    'invalid_input',
    fields,
  ]);
}
const status = async (method: Method, url: string, body?: unknown) => (await api.call(method, url, { body })).status;

const LISTS = [
  'tenants',
  'subscriptions',
  'resources',
  'resource-metrics',
  'virtual-machines/utilisation',
  'recommendations',
  'costs',
  'costs/revisions',
  'ingestion/runs',
  'delivery-channels',
  'deliveries',
  'audit-logs',
];
const UNKNOWN = '99999999-9999-4999-8999-999999999999';

describe('query parameters', () => {
  it.each(LISTS)('of %s', async (list) => {
    const url = `/api/v1/${list}`;
    const wrong: [string, ...string[]][] = [
      ['unknown=1', 'unknown'],
      ['Page=1&PAGE_SIZE=2', 'PAGE_SIZE', 'Page'],
      ['tenantId=x&=y', '', 'tenantId'],
      ['page[]=1', 'page[]'],
      ['page=1&page=2', 'page'],
      ['sort=a&sort=b', 'sort'],
      ...['0', '-1', '1.5', '1e3', '0x10', 'abc', '', '%20', '1000001', '99999999999999999999', '١'].map(
        (page): [string, string] => [`page=${page}`, 'page'],
      ),
      ...['0', '501', '100000', '1e2', 'abc', '+5', '5 ', ''].map((size): [string, string] => [
        `page_size=${encodeURIComponent(size)}`,
        'page_size',
      ]),
      ['page=0&page_size=0&sort=', 'page', 'page_size', 'sort'],
      ['page=1&cursor=x', 'cursor'],
      ['cursor=x', 'cursor'],
      ['cursor=', 'cursor'],
      [`cursor=${'A'.repeat(5_000)}`, 'cursor'],
      ['cursor=bnVsbA', 'cursor'],
      ['cursor=e30', 'cursor'],
      ['sort=nothing', 'sort'],
      ['sort=-', 'sort'],
      ['sort=--created_at', 'sort'],
      ['sort=constructor', 'sort'],
      ['sort=__proto__', 'sort'],
      ['sort=toString', 'sort'],
      ['sort=1%3BDROP%20TABLE%20tenants', 'sort'],
      ['sort=%00', 'sort'],
    ];
    for (const [query, ...fields] of wrong) {
      await expectInvalid('GET', `${url}?${query}`, fields.sort());
    }
  });

  it.each([
    ['tenants', 'type=other', 'type'],
    ['tenants', 'azure_tenant_id=1', 'azure_tenant_id'],
    ['tenants', `q=${'x'.repeat(257)}`, 'q'],
    ['tenants', 'q=%00', 'q'],
    ['subscriptions', 'tenant_id=1', 'tenant_id'],
    ['subscriptions', 'tenant_id=', 'tenant_id'],
    ['subscriptions', `tenant_id=${UNKNOWN}&tenant_id=${UNKNOWN}`, 'tenant_id'],
    ['subscriptions', `subscription_id=${'x'.repeat(129)}`, 'subscription_id'],
    ['subscriptions', 'state=%00', 'state'],
    ['resources', 'include_deleted=yes', 'include_deleted'],
    ['resources', 'tag=', 'tag'],
    ['resources', `q=${'x'.repeat(10_240)}`, 'q'],
    ['resource-metrics', 'metric=', 'metric'],
    ['resource-metrics', 'resource_id=%00', 'resource_id'],
    ['resource-metrics', 'sort=average', 'sort'],
    ['virtual-machines/utilisation', 'verdict=idle', 'verdict'],
    ['virtual-machines/utilisation', 'verdict=', 'verdict'],
    ['recommendations', 'tenant_id=1', 'tenant_id'],
    ['recommendations', 'status=done', 'status'],
    ['recommendations', 'status=open&status=approved', 'status'],
    ['recommendations', 'savings_method=guess', 'savings_method'],
    ['recommendations', 'observed=all', 'observed'],
    ['recommendations', 'suppressed=yes', 'suppressed'],
    ['recommendations', `rule=${'x'.repeat(257)}`, 'rule'],
    ['recommendations', 'sort=title', 'sort'],
    ['recommendations/summary', 'tenant_id=1', 'tenant_id'],
    ['recommendations/summary', 'status=open', 'status'],
    ['recommendations/summary', 'page=1', 'page'],
    ['costs', 'from=2026-02-30', 'from'],
    ['costs', 'from=2026-2-3', 'from'],
    ['costs', 'from=2026-02-03T00:00:00Z', 'from'],
    ['costs', 'from=today', 'from'],
    ['costs', 'from=0000-01-01', 'from'],
    ['costs', 'from=1899-12-31', 'from'],
    ['costs', 'to=9999-12-31', 'to'],
    ['costs', 'from=2026-03-02&to=2026-03-01', 'to'],
    ['costs', 'currency=EURO', 'currency'],
    ['costs', 'currency=1', 'currency'],
    ['costs', 'group_by=', 'group_by.0'],
    ['costs', 'group_by=color', 'group_by.0'],
    ['costs', 'group_by=provider,', 'group_by.1'],
    ['costs', 'group_by=provider,location,publisher,service_name', 'group_by'],
    ['costs', 'group_by=provider,provider', 'group_by'],
    ['costs', 'group_by=provider&group_by=provider', 'group_by'],
    ['costs', 'group_by=tenant_id', 'group_by.0'],
    ['costs', 'group_by=constructor', 'group_by.0'],
    ['costs', 'granularity=hourly', 'granularity'],
    ['costs', 'granularity=none&sort=date', 'sort'],
    ['costs', 'sort=service_name', 'sort'],
    ['costs/summary', 'from=2026-03-02&to=2026-03-01', 'to'],
    ['costs/summary', 'page=1', 'page'],
    ['costs/summary', 'from=0001-01-01', 'from'],
    ['costs/summary', 'group_by=provider', 'group_by'],
    ['costs/revisions', 'run_id=1', 'run_id'],
    ['costs/revisions', 'from=2026-03-02&to=2026-03-01', 'to'],
    ['ingestion/runs', 'status=done', 'status'],
    ['ingestion/runs', 'mode=all', 'mode'],
    ['delivery-channels', 'kind=email', 'kind'],
    ['deliveries', 'status=sent', 'status'],
    ['deliveries', 'channel_id=1', 'channel_id'],
    ['audit-logs', `action=${'x'.repeat(65)}`, 'action'],
  ])('are checked one by one: %s?%.60s', (list, query, field) =>
    expectInvalid('GET', `/api/v1/${list}?${query}`, [field]),
  );

  it('are refused where there are none', async () => {
    await expectInvalid('GET', `/api/v1/tenants/${estate.contoso}?expand=all`, ['expand']);
    await expectInvalid('DELETE', `/api/v1/tenants/${estate.contoso}?force=true`, ['force']);
    await expectInvalid('POST', '/api/v1/ingestion/trigger?mode=full', ['mode'], { mode: 'full' });
    await expectInvalid('GET', `/api/v1/ingestion/status/${estate.contosoRun}?verbose`, ['verbose']);
    expect(await status('GET', '/health?probe=1')).toBe(200);
  });

  it('accept the widest range of days there is', async () => {
    for (const route of ['costs', 'costs?group_by=provider', 'costs/summary', 'costs/revisions']) {
      const url = `/api/v1/${route}${route.includes('?') ? '&' : '?'}from=1900-01-01&to=2199-12-31`;
      expect(await status('GET', url), url).toBe(200);
    }
  });

  it('take wildcards of SQL for what they are', async () => {
    const names = async (query: string) =>
      (await api.call('GET', `/api/v1/tenants?q=${encodeURIComponent(query)}`)).json.items.map(
        (item: any) => item.name,
      );
    expect(await names('%')).toEqual(['Fabrikam 100%_real']);
    expect(await names('_')).toEqual(['Fabrikam 100%_real']);
    expect(await names('CONTO')).toEqual(['Contoso']);
    expect(await names('\\')).toEqual([]);
    expect(await names("' OR 1=1 --")).toEqual([]);
    const others = async (url: string) => (await api.call('GET', url)).json.total;
    expect(await others('/api/v1/subscriptions?q=_')).toBe(1);
    expect(await others('/api/v1/resources?q=%25')).toBe(0);
  });
});

describe('cursors', () => {
  it.each(LISTS)('continue %s exactly, page by page, in both directions', async (list) => {
    const all = (await api.call('GET', `/api/v1/${list}?page_size=500`)).json;
    expect(all.total).toBeGreaterThan(1);
    const walked: unknown[] = [];
    let cursor: string | null = null;
    do {
      const { json } = await api.call('GET', `/api/v1/${list}?page_size=1${cursor ? `&cursor=${cursor}` : ''}`);
      expect(json).toMatchObject({ page: cursor ? null : 1, page_size: 1, total: all.total, total_pages: all.total });
      walked.push(...json.items);
      cursor = json.next_cursor;
    } while (cursor);
    expect(walked).toEqual(all.items);
    const byPage = await Promise.all(
      all.items.map(async (_: unknown, index: number) => {
        const { json } = await api.call('GET', `/api/v1/${list}?page_size=1&page=${index + 1}`);
        expect(json.page).toBe(index + 1);
        return json.items[0];
      }),
    );
    expect(byPage).toEqual(all.items);
  });

  it('belong to one filter and one order', async () => {
    const { json } = await api.call('GET', '/api/v1/costs?page_size=1');
    expect(await status('GET', `/api/v1/costs?page_size=2&cursor=${json.next_cursor}`)).toBe(200);
    for (const query of ['currency=EUR', 'sort=-date', 'sort=cost', 'from=2026-03-01', 'group_by=provider']) {
      await expectInvalid('GET', `/api/v1/costs?${query}&cursor=${json.next_cursor}`, ['cursor']);
    }
    await expectInvalid('GET', `/api/v1/resources?cursor=${json.next_cursor}`, ['cursor']);
  });

  it('are refused when their content was tampered with', async () => {
    for (const list of [
      'costs',
      'costs?group_by=service_name',
      'recommendations',
      'virtual-machines/utilisation?verdict=not_evaluated',
      'tenants?sort=created_at',
      'audit-logs',
      'ingestion/runs',
    ]) {
      const url = `/api/v1/${list}${list.includes('?') ? '&' : '?'}page_size=1`;
      const cursor = JSON.parse(Buffer.from((await api.call('GET', url)).json.next_cursor, 'base64url').toString());
      const tampered = [
        { ...cursor, v: cursor.v.map(() => 'nonsense') },
        { ...cursor, v: cursor.v.map(() => '\0') },
        { ...cursor, v: cursor.v.map(() => '2026-13-45') },
        { ...cursor, v: [...cursor.v, 'x'] },
        { ...cursor, v: 'x' },
        { ...cursor, v: [{}] },
        { ...cursor, t: -1 },
        { ...cursor, t: 1.5 },
        { ...cursor, f: undefined },
      ];
      for (const content of tampered) {
        const text = Buffer.from(JSON.stringify(content)).toString('base64url');
        await expectInvalid('GET', `${url}&cursor=${text}`, ['cursor']);
      }
    }
  });
});

describe('identifiers in paths', () => {
  it.each([
    'tenants/ID',
    'subscriptions/ID',
    'recommendations/ID',
    'ingestion/status/ID',
    'delivery-channels/ID',
    'deliveries/ID',
  ])('of %s', async (route) => {
    const at = (id: string) => `/api/v1/${route.replace('ID', id)}`;
    const field = route.startsWith('ingestion') ? 'run_id' : 'id';
    for (const id of ['1', 'abc', `${UNKNOWN}x`, '%00', "'", '..%2f', '%F0%9F%92%B6', 'null', '__proto__']) {
      await expectInvalid('GET', at(id), [field]);
    }
    expect(await status('GET', at(UNKNOWN))).toBe(404);
    expect(await status('GET', at(UNKNOWN.toUpperCase()))).toBe(404);
    expect(await status('GET', at('x'.repeat(600)))).toBeOneOf([400, 404, 414]);
  });

  it('are found however they are written', async () => {
    const { json } = await api.call('GET', `/api/v1/tenants/${estate.contoso.toUpperCase()}`);
    expect(json.id).toBe(estate.contoso);
  });
});

describe('bodies', () => {
  it.each<[string, unknown, string[]]>([
    ['tenants', {}, ['azure_tenant_id', 'name']],
    ['tenants', { name: 'n', azure_tenant_id: UNKNOWN, id: UNKNOWN, extra: 1 }, ['extra', 'id']],
    ['tenants', { name: 1, azure_tenant_id: 'x', type: 'big' }, ['azure_tenant_id', 'name', 'type']],
    ['tenants', { name: '  ', azure_tenant_id: UNKNOWN }, ['name']],
    ['tenants', { name: 'x'.repeat(10_240), azure_tenant_id: UNKNOWN }, ['name']],
    ['tenants', { name: 'a\0b', azure_tenant_id: UNKNOWN }, ['name']],
    ['tenants', { name: 'half \uD83D', azure_tenant_id: UNKNOWN }, ['name']],
    ['tenants', { name: 'n', azure_tenant_id: UNKNOWN, credential_ref: 'lower-case' }, ['credential_ref']],
    ['tenants', { name: ['n'], azure_tenant_id: { $ne: 1 } }, ['azure_tenant_id', 'name']],
    ['subscriptions', { tenant_id: UNKNOWN, subscription_id: UNKNOWN }, ['tenant_id']],
    ['subscriptions', { tenant_id: 'x', subscription_id: 'not-a-guid' }, ['subscription_id', 'tenant_id']],
    ['subscriptions', { tenant_id: UNKNOWN, subscription_id: 'not-a-guid' }, ['subscription_id']],
    ['subscriptions', { tenant_id: UNKNOWN, subscription_id: UNKNOWN, billing_scope: '\uDC00' }, ['billing_scope']],
    ['subscriptions', { tenant_id: UNKNOWN, subscription_id: UNKNOWN, state: 'Enabled' }, ['state']],
    ['ingestion/trigger', {}, ['mode']],
    ['ingestion/trigger', { mode: 'FULL' }, ['mode']],
  ])('of %s: %.80j', (route, body, fields) => expectInvalid('POST', `/api/v1/${route}`, fields, body));

  it('of changes must change something', async () => {
    for (const url of [`/api/v1/tenants/${estate.contoso}`, `/api/v1/subscriptions/${estate.contosoSubscription}`]) {
      await expectInvalid('PATCH', url, ['body'], {});
      await expectInvalid('PATCH', url, ['body'], []);
      await expectInvalid('PATCH', url, ['body', 'tenant_id'], { tenant_id: UNKNOWN });
    }
    await expectInvalid('PATCH', `/api/v1/tenants/${estate.contoso}`, ['name'], { name: null });
    await expectInvalid('PATCH', `/api/v1/tenants/${estate.contoso}`, ['azure_tenant_id', 'body'], {
      azure_tenant_id: UNKNOWN,
    });
    await expectInvalid('PATCH', '/api/v1/tenants/nonsense', ['id'], { name: 'x' });
  });

  it('must be JSON objects', async () => {
    for (const raw of ['null', '[]', '"text"', '7', 'true', '']) {
      const answer = await api.call('POST', '/api/v1/tenants', { raw });
      expect([answer.status, fieldsOf(answer)], raw).toEqual([400, ['body']]);
    }
    const { status: none } = await api.call('POST', '/api/v1/tenants');
    expect(none).toBe(400);
    for (const raw of ['{', '{"name":}', "{'name':'x'}", '\0', '{"name":"x"} trailing', '\u{feff}{', 'NaN']) {
      const answer = await api.call('POST', '/api/v1/tenants', { raw });
      expect([answer.status, answer.json.code], raw).toEqual([400, 'invalid_input']);
    }
  });

  it('must not touch prototypes', async () => {
    for (const raw of [
      '{"__proto__":{"name":"x"},"azure_tenant_id":"x"}',
      '{"name":"x","constructor":{"prototype":{"isAdmin":true}}}',
      '{"name":{"__proto__":null}}',
    ]) {
      expect((await api.call('POST', '/api/v1/tenants', { raw })).status, raw).toBe(400);
    }
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });

  it('may be deep and wrong in many places without harm', async () => {
    const deep = `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await api.call('POST', '/api/v1/tenants', { raw: deep })).status).toBe(400);
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`k${index}`, index]));
    const answer = await api.call('POST', '/api/v1/tenants', { body: many });
    expect([answer.status, answer.json.errors.length]).toEqual([400, 50]);
    expect(answer.json.detail).toBe('The request has 20002 mistakes.');
  });

  it('are limited to a megabyte', async () => {
    const raw = JSON.stringify({ name: 'x'.repeat(1024 * 1024), azure_tenant_id: UNKNOWN });
    const answer = await api.call('POST', '/api/v1/tenants', { raw });
    expect([answer.status, answer.json.code]).toEqual([413, 'too_large']);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
  ])('must not be %s', async (type) => {
    const answer = await api.call('POST', '/api/v1/tenants', { raw: 'name=x', headers: { 'content-type': type } });
    expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('may name a charset', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    const { status: charset } = await api.call('POST', '/api/v1/ingestion/trigger', { body: { mode: 'x' }, headers });
    expect(charset).toBe(400);
  });

  it('may be empty where none is needed, header or not', async () => {
    const url = `/api/v1/ingestion/runs/${estate.contosoRun}/cancel`;
    expect((await api.call('POST', url, { raw: '' })).status).toBe(409);
    expect((await api.call('POST', url)).status).toBe(409);
    expect((await api.call('DELETE', `/api/v1/tenants/${UNKNOWN}`, { raw: '' })).status).toBe(404);
  });
});

describe('addresses and methods', () => {
  it('that do not exist are 404, also for a method that a route does not have', async () => {
    for (const [method, url] of [
      ['GET', '/'],
      ['GET', '/api/v1'],
      ['GET', '/api/v2/tenants'],
      ['GET', '/api/v1/tenants/'],
      ['GET', '/API/V1/TENANTS'],
      ['GET', '//api/v1/tenants'],
      ['PUT', `/api/v1/tenants/${UNKNOWN}`],
      ['DELETE', '/api/v1/tenants'],
      ['POST', '/api/v1/costs'],
      ['GET', '/api/v1/ingestion/trigger'],
      ['OPTIONS', '/api/v1/tenants'],
    ] as [Method, string][]) {
      const answer = await api.call(method, url);
      expect([answer.status, answer.json.code], `${method} ${url}`).toEqual([404, 'not_found']);
      expect(answer.json.detail).toContain('/docs');
    }
  });

  it('that cannot be decoded are 400', async () => {
    for (const url of ['/api/v1/tenants/%', '/api/v1/tenants/%zz', '/api/v1/%c3%28', '/%']) {
      const answer = await api.call('GET', url);
      expect(answer.status, url).toBe(400);
    }
    expect(await status('GET', '/api/v1/tenants?q=%zz%')).toBeOneOf([200, 400]);
    expect(await status('GET', '/api/v1/tenants?q=%c3%28')).toBeOneOf([200, 400]);
  });

  it('answer HEAD like GET, without a body', async () => {
    for (const url of ['/health', '/api/v1/tenants', '/api/v1/costs']) {
      const answer = await api.call('HEAD', url);
      expect([answer.status, answer.text], url).toEqual([200, '']);
    }
    expect((await api.call('HEAD', '/api/v1/tenants', { token: null })).status).toBe(401);
  });

  it('that break HTTP itself get a problem too', async () => {
    await api.app.listen(0, '127.0.0.1');
    const { port } = api.app.getHttpServer().address() as { port: number };
    const send = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket
          .on('data', (chunk) => (answer += String(chunk)))
          .on('end', () => resolve(answer))
          .on('error', reject);
      });
    for (const [text, expected] of [
      [`GET /api/v1/tenants?q=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431],
      ['NONSENSE\r\n\r\n', 400],
      ['GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n', 400],
      ['POST /api/v1/tenants HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400],
    ] as const) {
      const [head = '', body = ''] = (await send(text)).split('\r\n\r\n');
      expect(head).toMatch(new RegExp(`^HTTP/1.1 ${expected} `));
      expect(head).toMatch(/^X-Correlation-ID: [0-9a-f-]{36}$/m);
      expect(head).toMatch(/^Content-Type: application\/problem\+json/m);
      expect(strictProblem.parse(JSON.parse(body))).toMatchObject({ status: expected });
    }
  });
});

describe('X-Correlation-ID', () => {
  it('is taken over when it is sane', async () => {
    for (const id of ['a', 'Trace-1.2:3_4', STRANGER, 'x'.repeat(128)]) {
      const { headers } = await api.call('GET', '/health', { headers: { 'x-correlation-id': id } });
      expect(headers['x-correlation-id']).toBe(id);
    }
  });

  it('is replaced when it is not', async () => {
    for (const id of ['', ' ', 'a b', 'x'.repeat(129), '<script>', 'a,b', 'ü', '{"a":1}']) {
      const { headers } = await api.call('GET', '/api/v1/nothing', { headers: { 'x-correlation-id': id } });
      expect(headers['x-correlation-id'], id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    }
  });
});

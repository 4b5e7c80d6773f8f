import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { oneTenant } from '#core/scope.js';
import { Database } from '#db/database.js';
import { CostLedger } from '#db/ledger/cost-ledger.js';
import { addTenant, charge, openTestLogins, publish, type TestLogins } from '../../../test/harness/ledger.js';
import { HOME, TestApi, type Call } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, type Estate } from '../testing/test-estate.js';

let logins: TestLogins;
let api: TestApi;
let estate: Estate;
let now = new Date('2026-11-26T10:00:00Z');
const tokens = new Map<string, string>();
beforeAll(async () => {
  logins = await openTestLogins();
  estate = await seedEstate(logins.urls.owner);
  api = await TestApi.start({
    databaseUrl: logins.urls.api,
    clock: { now: () => now, sleep: () => Promise.resolve() },
  });
  for (const tid of [HOME, CONTOSO, FABRIKAM]) tokens.set(tid, await api.token('AzCops.Admin', tid));
});
// A version is asked for once a second at most.
beforeEach(() => void (now = new Date(now.getTime() + 2_000)));
afterAll(async () => {
  await api.close();
  await logins.close();
});

const get = (url: string, headers: Record<string, string> = {}, tid = CONTOSO, options: Call = {}) =>
  api.call('GET', `/api/v1/${url}`, { token: tokens.get(tid), headers, ...options });
const etagOf = async (url: string, tid = CONTOSO) => (await get(url, {}, tid)).headers['etag']!;
const again = async (url: string, etag: string, tid = CONTOSO) =>
  (await get(url, { 'if-none-match': etag }, tid)).status;

const ROUTES = [
  'costs',
  'costs?group_by=service_name',
  'costs/summary',
  'costs/revisions',
  'resources',
  'resource-metrics',
  'virtual-machines/utilisation',
  'recommendations',
  'recommendations/summary',
];

describe('an answer that has not changed', () => {
  it.each(ROUTES)('of %s is not read again: 304, without a statement', async (url) => {
    const first = await get(url);
    expect(first.headers).toMatchObject({ 'cache-control': 'private, no-cache', etag: expect.stringMatching(/^W\/"/) });
    const database = api.app.get(Database);
    const queries = database.queries.bind(database);
    let statements = 0;
    database.queries = ((...args: Parameters<typeof queries>) => {
      statements += 1;
      return queries(...args);
    }) as typeof queries;
    try {
      const answer = await get(url, { 'if-none-match': `"other", ${first.headers['etag']}` });
      expect([answer.status, answer.text, answer.headers['etag'], statements]).toEqual([
        304,
        '',
        first.headers['etag'],
        0,
      ]);
    } finally {
      database.queries = queries;
    }
  });

  it('is another one for another request, reader, format or hour', async () => {
    const etag = await etagOf('costs');
    expect(await again('costs', etag)).toBe(304);
    expect(await again('costs?page_size=1', etag)).toBe(200);
    expect(await again('costs', etag, FABRIKAM)).toBe(200);
    expect(await again('costs', etag, HOME)).toBe(200);
    expect((await get('costs', { 'if-none-match': etag, accept: 'text/csv' })).status).toBe(200);
    now = new Date(now.getTime() + 3_600_000);
    expect(await again('costs', etag)).toBe(200);
  });

  it('does not come from a token that is not good, nor for what stands there without an ETag', async () => {
    const etag = await etagOf('costs');
    expect((await get('costs', { 'if-none-match': etag }, CONTOSO, { token: null })).status).toBe(401);
    for (const url of ['tenants', 'ingestion/runs']) {
      const answer = await get(url, { 'if-none-match': '*' });
      expect([answer.status, answer.headers['etag'], answer.headers['cache-control']]).toEqual([
        200,
        undefined,
        'no-store',
      ]);
    }
  });

  it('says what it depends on, as the answer itself does', async () => {
    const first = await get('costs');
    const answer = await get('costs', { 'if-none-match': first.headers['etag']! });
    expect([first.headers['vary'], answer.status, answer.headers['vary']]).toEqual(['Accept', 304, 'Accept']);
  });

  it.each([
    ['costs?sort=bogus', 400],
    ['costs?cursor=bogus', 400],
    ['costs?page=0', 400],
    ['rules/no-such-rule', 404],
    ['costs', 200],
  ])('is not known by a reader of %s who names no ETag but *: %i', async (url, status) => {
    expect((await get(url, { 'if-none-match': '*' })).status).toBe(status);
  });

  it('is no mistake that was answered before', async () => {
    const answer = await get('costs?from=never');
    expect([answer.status, answer.headers['etag'], answer.headers['cache-control']]).toEqual([
      400,
      undefined,
      'no-store',
    ]);
  });
});

describe('what changes an answer', () => {
  /** Whether readers of the two tenants, and the operator, are told something new. */
  const seenBy = async (change: () => Promise<unknown>) => {
    const readers = [CONTOSO, FABRIKAM, HOME];
    const etags = await Promise.all(readers.map((tid) => etagOf('costs', tid)));
    await change();
    now = new Date(now.getTime() + 2_000);
    const statuses = await Promise.all(readers.map((tid, index) => again('costs', etags[index]!, tid)));
    return statuses.map((status) => status === 200);
  };
  const finishWindow = (tenantId: string, status: string) =>
    logins.worker.transaction(oneTenant(tenantId), async (tx) => {
      const [window] = await tx.query<{ id: string }>(
        `INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope, status)
         VALUES ($1, $2, 'estate', gen_random_uuid()::text, 'tenant', 'running') RETURNING id`,
        [tenantId, estate.contosoRun],
      );
      await tx.query(`UPDATE ingestion_windows SET status = $2, finished_at = now() WHERE id = $1`, [
        window!.id,
        status,
      ]);
    });

  it('is whatever a window published, for those who may see it', async () => {
    expect(await seenBy(() => finishWindow(estate.contoso, 'succeeded'))).toEqual([true, false, true]);
    expect(await seenBy(() => Promise.resolve())).toEqual([false, false, false]);
  });

  it('is a decision or a change of the registry', async () => {
    const rename = () =>
      api.call('PATCH', `/api/v1/subscriptions/${estate.fabrikamSubscription}`, { body: { display_name: 'Renamed' } });
    expect(await seenBy(rename)).toEqual([false, true, true]);
  });

  it('is a subscription that is read under another tenant from now on', async () => {
    const move = () =>
      logins.owner.pool.query(`UPDATE subscriptions SET read_elsewhere = NOT read_elsewhere WHERE tenant_id = $1`, [
        estate.contoso,
      ]);
    expect(await seenBy(move)).toEqual([true, false, true]);
  });

  it('is seen by whoever made it at once, by others within a second', async () => {
    const etag = await etagOf('costs');
    await api.call('PATCH', `/api/v1/subscriptions/${estate.contosoSubscription}`, { body: { display_name: 'Mine' } });
    expect(await again('costs', etag)).toBe(200);
    const next = await etagOf('costs');
    await finishWindow(estate.contoso, 'succeeded');
    expect(await again('costs', next)).toBe(304);
    now = new Date(now.getTime() + 1_000);
    expect(await again('costs', next)).toBe(200);
  });

  it('is counted though many windows of a tenant end at once, in whatever order they commit', async () => {
    const tenantId = await addTenant(logins.owner, 'busy');
    const ledger = new CostLedger(logins.worker);
    const version = async () =>
      Number(
        (await logins.owner.pool.query(`SELECT sum(version) AS v FROM data_versions WHERE tenant_id = $1`, [tenantId]))
          .rows[0].v,
      );
    await finishWindow(tenantId, 'succeeded');
    const before = await version();
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        await publish(ledger, { tenantId, subscriptionId: `s${index}`, charges: [charge({ cost: '1' })] });
        await finishWindow(tenantId, 'succeeded');
      }),
    );
    expect(await version()).toBe(before + 24);
  });
});

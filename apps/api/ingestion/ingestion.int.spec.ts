import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addDays, addMonths, dayOf } from '#core/day.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { runStatus, triggerAnswer } from './ingestion.schema.js';

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

const trigger = async (body: unknown, tid?: string) =>
  api.call('POST', '/api/v1/ingestion/trigger', { body, token: tid && (await api.token('AzCops.Admin', tid)) });
const started = async (body: unknown, tid?: string): Promise<string> => {
  const answer = await trigger(body, tid);
  expect(answer.status, answer.text).toBe(202);
  const { run_id, status_url } = strict(triggerAnswer).parse(answer.json);
  expect(status_url).toBe(`/api/v1/ingestion/status/${run_id}`);
  return run_id;
};
const jobs = (runId: string) =>
  withClient(database.ownerUrl, async (client) => {
    const { rows } = await client.query('SELECT name, data FROM pgboss.job WHERE singleton_key = $1', [runId]);
    return rows as unknown[];
  });

describe('trigger', () => {
  it('queues a run and its plan, and answers where to look', async () => {
    const runId = await started({ mode: 'full' });
    expect(await jobs(runId)).toEqual([{ name: 'ingestion-plan', data: { runId } }]);
    const { json } = await api.call('GET', `/api/v1/ingestion/status/${runId}`);
    expect(strict(runStatus).parse(json)).toMatchObject({
      run_id: runId,
      tenant_id: null,
      mode: 'full',
      status: 'queued',
      source: 'api',
      requested_by: 'Petra Prüfer',
      progress: { windows_done: 0, windows_total: null, rows: 0 },
      windows: [],
      started_at: null,
    });
    const log = await api.call('GET', `/api/v1/audit-logs?object_id=${runId}`);
    expect(log.json.items).toMatchObject([{ action: 'ingestion.trigger', tenant_id: null, changes: { mode: 'full' } }]);
  });

  it('returns the equal run while it is active, however the request is written', async () => {
    const other = '30000000-0000-4000-8000-0000000000ab';
    await api.call('POST', '/api/v1/subscriptions', { body: { tenant_id: estate.contoso, subscription_id: other } });
    const ids = [SUBSCRIPTION.contoso, other];
    const body = {
      mode: 'full',
      tenant_id: estate.contoso,
      subscription_ids: ids,
      connectors: ['cost-management', 'resource-graph'],
    };
    const runId = await started(body);
    expect(await started(body)).toBe(runId);
    expect(
      await started({ ...body, tenant_id: estate.contoso.toUpperCase(), subscription_ids: ids.toReversed() }),
    ).toBe(runId);
    expect(await started({ ...body, subscription_ids: [...ids, other.toUpperCase()] })).toBe(runId);
    const doubled = ['resource-graph', 'cost-management', 'resource-graph'];
    expect(await started({ ...body, connectors: doubled })).toBe(runId);
    expect(await started({ mode: body.mode, subscription_ids: ids, connectors: body.connectors }, CONTOSO)).toBe(runId);
    const different = [
      { ...body, mode: 'incremental' },
      { ...body, subscription_ids: [other] },
      { mode: 'full', tenant_id: estate.contoso },
    ];
    const others = await Promise.all(different.map((request) => started(request)));
    expect(new Set([runId, ...others]).size).toBe(4);
    expect(await jobs(runId)).toHaveLength(1);
    expect((await api.call('GET', `/api/v1/audit-logs?object_id=${runId}`)).json.total).toBe(1);
  });

  it('makes one run of many equal requests at once', async () => {
    const body = { mode: 'incremental', tenant_id: estate.contoso, connectors: ['subscriptions'] };
    const runs = await Promise.all(Array.from({ length: 10 }, () => started(body)));
    expect(new Set(runs).size).toBe(1);
  });

  it('means the own tenant for everyone but the operator', async () => {
    const runId = await started({ mode: 'incremental' }, FABRIKAM);
    const { json } = await api.call('GET', `/api/v1/ingestion/status/${runId}`);
    expect(json.tenant_id).toBe(estate.fabrikam);
    expect(await started({ mode: 'incremental', tenant_id: estate.fabrikam })).toBe(runId);
    const token = await api.token('AzCops.Reader', CONTOSO);
    expect((await api.call('GET', `/api/v1/ingestion/status/${runId}`, { token })).status).toBe(404);
  });

  it('names what is wrong', async () => {
    const today = dayOf(new Date());
    const wrong: [Record<string, unknown>, string[]][] = [
      [{ from: '2026-03-01' }, ['from']],
      [{ to: '2026-03-01' }, ['from']],
      [{ from: '2026-03-02', to: '2026-03-01' }, ['to']],
      [{ from: '2026-02-30', to: '2026-03-01' }, ['from']],
      [{ from: today, to: addDays(today, 1) }, ['to']],
      [{ from: addDays(addMonths(today, -84), -1), to: today }, ['from']],
      [{ from: '0000-01-01', to: today }, ['from']],
      [{ connectors: [] }, ['connectors']],
      [{ connectors: ['nothing'] }, ['connectors.0']],
      [{ connectors: 'cost-management' }, ['connectors']],
      [{ subscription_ids: [] }, ['subscription_ids']],
      [{ subscription_ids: [''] }, ['subscription_ids.0']],
      [{ subscription_ids: [7] }, ['subscription_ids.0']],
      [{ subscription_ids: ['unknown', SUBSCRIPTION.contoso] }, ['subscription_ids']],
      [{ subscription_ids: [SUBSCRIPTION.fabrikam], tenant_id: estate.contoso }, ['subscription_ids']],
      [{ subscription_ids: Array.from({ length: 10_001 }, (_, index) => `s${index}`) }, ['subscription_ids']],
      [{ tenant_id: 'x' }, ['tenant_id']],
      [{ tenantId: estate.contoso }, ['tenantId']],
    ];
    for (const [part, fields] of wrong) {
      const answer = await trigger({ mode: 'full', ...part });
      expect([answer.status, fieldsOf(answer)], JSON.stringify(part).slice(0, 200)).toEqual([400, fields]);
    }
    expect((await trigger({ mode: 'full', tenant_id: '99999999-9999-4999-8999-999999999999' })).status).toBe(404);
    expect((await trigger({ mode: 'full', subscription_ids: [SUBSCRIPTION.fabrikam] }, CONTOSO)).status).toBe(400);
    expect((await trigger({ mode: 'full', from: addMonths(today, -84), to: today })).status).toBe(202);
  });

  it('checks thousands of subscriptions at once', async () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `sub-${index}`);
    const answer = await trigger({ mode: 'full', subscription_ids: ids });
    expect([answer.status, answer.json.errors.length]).toEqual([400, 50]);
    expect(answer.json.detail).toContain('10000 of the subscriptions are not registered');
  });
});

describe('cancel', () => {
  it('ends a queued run once, and makes room for an equal one', async () => {
    const body = { mode: 'incremental', tenant_id: estate.contoso, connectors: ['resource-graph'] };
    const runId = await started(body);
    const url = `/api/v1/ingestion/runs/${runId}/cancel`;
    const token = await api.token('AzCops.Admin', CONTOSO);
    const cancelled = await api.call('POST', url, { token });
    expect(cancelled.status).toBe(200);
    expect(strict(runStatus).parse(cancelled.json)).toMatchObject({
      run_id: runId,
      status: 'cancelled',
      finished_at: expect.any(String),
    });
    const again = await api.call('POST', url, { token });
    expect([again.status, again.json.detail]).toEqual([409, expect.stringContaining('it is cancelled')]);
    expect(await started(body)).not.toBe(runId);
    const log = await api.call('GET', `/api/v1/audit-logs?object_id=${runId}&sort=created_at`);
    expect(log.json.items.map(({ action }: any) => action)).toEqual(['ingestion.trigger', 'ingestion.cancel']);
  });

  it('refuses runs that have ended or do not exist', async () => {
    expect((await api.call('POST', `/api/v1/ingestion/runs/${estate.everyoneRun}/cancel`)).status).toBe(409);
    const unknown = '/api/v1/ingestion/runs/99999999-9999-4999-8999-999999999999/cancel';
    expect((await api.call('POST', unknown)).status).toBe(404);
    expect((await api.call('GET', '/api/v1/ingestion/status/99999999-9999-4999-8999-999999999999')).status).toBe(404);
  });
});

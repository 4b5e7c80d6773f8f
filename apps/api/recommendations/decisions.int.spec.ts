import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RECOMMENDATION_MOVES, RECOMMENDATION_STATUSES, type RecommendationMove } from '#core/workflow.js';
import { withClient } from '../../../scripts/postgres-logins.js';
import { createTestDatabase, type TestDatabase } from '../../../test/harness/database.js';
import { ROLES, type Role } from '../auth/caller.js';
import { strict } from '../testing/strict-schema.js';
import { fieldsOf, HOME, TestApi } from '../testing/test-api.js';
import { CONTOSO, FABRIKAM, seedEstate, SUBSCRIPTION, type Estate } from '../testing/test-estate.js';
import { seedFinding, type SeededFinding } from '../testing/test-findings.js';
import { bulkOutcome } from './decisions.schema.js';
import { recommendation, recommendationView } from './recommendations.schema.js';

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

const finding = (changes: Partial<SeededFinding> = {}) =>
  withClient(database.ownerUrl, (client) =>
    seedFinding(client, {
      tenantId: estate.contoso,
      subscriptionId: SUBSCRIPTION.contoso,
      title: 'Delete it',
      rule: 'unattached-disk',
      source: 'rules',
      ...changes,
    }),
  );
const call = async (
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  body?: object,
  role: Role = 'AzCops.Approver',
  tid = CONTOSO,
) => api.call(method, `/api/v1/recommendations/${url}`, { token: await api.token(role, tid), body });
const move = (id: string, name: RecommendationMove, body: object = { reason: 'so' }, role?: Role) =>
  call('POST', `${id}/${name}`, body, role);
const view = async (id: string) => strict(recommendationView).parse((await call('GET', id)).json);
const audited = async (id: string) =>
  (await api.call('GET', `/api/v1/audit-logs?object_id=${id}`, { token: await api.token('AzCops.Admin', CONTOSO) }))
    .json.items;

/** The workflow as the contract draws it. */
const LEADS_TO: Record<string, string> = {
  'open approve': 'approved',
  'open reject': 'rejected',
  'open dismiss': 'dismissed',
  'approved execute': 'executed',
  'approved reject': 'rejected',
  'rejected reopen': 'open',
  'dismissed reopen': 'open',
};
const every = RECOMMENDATION_STATUSES.flatMap((status) =>
  RECOMMENDATION_MOVES.flatMap((name) => ROLES.map((role) => [status, name, role] as const)),
);

describe('the workflow', () => {
  it.each(every)('from %s, %s, as %s', async (status, name, role) => {
    const id = await finding({ status });
    const answer = await move(id, name, { reason: 'so' }, role);
    const target = LEADS_TO[`${status} ${name}`];
    const expected = role === 'AzCops.Reader' ? 403 : target ? 200 : 409;
    expect(answer.status, answer.text).toBe(expected);
    const moved = expected === 200;
    const { status: now, history, allowed_moves } = await view(id);
    expect(now).toBe(moved ? target : status);
    expect(allowed_moves.toSorted()).toEqual(
      RECOMMENDATION_MOVES.filter((next) => LEADS_TO[`${now} ${next}`]).toSorted(),
    );
    expect(history).toHaveLength(moved ? 1 : 0);
    expect(await audited(id)).toHaveLength(moved ? 1 : 0);
    if (expected === 409) {
      for (const next of allowed_moves) expect(answer.json.detail).toContain(next);
      expect(answer.json.code).toBe('conflict');
    }
    if (moved) expect(strict(recommendation).parse(answer.json).status).toBe(target);
  });

  it.each(every.filter(([, , role]) => role === 'AzCops.Approver'))('by PATCH from %s, %s', async (status, name) => {
    const id = await finding({ status });
    const target = {
      approve: 'approved',
      reject: 'rejected',
      execute: 'executed',
      dismiss: 'dismissed',
      reopen: 'open',
    }[name];
    const answer = await call('PATCH', id, { status: target, reason: 'so' });
    expect(answer.status).toBe(LEADS_TO[`${status} ${name}`] ? 200 : 409);
  });

  it('lets one of those who decide at once win; the others are told', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await finding();
      const rivals = ['approve', 'reject', 'dismiss', 'approve', 'reject', 'dismiss'] as const;
      const answers = await Promise.all(
        rivals.map((name) => move(id, name, { reason: name, expected_status: 'open' })),
      );
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
      const winner = rivals[answers.findIndex(({ status }) => status === 200)]!;
      const { status, history } = await view(id);
      expect(status).toBe(LEADS_TO[`open ${winner}`]);
      expect(history.map(({ reason }) => reason)).toEqual([winner]);
      expect(await audited(id)).toHaveLength(1);
    }
  });

  it('refuses a decision on a status that is no longer so', async () => {
    const id = await finding({ status: 'approved' });
    const answer = await move(id, 'reject', { reason: 'so', expected_status: 'open' });
    expect([answer.status, answer.json.detail]).toEqual([
      409,
      `Recommendation ${id} was decided in the meantime: it is approved. From there it can go: execute, reject.`,
    ]);
  });
});

describe('a decision', () => {
  it('is kept with who, when and why, in history and audit', async () => {
    const id = await finding();
    await move(id, 'approve', { reason: 'Agreed with the owner' });
    const [event] = (await view(id)).history;
    expect(event).toMatchObject({
      kind: 'approved',
      from_status: 'open',
      to_status: 'approved',
      reason: 'Agreed with the owner',
      actor_id: expect.any(String) as string,
      correlation_id: expect.any(String) as string,
      run_id: null,
    });
    expect(await audited(id)).toMatchObject([
      {
        action: 'recommendation.approve',
        actor_id: event!.actor_id,
        correlation_id: event!.correlation_id,
        changes: { from: 'open', to: 'approved', reason: 'Agreed with the owner' },
      },
    ]);
  });

  it.each([
    ['reject', {}, ['reason']],
    ['dismiss', {}, ['reason']],
    ['dismiss', { reason: '  ' }, ['reason']],
    ['dismiss', { reason: 'x', until: '2020-01-01T00:00:00Z' }, ['until']],
    ['approve', { until: '2100-01-01T00:00:00Z', executed_at: '2020-01-01T00:00:00Z' }, ['executed_at', 'until']],
    ['execute', { executed_at: '2020-01-01T00:00:00Z' }, ['executed_at']],
    ['execute', { executed_at: 'yesterday' }, ['executed_at']],
    ['approve', { status: 'open' }, ['status']],
    ['remove', {}, ['move']],
  ])('%s with %j is told what is wrong, and changes nothing', async (name, body, fields) => {
    const id = await finding();
    const answer = await call('POST', `${id}/${name}`, body);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
    expect((await view(id)).status).toBe('open');
  });

  it('in another time zone is told which one to use', async () => {
    const answer = await move(await finding(), 'dismiss', { reason: 'x', until: '2100-01-01T00:00:00+02:00' });
    expect([answer.status, answer.json.detail]).toEqual([
      400,
      'until must be an instant in UTC such as 2026-11-01T06:00:00Z.',
    ]);
  });

  it('needs no reason where none is due', async () => {
    const id = await finding();
    expect((await move(id, 'approve', {})).status).toBe(200);
    expect((await view(id)).history[0]!.reason).toBeNull();
  });

  it('to dismiss for a time says until when', async () => {
    const id = await finding();
    const until = '2100-01-01T00:00:00.000Z';
    const answer = await move(id, 'dismiss', { reason: 'After the season', until });
    expect(answer.json).toMatchObject({ status: 'dismissed', dismissed_until: until });
    expect((await move(id, 'reopen', {})).json).toMatchObject({ status: 'open', dismissed_until: null });
  });

  it('to execute can say when somebody acted', async () => {
    const id = await finding({ status: 'approved' });
    const executed_at = new Date(Date.now() - 86_400_000).toISOString();
    expect((await move(id, 'execute', { executed_at })).json).toMatchObject({ status: 'executed', executed_at });
  });

  it('is beyond those of another tenant, and within reach of the operator', async () => {
    const id = await finding();
    for (const name of ['approve', 'execute'] as const) {
      expect((await call('POST', `${id}/${name}`, {}, 'AzCops.Admin', FABRIKAM)).status).toBe(404);
    }
    expect((await call('PATCH', id, { status: 'approved' }, 'AzCops.Admin', FABRIKAM)).status).toBe(404);
    expect((await call('POST', `${id}/approve`, {}, 'AzCops.Approver', HOME)).status).toBe(200);
  });
});

describe('decisions about many', () => {
  it('move those that can be moved and say why of the others', async () => {
    const open = await finding();
    const executed = await finding({ status: 'executed' });
    const foreign = estate.fabrikamFinding;
    const answer = await call('POST', 'decisions', {
      ids: [open, executed, foreign, open],
      move: 'approve',
      reason: 'All',
    });
    expect(answer.status).toBe(200);
    const outcome = strict(bulkOutcome).parse(answer.json);
    expect(outcome).toMatchObject({
      moved: 1,
      refused: 2,
      items: [
        { id: open, status: 'approved', code: null, detail: null },
        { id: executed, status: null, code: 'conflict' },
        { id: foreign, status: null, code: 'not_found' },
      ],
    });
    expect((await view(open)).history).toMatchObject([{ reason: 'All' }]);
  });

  it.each([
    [{ ids: [], move: 'approve' }, 'ids'],
    [{ ids: ['x'], move: 'approve' }, 'ids.0'],
    [{ ids: ['00000000-0000-4000-8000-000000000000'], move: 'dismiss' }, 'reason'],
    [{ ids: Array.from({ length: 501 }, () => crypto.randomUUID()), move: 'approve' }, 'ids'],
  ])('are refused whole when they are wrong: %#', async (body, field) => {
    const answer = await call('POST', 'decisions', body);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, [field]]);
  });
});

describe('the view of one', () => {
  it('has the runbook with its own values, and none for what others found', async () => {
    const id = await finding();
    const { runbook } = await view(id);
    expect(runbook!.map(({ title }) => title)).toContain('Act with Azure CLI');
    expect((await view(estate.contosoFinding)).runbook).toBeNull();
  });

  it('shows what each action on the resource adds', async () => {
    const resourceId = '/subscriptions/s/resourcegroups/g/providers/microsoft.compute/disks/d';
    const first = await finding({ resourceId, savings: '60', action: 'remove', monthlyCost: '100' });
    const second = await finding({ resourceId, savings: '30', action: 'retier', monthlyCost: '100' });
    const { chain, resource_group } = await view(second);
    expect(chain).toMatchObject([
      { id: first, action: 'remove', position: 1, counted_monthly_savings: '60' },
      { id: second, action: 'retier', position: 2, counted_monthly_savings: '0' },
    ]);
    expect(resource_group).toBe('g');
    await move(first, 'dismiss');
    expect((await view(second)).chain).toMatchObject([{ id: second, position: 1, counted_monthly_savings: '30' }]);
  });
});

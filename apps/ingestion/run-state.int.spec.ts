import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReadProof } from '#core/connector.js';
import {
  ConflictError,
  PermissionError,
  SourceRejectedError,
  ThrottledError,
  TransientSourceError,
  UnavailableError,
} from '#core/errors.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import { FencedError } from '#db/repositories/ingestion-window.repository.js';
import { addSubscription, addTenant } from '../../test/harness/ledger.js';
import { ACTOR, costRecord, proof, resourceRecord, TestIngestion } from '../../test/harness/ingestion.js';
import { RunPlanner } from './planner/run-planner.js';
import { WindowRunner } from './worker/window-runner.js';

let ingestion: TestIngestion;
let tenantId: string;
let tenants = 0;

beforeAll(async () => void (ingestion = await TestIngestion.open()));
afterAll(() => ingestion.end());
beforeEach(async () => {
  ingestion.sources.reads.clear();
  // A subscription is read under one tenant only.
  await ingestion.logins.owner.pool.query('UPDATE tenants SET removed_at = now()');
  tenantId = await addTenant(ingestion.logins.owner, `tenant-${(tenants += 1)}`);
});
// What one test leaves open, the next would sweep up.
afterEach(async () => {
  await ingestion.logins.owner.pool.query(`
    UPDATE ingestion_runs SET status = 'cancelled' WHERE status IN ('queued', 'running');
    UPDATE ingestion_windows SET status = 'cancelled' WHERE status IN ('pending', 'running');
    DELETE FROM pgboss.job_common`);
});

const own = <Row extends object>(sql: string) => ingestion.logins.worker.query<Row>(oneTenant(tenantId), sql);
const costs = () =>
  own('SELECT subscription_id, day, trim_scale(cost)::text AS cost FROM costs_daily_flat ORDER BY 1, 2');
const jobs = async (queue: string) =>
  (
    await ingestion.logins.owner.pool.query<{ key: string }>(
      `SELECT singleton_key AS key FROM pgboss.job_common WHERE name = $1 AND state < 'active'`,
      [queue],
    )
  ).rows.map(({ key }) => key);
const fails = (error: Error) =>
  async function* () {
    yield [];
    throw error;
  };

describe('asking for a run', () => {
  it('while an equal one is active answers that one, however the request is written', async () => {
    const request = { tenantId, subscriptionIds: ['B', 'a'], connectors: ['x', 'b'] };
    const first = await ingestion.request(request);
    const again = await ingestion.request({
      tenantId,
      subscriptionIds: ['a', 'b'],
      connectors: ['b', 'x'],
      source: 'api',
    });
    expect(first).toMatchObject({ created: true });
    expect(again).toEqual({ runId: first!.runId, created: false });
    expect(await jobs('ingestion-plan')).toEqual([first!.runId]);

    const others = [
      { tenantId },
      { ...request, mode: 'incremental' as const },
      { ...request, from: '2026-04-01', to: '2026-04-02' },
    ];
    for (const other of others) expect(await ingestion.request(other)).toMatchObject({ created: true });

    await ingestion.parts.runs.cancel(ALL_TENANTS, first!.runId, ACTOR);
    expect(await ingestion.request(request)).toMatchObject({ created: true });
  });

  it('many times at once makes one run, one job and one audit log', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => ingestion.request({ tenantId })));
    expect(new Set(answers.map((answer) => answer!.runId)).size).toBe(1);
    expect(answers.filter((answer) => answer!.created)).toHaveLength(1);
    expect(await jobs('ingestion-plan')).toEqual([answers[0]!.runId]);
    const { rows } = await ingestion.logins.owner.pool.query(
      `SELECT object_id FROM audit_logs WHERE action = 'ingestion.trigger' AND tenant_id = $1`,
      [tenantId],
    );
    expect(rows).toEqual([{ object_id: answers[0]!.runId }]);
  });

  it('for a tick happens once, even after that run has ended', async () => {
    const tick = `full@${tenantId}`;
    const answers = await Promise.all([1, 2, 3].map(() => ingestion.request({ tenantId, tick })));
    const made = answers.filter((answer) => answer !== null);
    expect(made).toHaveLength(1);
    await ingestion.parts.runs.cancel(ALL_TENANTS, made[0]!.runId, ACTOR);
    expect(await ingestion.request({ tenantId, tick })).toBeNull();
  });
});

describe('a run', () => {
  it('goes through its stages: what discovery finds is what is read next', async () => {
    const runId = await ingestion.startRun(tenantId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'running', stage: 'discovery', windows_total: null });
    const [discovery, ...none] = await ingestion.windows(runId);
    expect(none).toEqual([]);
    expect(await jobs('ingestion-window')).toEqual([discovery!.id]);
    // Nothing is planned while a window is open, however often asked.
    await ingestion.plan(runId);
    expect(await ingestion.windows(runId)).toHaveLength(1);

    await ingestion.attempt(discovery!);
    await ingestion.plan(runId);
    expect((await ingestion.windows(runId)).map(({ connector, scope }) => `${connector} ${scope}`)).toEqual([
      'subscriptions tenant',
      'cost-management s1',
      'cost-management s2',
      'cost-management s3',
      'resource-graph tenant',
    ]);
    expect(await ingestion.run(runId)).toMatchObject({ stage: 'estate', windows_total: 5, windows_done: 1 });

    await ingestion.workOff(runId);
    const run = await ingestion.run(runId);
    expect(run).toMatchObject({ status: 'succeeded', windows_done: 5, rows: 7 });
    expect(run.finished_at).toBeInstanceOf(Date);
    expect(await ingestion.parts.windows.totals(ALL_TENANTS, runId)).toEqual([
      { currency: 'USD', cost: '3', amortized_cost: '3' },
    ]);
    expect(await costs()).toHaveLength(3);
  });

  it('is not planned further by a planner that waited for another one', async () => {
    const { runId } = (await ingestion.request({ tenantId }))!;
    const other = await ingestion.logins.owner.connect();
    try {
      await other.query('BEGIN');
      await other.query(`UPDATE ingestion_runs SET status = 'running', stage = 'discovery' WHERE id = $1`, [runId]);
      const waiting = ingestion.parts.plans.startPlanning(runId);
      const blocked = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0`;
      await expect.poll(async () => (await ingestion.logins.owner.pool.query(blocked)).rowCount).toBe(1);
      await other.query(
        `INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope) VALUES ($1, $2, 'discovery', 'subscriptions', 'tenant')`,
        [tenantId, runId],
      );
      await other.query('COMMIT');
      expect(await waiting).toBeNull();
    } finally {
      other.release(true);
    }
  });

  it('is planned once by several planners at once', async () => {
    const { runId } = (await ingestion.request({ tenantId }))!;
    await Promise.all([1, 2, 3].map(() => ingestion.plan(runId)));
    expect(await ingestion.windows(runId)).toHaveLength(1);
    await ingestion.attempt(await ingestion.window(runId, 'subscriptions'));
    await Promise.all([1, 2, 3].map(() => ingestion.plan(runId)));
    expect(await ingestion.windows(runId)).toHaveLength(5);
  });

  it('reads what was asked for only', async () => {
    for (const id of ['s1', 's2']) await addSubscription(ingestion.logins.owner, tenantId, id);
    await addTenant(ingestion.logins.owner, `tenant-${(tenants += 1)}`);
    const range = { from: '2026-04-03', to: '2026-04-04' };
    const runId = await ingestion.startRun(tenantId, { subscriptionIds: ['S2'], ...range });
    // Who names subscriptions knows them: nothing is discovered.
    const windows = await ingestion.windows(runId);
    expect(windows.map(({ connector, scope, from_day: from, to_day: to }) => [connector, scope, from, to])).toEqual([
      ['cost-management', 's2', '2026-04-03', '2026-04-04'],
      ['resource-graph', 'tenant', null, null],
    ]);
    const seen: string[] = [];
    ingestion.sources.reads.set('resource-graph tenant', async function* (_window, { subscriptions }) {
      seen.push(...subscriptions.map(({ subscriptionId }) => subscriptionId));
      yield [];
      return proof({ subscriptionsSeen: ['s2'] });
    });
    await ingestion.attempt(await ingestion.window(runId, 'resource-graph'));
    expect(seen).toEqual(['s2']);
  });

  it('leaves out subscriptions and tenants that were removed', async () => {
    for (const id of ['s1', 's2']) await addSubscription(ingestion.logins.owner, tenantId, id);
    await ingestion.logins.owner.pool.query(
      `UPDATE subscriptions SET removed_at = now() WHERE subscription_id = 's1' AND tenant_id = $1`,
      [tenantId],
    );
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    expect((await ingestion.windows(runId)).map(({ scope }) => scope)).toEqual(['s2']);
    await ingestion.logins.owner.pool.query('UPDATE tenants SET removed_at = now() WHERE id = $1', [tenantId]);
    const empty = await ingestion.startRun(tenantId, { connectors: ['resource-graph'] });
    expect(await ingestion.run(empty)).toMatchObject({ status: 'succeeded', windows_total: 0 });
  });

  it('without anything to read ends at once', async () => {
    const runId = await ingestion.startRun(tenantId, { mode: 'incremental' });
    expect(await ingestion.run(runId)).toMatchObject({ status: 'succeeded', windows_total: 0, windows_done: 0 });
  });

  const broken = fails(new SourceRejectedError('Bad request.', 'Report it.'));
  const forbidden = fails(new PermissionError('Forbidden.', 'Reader', '/subscriptions/s1'));
  const unavailable = fails(new UnavailableError('No costs in this offer.', 'Nothing.'));
  it.each([
    ['succeeded', 'everything was read', {}],
    ['partially_succeeded', 'something failed', { 'cost-management s1': broken }],
    ['failed', 'all failed', { 'cost-management s1': broken, 'cost-management s2': broken }],
    ['succeeded', 'a role was missing', { 'cost-management s1': forbidden }],
    ['succeeded', 'something was unavailable', { 'cost-management s1': unavailable }],
    ['succeeded', 'all was unavailable', { 'cost-management s1': unavailable, 'cost-management s2': unavailable }],
    [
      'failed',
      'one failed and the rest was unavailable',
      { 'cost-management s1': unavailable, 'cost-management s2': broken },
    ],
  ])('ends %s when %s', async (status, _when, reads) => {
    for (const id of ['s1', 's2']) await addSubscription(ingestion.logins.owner, tenantId, id);
    for (const [where, read] of Object.entries(reads)) ingestion.sources.reads.set(where, read);
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    await ingestion.workOff(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status, windows_done: 2 });
  });

  it('is cancelled with its open windows, and what was published stays', async () => {
    for (const id of ['s1', 's2']) await addSubscription(ingestion.logins.owner, tenantId, id);
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    await ingestion.attempt(await ingestion.window(runId, 'cost-management', 's1'));
    await ingestion.parts.runs.cancel(ALL_TENANTS, runId, ACTOR);
    expect((await ingestion.windows(runId)).map(({ scope, status }) => `${scope} ${status}`)).toEqual([
      's1 succeeded',
      's2 cancelled',
    ]);
    const { id } = await ingestion.window(runId, 'cost-management', 's2');
    expect(await ingestion.parts.windows.claim(tenantId, id, 'w')).toBeNull();
    await ingestion.plan(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'cancelled' });
    expect(await costs()).toHaveLength(1);
    await expect(ingestion.parts.runs.cancel(ALL_TENANTS, runId, ACTOR)).rejects.toThrow(ConflictError);
  });
});

describe('an attempt at a window', () => {
  let runId: string;
  const costWindow = () => ingestion.window(runId);
  beforeEach(async () => {
    await addSubscription(ingestion.logins.owner, tenantId, 's1');
    runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
  });
  const costsOf = (cost: string, result: Partial<ReadProof> = {}) =>
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [costRecord({ cost, amortizedCost: cost })];
      return proof(result);
    });

  it('records its proof and its raw pages with what it publishes', async () => {
    ingestion.sources.reads.set('cost-management s1', async function* (_window, { keep }) {
      await keep({ body: Buffer.from('page'), label: 'actual-0001', requestHash: 'hash', status: 200, headers: {} });
      yield [costRecord()];
      return proof({ pages: 1, rows: 1, coveredDays: ['2026-04-01'], grain: ['ServiceName'] });
    });
    const window = await ingestion.attempt(await costWindow());
    expect(window).toMatchObject({
      status: 'succeeded',
      attempt: 1,
      rows: 1,
      pages: 1,
      totals: [{ currency: 'USD', cost: '1', amortized_cost: '1' }],
      proof: {
        complete: true,
        rows_written: 1,
        covered_from: '2026-04-01',
        grain: ['ServiceName'],
        amounts: 'both',
        requests: 0,
      },
      // SHA-256 of "page".
      sha256: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
  });

  it('that throws after it yielded publishes nothing and is made again', async () => {
    let attempts = 0;
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [costRecord({ cost: '7' })];
      if ((attempts += 1) === 1) throw new TransientSourceError('The network broke.');
      return proof();
    });
    const window = await ingestion.attempt(await costWindow());
    expect(window).toMatchObject({ status: 'pending', reason: 'The network broke.', finished_at: null });
    expect(window.waiting_until!.getTime()).toBeGreaterThan(Date.now());
    expect(await costs()).toEqual([]);
    await ingestion.endWait(window.id);
    expect(await ingestion.attempt(window)).toMatchObject({
      status: 'succeeded',
      attempt: 2,
      reason: null,
      waiting_until: null,
    });
    expect(await costs()).toEqual([{ subscription_id: 's1', day: '2026-04-01', cost: '7' }]);
  });

  it('fails for good after the third that might have succeeded', async () => {
    ingestion.sources.reads.set('cost-management s1', fails(new TransientSourceError('The network broke.')));
    const { id } = await costWindow();
    const statuses = [];
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      statuses.push((await ingestion.attempt(await costWindow())).status);
      await ingestion.endWait(id);
    }
    expect(statuses).toEqual(['pending', 'pending', 'failed']);
    await ingestion.plan(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'failed' });
  });

  it('outlasts a database without free connections, however often it meets it', async () => {
    const full = Object.assign(new Error('sorry, too many clients already'), { code: '53300' });
    ingestion.sources.reads.set('cost-management s1', fails(full));
    const { id } = await costWindow();
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      expect((await ingestion.attempt(await costWindow())).status).toBe('pending');
      await ingestion.endWait(id);
    }
    ingestion.sources.reads.delete('cost-management s1');
    expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'succeeded', attempt: 5 });
    const failed = await ingestion.parts.metrics.registry.getSingleMetricAsString(
      'azcops_ingestion_attempts_failed_total',
    );
    expect(failed).toContain('{connector="cost-management",reason="database"} 4');
  });

  it('waits for quota without spending an attempt, and is not woken before', async () => {
    ingestion.sources.reads.set('cost-management s1', fails(new ThrottledError('Wait.', 60_000)));
    const { id } = await costWindow();
    expect((await ingestion.run(runId)).waiting).toBeNull();
    for (let round = 0; round < 5; round += 1) {
      const window = await ingestion.attempt(await costWindow());
      expect((await ingestion.run(runId)).waiting).toEqual({
        windows: 1,
        until: `${window.waiting_until!.toISOString().slice(0, 19)}Z`,
        reason: 'Wait.',
      });
      expect(window.status).toBe('pending');
      expect(window.waiting_until!.getTime() - Date.now()).toBeGreaterThan(50_000);
      expect(await ingestion.parts.windows.claim(tenantId, id, 'w')).toBeNull();
      await ingestion.logins.owner.pool.query('DELETE FROM pgboss.job_common');
      expect(await ingestion.parts.plans.sweep()).toBe(0);
      await ingestion.endWait(id);
      expect(await ingestion.parts.plans.sweep()).toBe(1);
      expect(await jobs('ingestion-window')).toEqual([id]);
    }
  });

  /** Asks three questions, of which the third has to wait; notes what was not recalled. */
  const continuing = (asked: string[], wait: () => boolean) =>
    ingestion.sources.reads.set('cost-management s1', async function* (_window, { keep, recall }) {
      for (const requestHash of ['one', 'two', 'three']) {
        const known = await recall(requestHash);
        if (known) {
          expect(Buffer.from(known.body).toString()).toBe(`answer ${requestHash}`);
          continue;
        }
        if (requestHash === 'three' && wait()) throw new ThrottledError('Wait.', 60_000);
        asked.push(requestHash);
        await keep({
          body: Buffer.from(`answer ${requestHash}`),
          label: requestHash,
          requestHash,
          status: 200,
          headers: {},
        });
      }
      yield [costRecord()];
      return proof();
    });

  it('goes on where it stopped to wait, and keeps the proof of all that it read', async () => {
    const asked: string[] = [];
    let waits = 2;
    continuing(asked, () => waits-- > 0);
    const { id } = await costWindow();
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'pending', reason: 'Wait.' });
      await ingestion.endWait(id);
    }
    const window = await ingestion.attempt(await costWindow());
    expect(window).toMatchObject({ status: 'succeeded', attempt: 3 });
    expect(asked).toEqual(['one', 'two', 'three']);
    expect(window.sha256).toHaveLength(3);
  });

  it('asks again for what another worker has kept in a folder of its own', async () => {
    const asked: string[] = [];
    let waits = 1;
    continuing(asked, () => waits-- > 0);
    const { id } = await costWindow();
    expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'pending', reason: 'Wait.' });
    await ingestion.endWait(id);
    const other = await ingestion.beside();
    other.sources.reads.set('cost-management s1', ingestion.sources.reads.get('cost-management s1')!);
    try {
      expect(await other.attempt(await costWindow())).toMatchObject({ status: 'succeeded', attempt: 2 });
    } finally {
      await other.end();
    }
    expect(asked).toEqual(['one', 'two', 'one', 'two', 'three']);
  });

  it('starts anew when it stopped too long ago, or when what stopped it was a failure', async () => {
    const asked: string[] = [];
    let waits = 1;
    continuing(asked, () => waits-- > 0);
    const { id } = await costWindow();
    await ingestion.attempt(await costWindow());
    await ingestion.logins.owner.pool.query(
      `UPDATE ingestion_windows SET continued_at = now() - interval '11 minutes', waiting_until = NULL WHERE id = $1`,
      [id],
    );
    expect((await ingestion.attempt(await costWindow())).sha256).toHaveLength(3);
    expect(asked).toEqual(['one', 'two', 'one', 'two', 'three']);
  });

  it('cannot publish once another has claimed the window', async () => {
    const { id } = await costWindow();
    let claimedAgain: unknown;
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [costRecord({ cost: '7' })];
      // Paused for so long that another worker took over.
      claimedAgain ??= await ingestion.parts.windows.claim(tenantId, id, 'another');
      return proof();
    });
    expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'running', attempt: 2, rows: 0 });
    expect(await costs()).toEqual([]);
    // The later one may.
    await new WindowRunner(ingestion.parts).run(claimedAgain as never, new AbortController().signal);
    expect(await costWindow()).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(await costs()).toHaveLength(1);
  });

  it('that another has taken over is no error in the log', async () => {
    const lines: { level: number; msg: string }[] = [];
    const logger = pino({}, { write: (line) => lines.push(JSON.parse(line) as (typeof lines)[0]) });
    const paused = await ingestion.beside({ logger });
    try {
      const fenced = AbortSignal.abort(new FencedError('w'));
      await paused.attempt(await costWindow(), fenced);
    } finally {
      await paused.end();
    }
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [30, 'window started'],
      [40, 'window attempt ended'],
    ]);
  });

  it('cannot even report a failure once another has claimed the window', async () => {
    const { id } = await costWindow();
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [];
      await ingestion.parts.windows.claim(tenantId, id, 'another');
      throw new PermissionError('Forbidden.', 'Reader', '/');
    });
    expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'running', attempt: 2, reason: null });
  });

  it('cannot publish once its run was cancelled', async () => {
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [costRecord()];
      await ingestion.parts.runs.cancel(ALL_TENANTS, runId, ACTOR);
      return proof();
    });
    expect(await ingestion.attempt(await costWindow())).toMatchObject({ status: 'cancelled', rows: 0 });
    expect(await costs()).toEqual([]);
  });

  it('learns from the heartbeat which windows are still its own', async () => {
    const { id } = await costWindow();
    const { parts } = ingestion;
    const mine = (await parts.windows.claim(tenantId, id, 'mine'))!;
    expect(await parts.windows.heartbeat('mine')).toEqual(new Map([[id, 1]]));
    await parts.windows.claim(tenantId, id, 'other');
    expect(await parts.windows.heartbeat('mine')).toEqual(new Map());
    expect(await parts.windows.heartbeat('other')).toEqual(new Map([[id, 2]]));
    await expect(parts.windows.finishAlone(mine, { status: 'succeeded' })).rejects.toThrow(FencedError);
    await parts.runs.cancel(ALL_TENANTS, runId, ACTOR);
    expect(await parts.windows.heartbeat('other')).toEqual(new Map());
  });

  it('publishes no costs that are incomplete, and leaves the earlier ones', async () => {
    costsOf('1');
    await ingestion.attempt(await costWindow());
    runId = await ingestion.startRun(tenantId, {
      connectors: ['cost-management'],
      from: '2026-04-01',
      to: '2026-04-30',
    });
    costsOf('9', { complete: false, incompleteReason: 'A day is missing.' });
    expect(await ingestion.attempt(await costWindow())).toMatchObject({
      status: 'pending',
      reason: 'A day is missing.',
    });
    expect(await costs()).toMatchObject([{ cost: '1' }]);
  });

  it('publishes billed cost alone where effective cost is unavailable, and says why', async () => {
    ingestion.sources.reads.set('cost-management s1', async function* () {
      yield [costRecord({ amortizedCost: null })];
      return proof({ amounts: 'actual', unavailable: { reason: 'No amortized cost.', action: 'Nothing to do.' } });
    });
    expect(await ingestion.attempt(await costWindow())).toMatchObject({
      status: 'succeeded',
      reason: 'No amortized cost.',
      action: 'Nothing to do.',
      totals: [{ currency: 'USD', cost: '1', amortized_cost: null }],
    });
  });

  it('ends unavailable where a file owns the month', async () => {
    const stage = await ingestion.parts.ledger.openStage(tenantId);
    try {
      await stage.add({ publication: 0, billingMonth: '2026-04-01' }, [costRecord({ billingAccountId: 'x' })]);
      const days = { from: '2026-04-01', to: '2026-04-30' };
      const dataset = { billingAccountId: 'x', subscriptionId: null, month: '2026-04-01', days, whole: true };
      await ingestion.parts.ledger.publish(stage, {
        runId: null,
        publishedAt: new Date(),
        publications: [{ source: 'focus-file', kind: 'both', grain: null, datasets: [dataset] }],
      });
    } finally {
      await stage.close();
    }
    const window = await ingestion.attempt(await costWindow());
    expect(window.status).toBe('unavailable');
    expect(window.reason).toContain('owned by focus-file');
    await ingestion.plan(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'succeeded' });
  });
});

describe('the windows of a source', () => {
  it('are released a few at a time, in the order in which they were planned', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `w${String(index).padStart(2, '0')}`);
    for (const id of ids) await addSubscription(ingestion.logins.owner, tenantId, id);
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    const released = async () =>
      (
        await own<{ scope: string }>(
          `SELECT scope FROM ingestion_windows WHERE run_id = '${runId}' AND queued_at IS NOT NULL ORDER BY ordinal`,
        )
      ).map(({ scope }) => scope);
    expect(await released()).toEqual(ids.slice(0, 50));
    expect(await jobs('ingestion-window')).toHaveLength(50);

    // One that waits keeps its place; one that has ended gives it to the next.
    ingestion.sources.reads.set('cost-management w00', fails(new ThrottledError('Wait.', 60_000)));
    await ingestion.attempt(await ingestion.window(runId, 'cost-management', 'w00'));
    expect(await released()).toHaveLength(50);
    await ingestion.attempt(await ingestion.window(runId, 'cost-management', 'w01'));
    expect(await released()).toEqual(ids.slice(0, 51));

    // What a crash kept from being released is found by the sweep.
    await ingestion.logins.owner.pool.query(
      `UPDATE ingestion_windows SET status = 'succeeded' WHERE run_id = $1 AND scope IN ('w02', 'w03')`,
      [runId],
    );
    await ingestion.parts.plans.sweep();
    expect(await released()).toEqual(ids.slice(0, 53));
  });

  it('are released by one worker after the other: two would wait for each other’s windows', async () => {
    for (let index = 0; index < 60; index += 1) await addSubscription(ingestion.logins.owner, tenantId, `w${index}`);
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    const { owner } = ingestion.logins;
    await owner.pool.query(
      `UPDATE ingestion_windows SET status = 'succeeded' WHERE run_id = $1 AND queued_at IS NOT NULL`,
      [runId],
    );
    const group = { runId, tenantId, connector: 'cost-management' };
    const released = async () =>
      own(`SELECT id FROM ingestion_windows WHERE status = 'pending' AND queued_at IS NOT NULL`);
    let advancing: Promise<unknown> = Promise.resolve();
    await owner.transaction(ALL_TENANTS, async (tx) => {
      // As another worker that has not finished yet.
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [
        `azcops.release ${runId} ${tenantId} ${group.connector}`,
      ]);
      advancing = Promise.all([ingestion.parts.plans.advance(group), ingestion.parts.plans.advance(group)]);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await released()).toEqual([]);
    });
    await advancing;
    expect(await released()).toHaveLength(10);
  });

  it('of an hourly run are as many as the quota leaves, and the run says how often each comes round', async () => {
    const source = ingestion.parts.connectors.get('cost-management')!;
    const draws = [{ key: 'hour', units: 1, limit: 5, periodMs: 3_600_000 }];
    const fits = {
      ...source,
      tenantDraws: draws,
      windows: ((request) => {
        expect(request.callsLeft).toBe(5);
        return source.windows(request).slice(0, 2);
      }) as typeof source.windows,
    };
    for (const id of ['a', 'b', 'c']) await addSubscription(ingestion.logins.owner, tenantId, id);
    const connectors = new Map([...ingestion.parts.connectors, ['cost-management', fits]]);
    const { runId } = (await ingestion.request({ tenantId, mode: 'incremental' }))!;
    await new RunPlanner({ ...ingestion.parts, connectors }).plan(runId);
    expect((await ingestion.run(runId)).refresh).toEqual([
      { tenant_id: tenantId, connector: 'cost-management', planned: 2, total: 3, every_runs: 2 },
    ]);
  });
});

describe('the sweep', () => {
  it('wakes open windows and unfinished runs that have no job, and nothing else', async () => {
    await addSubscription(ingestion.logins.owner, tenantId, 's1');
    const runId = await ingestion.startRun(tenantId, { connectors: ['cost-management'] });
    const { id } = await ingestion.window(runId);
    const { plans, windows } = ingestion.parts;
    const lose = () => ingestion.logins.owner.pool.query('DELETE FROM pgboss.job_common');
    // The plan's own job is there, too, but its run has an open window.
    expect(await plans.sweep()).toBe(0);

    await lose();
    expect(await plans.sweep()).toBe(1);
    expect(await jobs('ingestion-window')).toEqual([id]);
    expect(await plans.sweep()).toBe(0);

    // A worker was killed at work, and its job is gone.
    await windows.claim(tenantId, id, 'killed');
    await lose();
    expect(await plans.sweep()).toBe(1);
    expect(await ingestion.attempt(await ingestion.window(runId))).toMatchObject({ status: 'succeeded', attempt: 2 });

    // Nobody asked for the run's next step.
    await lose();
    expect(await plans.sweep()).toBe(1);
    expect(await jobs('ingestion-plan')).toEqual([runId]);
    await ingestion.plan(runId);
    await lose();
    expect(await plans.sweep()).toBe(0);
  });

  it('wakes the first window of every tenant before the second of any, as they were released', async () => {
    const { plans } = ingestion.parts;
    const { owner } = ingestion.logins;
    const planned = async (tenant: string, ...ids: string[]) => {
      for (const id of ids) await addSubscription(owner, tenant, id);
      return ingestion.startRun(tenant, { connectors: ['cost-management'] });
    };
    const woken = async () =>
      (
        await owner.pool.query<{ scope: string }>(
          `SELECT w.scope FROM pgboss.job_common j JOIN ingestion_windows w ON w.id::text = j.singleton_key
           WHERE j.name = 'ingestion-window' ORDER BY j.priority DESC, j.created_on, w.scope`,
        )
      ).rows.map(({ scope }) => scope);
    const large = await planned(tenantId, 'l1', 'l2', 'l3', 'l4');
    // Throttled once, as is normal of a large tenant; the jobs are done.
    for (const window of await ingestion.windows(large)) {
      ingestion.sources.reads.set(`cost-management ${window.scope}`, fails(new ThrottledError('Wait.', 60_000)));
      await ingestion.attempt(window);
      await ingestion.endWait(window.id);
    }
    await owner.pool.query('DELETE FROM pgboss.job_common');
    await planned(await addTenant(owner, 'small'), 's1', 's2');
    expect(await plans.sweep()).toBe(4);
    expect(await woken()).toEqual(['s1', 'l1', 's2', 'l2', 'l3', 'l4']);

    // No more than it may, and those first whose turn it is.
    await owner.pool.query('DELETE FROM pgboss.job_common');
    expect(await plans.sweep(4)).toBe(4);
    expect(await woken()).toEqual(['l1', 's1', 'l2', 's2']);
  });
});

describe('the inventory', () => {
  const read = async (ids: string[], result: Partial<ReadProof> = {}, changes = {}) => {
    ingestion.sources.reads.set('resource-graph tenant', async function* () {
      for (const id of ids)
        yield [resourceRecord(id, { subscriptionId: id.startsWith('/other') ? 's2' : 's1', ...changes })];
      return proof({ rows: ids.length, ...result });
    });
    const runId = await ingestion.startRun(tenantId, { connectors: ['resource-graph'] });
    const window = await ingestion.attempt(await ingestion.window(runId, 'resource-graph'));
    await ingestion.plan(runId);
    await ingestion.logins.owner.pool.query(`UPDATE ingestion_runs SET status = 'cancelled' WHERE id = $1`, [runId]);
    return window;
  };
  const inventory = async () =>
    Object.fromEntries(
      (
        await own<{ id: string; gone: boolean }>(
          'SELECT resource_id AS id, deleted_at IS NOT NULL AS gone FROM resources ORDER BY 1',
        )
      ).map(({ id, gone }) => [id, gone ? 'gone' : 'there']),
    );

  it('marks what a complete read no longer sees, in the subscriptions that it covers', async () => {
    await read(['/a', '/b', '/other']);
    await read(['/a'], { subscriptionsSeen: ['s1'] });
    expect(await inventory()).toEqual({ '/a': 'there', '/b': 'gone', '/other': 'there' });
  });

  it('marks nothing after an incomplete read, but keeps what that saw', async () => {
    await read(['/a', '/b']);
    const window = await read(['/a', '/c'], { complete: false, incompleteReason: 'A page is missing.' });
    expect(window).toMatchObject({ status: 'pending', reason: 'A page is missing.', proof: { complete: false } });
    expect(window.waiting_until!.getTime()).toBeGreaterThan(Date.now());
    expect(await inventory()).toEqual({ '/a': 'there', '/b': 'there', '/c': 'there' });
  });

  it.each([-3_600_000, 3_600_000])('waits as long whatever the worker’s clock says: %d ms apart', async (apartMs) => {
    const { parts } = ingestion;
    const realClock = parts.clock;
    parts.clock = { ...realClock, now: () => new Date(Date.now() + apartMs) };
    try {
      const window = await read(['/a'], { complete: false, incompleteReason: 'A page is missing.' });
      const waitMs = window.waiting_until!.getTime() - Date.now();
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(5_000);
    } finally {
      parts.clock = realClock;
    }
  });

  it('brings back what reappears, with when it was first seen', async () => {
    await read(['/a', '/b']);
    const firstSeen = `SELECT first_seen_at FROM resources WHERE resource_id = '/a'`;
    const [before] = await own(firstSeen);
    await read(['/b']);
    expect(await inventory()).toEqual({ '/a': 'gone', '/b': 'there' });
    await read(['/a', '/b'], {}, { tags: { env: 'test' }, properties: { text: 'a\0b' } });
    expect(await inventory()).toEqual({ '/a': 'there', '/b': 'there' });
    expect(await own(firstSeen)).toEqual([before]);
    expect(await own(`SELECT tags, properties FROM resources WHERE resource_id = '/a'`)).toEqual([
      { tags: { env: 'test' }, properties: { text: 'ab' } },
    ]);
  });

  it('takes a resource or subscription that an answer names twice for one', async () => {
    ingestion.sources.reads.set('resource-graph tenant', async function* () {
      yield [resourceRecord('/a', { name: 'first' }), resourceRecord('/a', { name: 'second' })];
      return proof();
    });
    ingestion.sources.reads.set('subscriptions tenant', async function* () {
      const one = { subscriptionId: 's1', displayName: 'one', state: 'Enabled', quotaId: null, homeTenantId: null };
      yield [one];
      yield [one];
      return proof();
    });
    const runId = await ingestion.startRun(tenantId);
    await ingestion.workOff(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'succeeded' });
    expect(await inventory()).toEqual({ '/a': 'there' });
  });
});

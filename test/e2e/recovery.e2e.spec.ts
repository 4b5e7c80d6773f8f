import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMonths, type DayRange } from '#core/day.js';
import { expectWholeFiles } from '../harness/raw-files.js';
import { AzCops, type RunStatus } from '../harness/azcops.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { showLogsOfFailures, until, type TestProcess } from '../harness/processes.js';
import { bySubscription, TestSandbox, today } from '../harness/sandbox.js';

const wallDay = today();
const range: DayRange = { from: addMonths(wallDay, -3), to: wallDay };
/** Longer than any test: a request that hangs this long has no answer. */
const NEVER_MS = 120_000;
/** What a first read asks Azure for: four months, each as actual and amortized cost. */
const MONTHS = 4;
const DATASETS = 2;

const windowsOf = (run: RunStatus, status: string) => run.windows.filter((window) => window.status === status);

describe.concurrent('recovery of a run', { timeout: 90_000 }, () => {
  let sandbox: TestSandbox;
  showLogsOfFailures();
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ tenants: 6, resources: 20, now: `${wallDay}T08:00:00Z` });
  });
  afterAll(() => sandbox?.[Symbol.asyncDispose]());

  /** Delays the answers to a first read of the tenant's second subscription; answers the fault. */
  const delayCosts = (tenant: number, delayMs: number) =>
    sandbox.addFault({
      service: 'cost-management',
      subscription: sandbox.subscriptionsOf(tenant)[1],
      times: MONTHS * DATASETS,
      delayMs,
    });

  /** The ledger is what an undisturbed run leaves. */
  async function expectWholeLedger(azcops: AzCops, tenant: number, runId: string) {
    const run = await azcops.status(runId);
    expect(run.status).toBe('succeeded');
    expect(run.progress.windows_done).toBe(run.progress.windows_total);
    const filter = `tenant_id=${run.windows[0]!.tenant_id}`;
    expect(bySubscription(await azcops.costs(range, `&${filter}`))).toEqual(
      bySubscription(await sandbox.charged(sandbox.subscriptionsOf(tenant), range)),
    );
    const { total } = await azcops.get<{ total: number }>(`/api/v1/resources?${filter}`);
    expect(total).toBe(await sandbox.countResources(tenant));
    const [ledger] = await azcops.sql<{ revisions: number; rows: string; counted: string }>(
      `SELECT (SELECT count(*)::int FROM cost_day_revisions) AS revisions, (SELECT count(*) FROM costs_daily) AS rows,
              (SELECT sum(rows) FROM cost_daily_totals) AS counted`,
    );
    expect(ledger!.revisions).toBe(0);
    expect(ledger!.rows).toBe(ledger!.counted);
  }

  /** The windows that were open took another attempt, and no other did. */
  async function expectWholeRun(azcops: AzCops, tenant: number, runId: string, interrupted: RunStatus) {
    await expectWholeLedger(azcops, tenant, runId);
    const { windows } = await azcops.status(runId);
    // Later stages are planned only once the interrupted one has ended, and come last.
    expect(windows.length).toBeGreaterThanOrEqual(interrupted.windows.length);
    const wrong = windows.slice(0, interrupted.windows.length).filter(({ attempt, connector, scope }, index) => {
      const before = interrupted.windows[index]!;
      expect([connector, scope]).toEqual([before.connector, before.scope]);
      return before.status === 'running' ? attempt <= before.attempt : attempt !== before.attempt;
    });
    expect(wrong).toEqual([]);
  }

  it('goes on after its worker was killed, and at once after one that was told to stop', async () => {
    await using azcops = await AzCops.open(sandbox);
    const [, killed] = await Promise.all([azcops.startApi(), azcops.startWorker()]);
    const successor = await killWhileReadingAndPublishing(azcops, killed);
    await tellToStop(azcops, successor);
  });

  async function killWhileReadingAndPublishing(azcops: AzCops, worker: TestProcess): Promise<TestProcess> {
    const [tenantId] = await azcops.register(0);
    const blocker = new pg.Client({ connectionString: azcops.database.ownerUrl });
    await blocker.connect();
    try {
      // Publications end with their revisions: this lock holds them back with everything else written.
      await blocker.query('BEGIN; LOCK TABLE cost_day_revisions IN ACCESS EXCLUSIVE MODE');
      const fault = await delayCosts(0, NEVER_MS);
      const runId = await azcops.trigger({ mode: 'full', tenant_id: tenantId });
      const interrupted = await azcops.delayed(runId, fault, ({ connector }) => connector === 'cost-management');
      await until('a publication that waits for the lock', async () => {
        const waiting = await azcops.sql(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND query LIKE '%INSERT INTO cost_day_revisions%'`,
        );
        return waiting.length > 0;
      });
      await worker.kill();
      await blocker.query('ROLLBACK');
      const [left] = await azcops.sql<{ count: number }>('SELECT count(*)::int AS count FROM costs_daily');
      expect(left!.count).toBe(0);

      const restartedAt = Date.now();
      const successor = await azcops.startWorker();
      await azcops.ended(runId);
      // The jobs come back after ten seconds without a heartbeat; the rest is the run itself, prices and rules included.
      expect(Date.now() - restartedAt).toBeLessThan(40_000);
      await expectWholeRun(azcops, 0, runId, interrupted);
      return successor;
    } finally {
      await blocker.end();
    }
  }

  async function tellToStop(azcops: AzCops, worker: TestProcess): Promise<void> {
    const [tenantId] = await azcops.register(2);
    const [, second] = sandbox.subscriptionsOf(2);
    const fault = await delayCosts(2, NEVER_MS);
    const runId = await azcops.trigger({ mode: 'full', tenant_id: tenantId });
    const interrupted = await azcops.delayed(runId, fault, ({ scope }) => scope === second);
    const stoppedAt = Date.now();
    worker.signal('SIGTERM');
    expect(await worker.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - stoppedAt).toBeLessThan(8_000);
    const handedBack = await azcops.status(runId);
    expect(windowsOf(handedBack, 'pending')).toHaveLength(windowsOf(interrupted, 'running').length);

    const restartedAt = Date.now();
    await azcops.startWorker();
    await azcops.ended(runId);
    // Nobody had to notice that a heartbeat is missing.
    expect(Date.now() - restartedAt).toBeLessThan(9_000);
    await expectWholeRun(azcops, 2, runId, interrupted);
  }

  it('is given back by a worker that is told to stop while it still keeps house', async () => {
    await using azcops = await AzCops.open(sandbox);
    await azcops.startApi();
    const [tenantId] = await azcops.register(5);
    const blocker = new pg.Client({ connectionString: azcops.database.ownerUrl });
    await blocker.connect();
    try {
      // A worker that starts looks through the metrics for what is too old.
      await blocker.query('BEGIN; LOCK TABLE resource_metrics IN ACCESS EXCLUSIVE MODE');
      const worker = await azcops.startWorker();
      const fault = await delayCosts(5, NEVER_MS);
      const runId = await azcops.trigger({
        mode: 'full',
        tenant_id: tenantId,
        connectors: ['subscriptions', 'cost-management'],
      });
      await azcops.delayed(runId, fault, ({ scope }) => scope === sandbox.subscriptionsOf(5)[1]);
      worker.signal('SIGTERM');
      await until('the return of its windows', async () => {
        const run = await azcops.status(runId);
        return windowsOf(run, 'running').length === 0 && windowsOf(run, 'pending').length === MONTHS;
      });
      await blocker.query('ROLLBACK');
      expect(await worker.exited).toEqual({ code: 0, signal: null });
    } finally {
      await blocker.end();
    }
  });

  it('is taken over from a paused worker, which then cannot commit', async () => {
    await using azcops = await AzCops.open(sandbox);
    const [, paused] = await Promise.all([azcops.startApi(), azcops.startWorker()]);
    await azcops.register(1);
    const fault = await delayCosts(1, 10_000);
    const runId = await azcops.trigger({ mode: 'full' });
    const interrupted = await azcops.delayed(runId, fault, ({ scope }) => scope === sandbox.subscriptionsOf(1)[1]);
    paused.signal('SIGSTOP');
    await azcops.startWorker();
    await azcops.ended(runId);
    const published = () => azcops.sql('SELECT xmin::text, published_at FROM cost_datasets ORDER BY tenant_id, id');
    const before = await published();

    paused.signal('SIGCONT');
    const late = windowsOf(interrupted, 'running').length;
    await until('the end of the late attempts', () => {
      const ended = paused.log.filter(({ msg }) => msg === 'window attempt ended');
      return ended.length === late;
    });
    expect(await published()).toEqual(before);
    await expectWholeRun(azcops, 1, runId, interrupted);
    expect(paused.isRunning).toBe(true);
  });

  it('waits for a database that was killed: the API says so, and nobody has to be restarted', async () => {
    const postgres = await OwnPostgres.start();
    await using azcops = await AzCops.open(sandbox, { database: postgres });
    const [api, worker] = await Promise.all([azcops.startApi(), azcops.startWorker()]);
    await azcops.register(3);
    // These answers come while the database is away.
    const fault = await delayCosts(3, 5_000);
    const runId = await azcops.trigger({ mode: 'full' });
    await until('windows in work', async () => !(await sandbox.isPending(fault)));
    const { windows } = await azcops.status(runId);
    expect(windows.filter(({ status }) => status === 'running').length).toBeGreaterThanOrEqual(MONTHS);
    postgres.kill();
    // Its sessions notice a moment later that they are orphans.
    await until('the end of its sessions', async () => (await azcops.call('GET', '/health')).status !== 200);

    const requests = [
      ['GET', '/health'],
      ['GET', '/health/ready'],
      ['GET', '/api/v1/tenants'],
      ['GET', '/api/v1/costs?page_size=1'],
      ['GET', '/api/v1/costs/summary'],
      ['GET', `/api/v1/ingestion/status/${runId}`],
      ['POST', '/api/v1/ingestion/trigger'],
    ] as const;
    const awayUntil = Date.now() + 5_000;
    for (let round = 0; round < 2 || Date.now() < awayUntil; round += 1) {
      for (const [method, path] of requests) {
        const answer = await azcops.call(method, path, method === 'POST' ? { body: { mode: 'incremental' } } : {});
        expect([path, answer.status]).toEqual([path, 503]);
        if (path.startsWith('/api/')) expect(answer.json).toMatchObject({ code: 'database_unavailable', status: 503 });
      }
    }
    expect((await azcops.call('GET', '/health/live')).status).toBe(200);

    await postgres.restart();
    const isReady = async () => (await azcops.call('GET', '/health/ready')).status === 200;
    await until('the API to recover', isReady, 10_000);
    const run = await azcops.ended(runId);
    expect(run.windows.some(({ attempt }) => attempt > 1)).toBe(true);
    await expectWholeLedger(azcops, 3, runId);
    expect([api.isRunning, worker.isRunning]).toEqual([true, true]);
  });

  it('goes on where a killed command left it, and no half file is in its way', async () => {
    await using azcops = await AzCops.open(sandbox);
    const raw = join(azcops.folder, 'pages');
    await azcops.startApi();
    const [tenantId] = await azcops.register(4);
    const fault = await delayCosts(4, NEVER_MS);
    const args = ['full', '--tenant', tenantId!];
    const killed = azcops.startIngestion(args, { RAW_STORAGE_URL: raw });
    await until('requests that wait', async () => !(await sandbox.isPending(fault)));
    await killed.kill();
    const command = await azcops.ingestion(args, { RAW_STORAGE_URL: raw });
    expect([command.code, command.tail]).toEqual([0, expect.anything()]);
    const { items } = await azcops.get<{ items: { run_id: string }[] }>('/api/v1/ingestion/runs');
    expect(items).toHaveLength(1);
    await expectWholeLedger(azcops, 4, items[0]!.run_id);
    await expectWholeFiles(azcops, raw);
  });
});

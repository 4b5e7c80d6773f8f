import { SchedulerRegistry } from '@nestjs/schedule';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ALL_TENANTS } from '#core/scope.js';
import { ACTOR, TestIngestion } from '../../../test/harness/ingestion.js';
import { RunScheduler } from './run.scheduler.js';

const DAY_MS = 86_400_000;

describe('the scheduler', () => {
  let ingestion: TestIngestion;
  beforeAll(async () => void (ingestion = await TestIngestion.open()));
  afterAll(() => ingestion.end());
  afterEach(() => ingestion.logins.owner.pool.query('TRUNCATE ingestion_runs CASCADE; DELETE FROM pgboss.job_common'));

  const scheduler = (registry = new SchedulerRegistry()) => new RunScheduler(ingestion.parts, registry);
  const at = (text: string) => new Date(`2026-04-20T${text}Z`);
  const runs = async () =>
    (
      await ingestion.logins.owner.pool.query<object>(
        'SELECT mode, tick, source, tenant_id, status FROM ingestion_runs ORDER BY created_at',
      )
    ).rows;
  const cancel = (runId: string) => ingestion.parts.runs.cancel(ALL_TENANTS, runId, ACTOR);

  it('asks for a run over all tenants, once per minute of the clock', async () => {
    const runId = await scheduler().tick('incremental', at('10:00:00.012'));
    expect(runId).not.toBeNull();
    expect(await runs()).toEqual([
      {
        mode: 'incremental',
        tick: 'incremental@2026-04-20T10:00:00.000Z',
        source: 'schedule',
        tenant_id: null,
        status: 'queued',
      },
    ]);
    // The other worker's clock is half a minute late, and the run is over already.
    await cancel(runId!);
    expect(await scheduler().tick('incremental', at('10:00:31'))).toBeNull();
    expect(await scheduler().tick('incremental', at('11:00:00'))).not.toBeNull();
  });

  it('of several workers lets one answer a tick', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => scheduler().tick('full', at('02:00:00'))));
    expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    expect(await runs()).toHaveLength(1);
  });

  it('adds no hourly run to a full one that is under way', async () => {
    const runId = await scheduler().tick('full', at('02:00:00'));
    expect(await scheduler().tick('incremental', at('03:00:00'))).toBeNull();
    await cancel(runId!);
    expect(await scheduler().tick('incremental', at('04:00:00'))).not.toBeNull();
  });

  it('is not held up by a full run that somebody restricted', async () => {
    await ingestion.request({ subscriptionIds: ['s1'] });
    await ingestion.request({ connectors: ['resource-graph'] });
    await ingestion.request({ from: '2026-04-01', to: '2026-04-02' });
    expect(await scheduler().tick('incremental', at('03:00:00'))).not.toBeNull();
  });

  describe('at its start', () => {
    const start = async () => {
      const registry = new SchedulerRegistry();
      const starting = scheduler(registry);
      starting.onApplicationBootstrap();
      await starting.begun;
      expect([...registry.getCronJobs().keys()]).toEqual(['full', 'incremental', 'housekeeping']);
      for (const job of registry.getCronJobs().values()) await job.stop();
    };
    const lastFullRun = async (daysAgo: number, changes = {}) => {
      const { runId } = (await ingestion.request(changes))!;
      await cancel(runId);
      const then = new Date(Date.now() - daysAgo * DAY_MS);
      await ingestion.logins.owner.pool.query('UPDATE ingestion_runs SET created_at = $2 WHERE id = $1', [runId, then]);
    };
    const scheduled = async () => (await runs()).filter((run) => (run as { source: string }).source === 'schedule');

    it('makes up for missed daily runs by one, however many workers start and how often', async () => {
      await lastFullRun(5);
      await Promise.all([start(), start()]);
      await start();
      expect(await scheduled()).toMatchObject([
        { mode: 'full', tick: expect.stringMatching(/^full@.*T02:00:00.000Z$/) as string },
      ]);
    });

    it('makes up for nothing before the first run, or when none was missed', async () => {
      await start();
      expect(await scheduled()).toEqual([]);
      await lastFullRun(0);
      await start();
      expect(await scheduled()).toEqual([]);
    });

    it('leaves to others what is off', async () => {
      await lastFullRun(5);
      const { config } = ingestion.parts;
      const off = { ...config, ingestion: { ...config.ingestion, scheduleFull: null, scheduleIncremental: null } };
      const registry = new SchedulerRegistry();
      const starting = new RunScheduler({ ...ingestion.parts, config: off }, registry);
      starting.onApplicationBootstrap();
      await starting.begun;
      expect([...registry.getCronJobs().keys()]).toEqual(['housekeeping']);
      for (const job of registry.getCronJobs().values()) await job.stop();
      expect(await scheduled()).toEqual([]);
    });

    it('takes no restricted run for the daily one', async () => {
      await lastFullRun(5);
      await lastFullRun(0, { connectors: ['resource-graph'] });
      await start();
      expect(await scheduled()).toHaveLength(1);
    });
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_TENANTS } from '#core/scope.js';
import { addSubscription, addTenant } from '../../../test/harness/ledger.js';
import { ACTOR, costRecord, proof, TestIngestion } from '../../../test/harness/ingestion.js';
import { IngestionWorker } from './ingestion-worker.js';

const CONCURRENCY = 3;

describe('a worker', () => {
  let ingestion: TestIngestion;
  let worker: IngestionWorker;
  let tenants = 0;
  beforeAll(async () => {
    ingestion = await TestIngestion.open({}, CONCURRENCY);
    worker = new IngestionWorker(ingestion.parts);
    await worker.start();
  });
  afterAll(async () => {
    await worker.stop();
    await ingestion.end();
  });

  const tenantWith = async (...subscriptionIds: string[]) => {
    const tenantId = await addTenant(ingestion.logins.owner, `tenant-${(tenants += 1)}`);
    for (const id of subscriptionIds) await addSubscription(ingestion.logins.owner, tenantId, id);
    return tenantId;
  };
  const requested = async (tenantId: string, connectors: string[] | null = ['cost-management']) =>
    (await ingestion.request({ tenantId, connectors }))!.runId;
  const ended = (runId: string) =>
    expect.poll(async () => (await ingestion.run(runId)).finished_at, { timeout: 15_000, interval: 50 }).not.toBeNull();
  /** Resolves when the test lets it. */
  const gate = () => Promise.withResolvers<void>();

  it('carries a run from the request to its end by itself', async () => {
    const runId = await requested(await tenantWith(), null);
    await ended(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'succeeded', windows_total: 5, windows_done: 5 });
  });

  it('lets a small tenant through though a large one was planned first', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `large${index}`);
    const order: string[] = [];
    const bothPlanned = gate();
    for (const id of [...ids, 'small0', 'small1']) {
      ingestion.sources.reads.set(`cost-management ${id}`, async function* () {
        order.push(id.replace(/\d+/, ''));
        await bothPlanned.promise;
        yield [costRecord({ subscriptionId: id })];
        return proof();
      });
    }
    const large = await requested(await tenantWith(...ids));
    const small = await requested(await tenantWith('small0', 'small1'));
    await expect.poll(async () => (await ingestion.windows(small)).length).toBe(2);
    bothPlanned.resolve();
    await Promise.all([ended(small), ended(large)]);
    // Right after what was in work when the small one was planned.
    expect(order.indexOf('small')).toBeLessThanOrEqual(CONCURRENCY + 2);
    expect(order.lastIndexOf('small')).toBeLessThanOrEqual(2 * CONCURRENCY + 2);
  });

  it('has no more windows in work than configured, and uses all that it may', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `c${index}`);
    let active = 0;
    let most = 0;
    for (const id of ids) {
      ingestion.sources.reads.set(`cost-management ${id}`, async function* () {
        most = Math.max(most, (active += 1));
        // Long enough for the others to arrive, however busy the machine is.
        for (let turns = 0; turns < 100 && most < CONCURRENCY; turns += 1) await sleep(20);
        await sleep(20);
        yield [costRecord({ subscriptionId: id })];
        active -= 1;
        return proof();
      });
    }
    const runId = await requested(await tenantWith(...ids));
    await ended(runId);
    expect(await ingestion.run(runId)).toMatchObject({ status: 'succeeded', windows_done: 10 });
    expect(most).toBe(CONCURRENCY);
  });

  it('goes on with the others when one subscription fails or hangs', async () => {
    const hanging = gate();
    ingestion.sources.reads.set('cost-management h1', async function* () {
      await hanging.promise;
      yield [];
      return proof();
    });
    const runId = await requested(await tenantWith('h1', 'h2', 'h3'));
    const status = async (scope: string) =>
      (await ingestion.windows(runId)).find((window) => window.scope === scope)?.status;
    await expect.poll(() => status('h2'), { timeout: 10_000 }).toBe('succeeded');
    await expect.poll(() => status('h3'), { timeout: 10_000 }).toBe('succeeded');
    expect(await status('h1')).toBe('running');
    hanging.resolve();
    await ended(runId);
  });

  it('stops an attempt whose run was cancelled at its next heartbeat', async () => {
    const reading = gate();
    const aborted = gate();
    ingestion.sources.reads.set('cost-management x1', async function* (_window, { signal }) {
      yield [];
      reading.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      aborted.resolve();
      throw signal.reason;
    });
    const runId = await requested(await tenantWith('x1'));
    await reading.promise;
    await ingestion.parts.runs.cancel(ALL_TENANTS, runId, ACTOR);
    await aborted.promise;
    expect(await ingestion.window(runId)).toMatchObject({ status: 'cancelled', reason: 'The run was cancelled.' });
  });

  // Last: it stops the worker of the others.
  it('gives its windows back when it is told to stop, at no cost, and another one finishes them', async () => {
    const reading = gate();
    ingestion.sources.reads.set('cost-management z1', async function* (_window, { signal }) {
      yield [];
      reading.resolve();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    });
    const runId = await requested(await tenantWith('z1'));
    await reading.promise;
    const stopped = performance.now();
    await worker.stop();
    expect(performance.now() - stopped).toBeLessThan(5_000);

    const other = await ingestion.beside({}, 1);
    try {
      const window = await other.window(runId);
      expect(window).toMatchObject({ status: 'pending', attempt: 1, reason: null });
      const { rows } = await ingestion.logins.owner.pool.query('SELECT failures FROM ingestion_windows WHERE id = $1', [
        window.id,
      ]);
      expect(rows).toEqual([{ failures: 0 }]);
      expect(await other.attempt(window)).toMatchObject({ status: 'succeeded', attempt: 2 });
    } finally {
      await other.end();
    }
  });
});

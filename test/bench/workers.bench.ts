import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { availableParallelism } from 'node:os';
import { OwnPostgres } from '../harness/own-postgres.js';
import { runCosts, type CostRun } from './cost-run.js';
import { report } from './results.js';

const SIZE = { subscriptions: 40, resources: 500, from: '2026-04-01', days: 30 };

describe('a second worker', { timeout: 600_000 }, () => {
  let server: OwnPostgres;
  beforeAll(async () => void (server = await OwnPostgres.start()), 60_000);
  afterAll(() => server.drop());

  it('takes as much of the time as there are processors left for it', async () => {
    // The first run makes the partition and warms the database.
    await runCosts(server, { ...SIZE, subscriptions: 4 }, 1);
    const one = await runCosts(server, SIZE, 1);
    const two = await runCosts(server, SIZE, 2);
    const ratio = two.seconds / one.seconds;
    // Workers and database together cannot take less than their processor time on all processors.
    const cpu = (run: CostRun) => run.databaseCpuSeconds + run.workers.reduce((sum, each) => sum + each.cpuSeconds, 0);
    const least = cpu(one) / availableParallelism() / one.seconds;
    const line = (run: CostRun) =>
      `${run.seconds.toFixed(1)} s, ${Math.round(run.rows / run.seconds)} rows/s; processor: ` +
      `workers ${run.workers.map(({ cpuSeconds }) => cpuSeconds.toFixed(1)).join(' + ')} s, database ${run.databaseCpuSeconds.toFixed(1)} s`;
    report('workers', {
      'one worker': line(one),
      'two workers': line(two),
      'two of one': ratio.toFixed(3),
      'least possible on these processors': least.toFixed(3),
    });
    expect(ratio).toBeLessThanOrEqual(Math.max(0.6, least * 1.25));
  });
});

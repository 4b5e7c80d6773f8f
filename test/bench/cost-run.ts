import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { addDays } from '#core/day.js';
import { ALL_TENANTS } from '#core/scope.js';
import { projectRoot } from '../../scripts/project.js';
import { TestIngestion } from '../harness/ingestion.js';
import { addSubscription, addTenant } from '../harness/ledger.js';
import type { OwnPostgres } from '../harness/own-postgres.js';
import { CostPages, type PagesSize } from './cost-pages.js';

export interface CostRun {
  rows: number;
  seconds: number;
  workers: { peakBytes: number; cpuSeconds: number }[];
  databaseCpuSeconds: number;
}

/** Ingests an estate's costs with worker processes of their own, from the request to the run's end; totals are checked. */
export async function runCosts(server: OwnPostgres, size: PagesSize, workers: number): Promise<CostRun> {
  const pages = new CostPages(size);
  const folder = mkdtempSync(join(tmpdir(), 'azcops-bench-'));
  const ingestion = await TestIngestion.open({}, 1, server);
  const processes: ChildProcess[] = [];
  try {
    const { owner } = ingestion.logins;
    await owner.pool.query('UPDATE tenants SET removed_at = now()');
    const tenantId = await addTenant(owner, `bench-${crypto.randomUUID()}`);
    for (const id of pages.subscriptionIds()) await addSubscription(owner, tenantId, id);
    for (let count = 0; count < workers; count += 1) {
      const argument = JSON.stringify({ databaseUrl: server.workerUrl, dataDir: folder, size });
      const child = fork(join(projectRoot, 'test/bench/worker-process.js'), [argument], { execArgv: [] });
      processes.push(child);
      await once(child, 'message');
    }
    const databaseCpu = databaseCpuSeconds(server);
    const startedAt = performance.now();
    const to = addDays(size.from, size.days - 1);
    const { runId } = (await ingestion.request({ tenantId, from: size.from, to }))!;
    for (;;) {
      const run = await ingestion.run(runId);
      if (run.finished_at) {
        expect(run.status).toBe('succeeded');
        break;
      }
      await sleep(25);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const measured = {
      rows: pages.rows,
      seconds,
      databaseCpuSeconds: databaseCpuSeconds(server) - databaseCpu,
      workers: await Promise.all(
        processes.map(async (child) => {
          child.send('stop');
          const [answer] = (await once(child, 'message')) as [CostRun['workers'][number]];
          return answer;
        }),
      ),
    };
    const [sums] = await owner.query<{ rows: number; cost: string; amortized: string }>(
      ALL_TENANTS,
      `SELECT sum(rows)::float8 AS rows, (sum(cost) * 1e14)::bigint::text AS cost,
              (sum(amortized_cost) * 1e14)::bigint::text AS amortized FROM cost_daily_totals WHERE tenant_id = $1`,
      [tenantId],
    );
    expect(sums).toEqual({
      rows: pages.rows / 2,
      cost: String(pages.total('ActualCost')),
      amortized: String(pages.total('AmortizedCost')),
    });
    return measured;
  } finally {
    for (const child of processes) if (child.exitCode === null) await once(child, 'exit');
    await ingestion.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Processor time of the server and its backends so far. */
function databaseCpuSeconds({ pid }: OwnPostgres): number {
  const ticks = (id: number): number => {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]!.split(' ');
    // Its own and that of the children it has waited for.
    return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
  };
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  const alive = children.map((id) => {
    try {
      return ticks(id);
    } catch {
      return 0;
    }
  });
  return (ticks(pid) + alive.reduce((sum, each) => sum + each, 0)) / 100;
}

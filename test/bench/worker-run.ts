import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { projectRoot } from '../../scripts/project.js';
import type { TestIngestion } from '../harness/ingestion.js';
import type { OwnPostgres } from '../harness/own-postgres.js';
import type { PagesSize } from './cost-pages.js';
import type { InventorySize } from './inventory-pages.js';

/** What a run took. */
export interface WorkerRun {
  seconds: number;
  workers: { peakBytes: number; cpuSeconds: number }[];
  databaseCpuSeconds: number;
}

/** What `worker-process.js` is told. */
export interface WorkerProcess {
  databaseUrl: string;
  dataDir: string;
  connectors: readonly string[];
  /** Of what the connectors ask for. */
  costs?: PagesSize;
  inventory?: InventorySize;
}

/** Carries a run out with worker processes of their own and measures it from the request to its end. */
export async function runWithWorkers(
  server: OwnPostgres,
  ingestion: TestIngestion,
  process: WorkerProcess,
  workers: number,
  request: Parameters<TestIngestion['request']>[0],
): Promise<WorkerRun> {
  const { costs = NONE, inventory, ...worker } = process;
  const azure = start('azure-process.js', { costs, inventory });
  const processes: ChildProcess[] = [];
  try {
    const [azurePort] = (await once(azure, 'message')) as [number];
    for (let count = 0; count < workers; count += 1) {
      const child = start('worker-process.js', { ...worker, azurePort });
      processes.push(child);
      await once(child, 'message');
    }
    const databaseCpu = databaseCpuSeconds(server);
    const startedAt = performance.now();
    const { runId } = (await ingestion.request({ connectors: [...process.connectors], ...request }))!;
    for (;;) {
      const run = await ingestion.run(runId);
      if (run.finished_at) {
        expect(run.status).toBe('succeeded');
        break;
      }
      await sleep(25);
    }
    return {
      seconds: (performance.now() - startedAt) / 1_000,
      databaseCpuSeconds: databaseCpuSeconds(server) - databaseCpu,
      workers: await Promise.all(
        processes.map(async (child) => {
          child.send('stop');
          const [answer] = (await once(child, 'message')) as [WorkerRun['workers'][number]];
          return answer;
        }),
      ),
    };
  } finally {
    for (const child of [...processes, azure]) {
      if (child.exitCode !== null) continue;
      child.kill();
      await once(child, 'exit');
    }
  }
}

/** What the Dockerfile gives Node and the C library. */
export const AS_IN_THE_IMAGE = {
  execArgv: ['--max-semi-space-size=8'],
  env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '65536' },
};
const NONE: PagesSize = { subscriptions: 0, resources: 0, from: '2026-01-01', days: 0 };

function start(script: string, options: unknown): ChildProcess {
  return fork(join(projectRoot, 'test/bench', script), [JSON.stringify(options)], AS_IN_THE_IMAGE);
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { addDays } from '#core/day.js';
import { ALL_TENANTS } from '#core/scope.js';
import { TestIngestion } from '../harness/ingestion.js';
import { addSubscription, addTenant } from '../harness/ledger.js';
import type { OwnPostgres } from '../harness/own-postgres.js';
import { CostPages, type PagesSize } from './cost-pages.js';
import { runWithWorkers, type WorkerRun } from './worker-run.js';

export interface CostRun extends WorkerRun {
  rows: number;
}

/** Ingests an estate's costs with worker processes of their own, from the request to the run's end; totals are checked. */
export async function runCosts(server: OwnPostgres, size: PagesSize, workers: number): Promise<CostRun> {
  const pages = new CostPages(size);
  const folder = mkdtempSync(join(tmpdir(), 'azcops-bench-'));
  const ingestion = await TestIngestion.open({}, 1, server);
  try {
    const { owner } = ingestion.logins;
    await owner.pool.query('UPDATE tenants SET removed_at = now()');
    const tenantId = await addTenant(owner, `bench-${crypto.randomUUID()}`);
    for (const id of pages.subscriptionIds()) await addSubscription(owner, tenantId, id);
    const to = addDays(size.from, size.days - 1);
    const process = { databaseUrl: server.workerUrl, dataDir: folder, costs: size, connectors: ['cost-management'] };
    const run = await runWithWorkers(server, ingestion, process, workers, { tenantId, from: size.from, to });
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
    return { ...run, rows: pages.rows };
  } finally {
    await ingestion.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

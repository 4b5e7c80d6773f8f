import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzCops } from '../harness/azcops.js';
import { showLogsOfFailures } from '../harness/processes.js';
import { TestSandbox, today } from '../harness/sandbox.js';
import { systemPostgres, SystemPostgres } from '../harness/system-postgres.js';

const bin = systemPostgres();

/** As docs/operations.md tells: dump, restore into another server, migrate, start. Needs pg_dump, which npm does not bring. */
describe.skipIf(!bin)('a backup', { timeout: 120_000 }, () => {
  let sandbox: TestSandbox;
  let before: SystemPostgres;
  let after: SystemPostgres;
  const running: AzCops[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'azcops-backup-'));
  showLogsOfFailures();
  beforeAll(async () => {
    [sandbox, before, after] = await Promise.all([
      TestSandbox.start({ tenants: 2, subscriptions: 2, resources: 60, days: 62, now: `${today()}T08:00:00Z` }),
      SystemPostgres.start(bin!),
      SystemPostgres.start(bin!),
    ]);
  });
  afterAll(async () => {
    for (const azcops of running) await azcops[Symbol.asyncDispose]();
    await sandbox?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const started = async (database: SystemPostgres) => {
    const azcops = await AzCops.open(sandbox, { database });
    running.push(azcops);
    await Promise.all([azcops.startApi(), azcops.startWorker()]);
    return azcops;
  };
  /** What readers are shown, without what tells one answer from another. */
  const shown = async (azcops: AzCops) => ({
    summary: await azcops.get('/api/v1/costs/summary'),
    savings: await azcops.get('/api/v1/recommendations/summary'),
    recommendations: await azcops.get('/api/v1/recommendations?page_size=500&observed=any&suppressed=any'),
    resources: await azcops.get('/api/v1/resources?page_size=500'),
    audit: await azcops.get('/api/v1/audit-logs?page_size=500'),
    runs: await azcops.get('/api/v1/ingestion/runs?page_size=500'),
  });

  it('restored elsewhere shows the same, goes on with the next run, and keeps tenants apart', async () => {
    await before.migrate();
    const source = await started(before);
    await source.register(0, 1);
    expect(await source.run({ mode: 'full' })).toMatchObject({ status: 'succeeded' });
    const { items } = await source.get<{ items: { id: string }[] }>('/api/v1/recommendations?page_size=1');
    await source.fetch('POST', `/api/v1/recommendations/${items[0]!.id}/approve`, 200, { role: 'approver', body: {} });
    const expected = await shown(source);

    const file = join(folder, 'azcops.dump');
    await before.dump(file);
    // The group roles belong to the server, not to the database that was dumped.
    for (const role of ['azcops_api', 'azcops_worker', 'azcops_all_tenants'])
      await after.admin(`CREATE ROLE ${role} NOLOGIN`);
    await after.admin('GRANT azcops_api, azcops_worker, azcops_all_tenants TO azcops_owner WITH ADMIN OPTION');
    await after.restore(file);
    await after.migrate();
    const restored = await started(after);
    expect(await shown(restored)).toEqual(expected);

    const view = await restored.get<{ history: { kind: string }[] }>(`/api/v1/recommendations/${items[0]!.id}`);
    expect(view.history.map(({ kind }) => kind)).toEqual(['found', 'approved']);
    expect(await restored.run({ mode: 'incremental' })).toMatchObject({ status: 'succeeded' });
    const summary = await restored.get<{ totals: object }>('/api/v1/costs/summary');
    expect(summary.totals).toEqual((expected.summary as { totals: object }).totals);
    const foreign = sandbox.description.tenants[1]!.tenantId;
    const seen = await restored.get<{ items: object[] }>('/api/v1/tenants', { tenant: foreign });
    expect(seen.items).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CredentialError } from '#core/errors.js';
import { IngestionStateRepository } from '#db/repositories/ingestion-state.repository.js';
import { TestIngestion } from '../../test/harness/ingestion.js';
import { addTenant } from '../../test/harness/ledger.js';

describe('what ingestion tells Prometheus', () => {
  let ingestion: TestIngestion;
  beforeAll(async () => void (ingestion = await TestIngestion.open()));
  afterAll(() => ingestion.end());

  const sql = (text: string, values: unknown[] = []) => ingestion.logins.owner.pool.query(text, values);

  it('counts failures from zero, so that the first one is an increase', async () => {
    const { metrics } = ingestion.parts;
    const failed = () => metrics.registry.getSingleMetricAsString('azcops_ingestion_attempts_failed_total');
    const line = 'azcops_ingestion_attempts_failed_total{connector="cost-management",reason="credential"}';
    expect(await failed()).toContain(`${line} 0`);
    metrics.observeFailure('cost-management', new CredentialError('refused', 'Renew the secret.'));
    expect(await failed()).toContain(`${line} 1`);
    expect(await metrics.registry.getSingleMetricAsString('azcops_ingestion_runs_total')).toContain(
      'azcops_ingestion_runs_total{mode="full",status="failed"} 0',
    );
    expect(await metrics.registry.getSingleMetricAsString('azcops_deliveries_total')).toContain(
      'azcops_deliveries_total{kind="slack",status="failed"} 0',
    );
  });

  it('knows the last run of each mode that read something', async () => {
    const run = (mode: string, status: string, finished: string) =>
      sql(
        `INSERT INTO ingestion_runs (mode, status, source, request_key, finished_at, created_at)
         VALUES ($1, $2, 'cli', gen_random_uuid()::text, $3, $3)`,
        [mode, status, finished],
      );
    await run('full', 'partially_succeeded', '2026-03-01T02:30:00Z');
    await run('full', 'failed', '2026-03-02T02:30:00Z');
    const at = Date.parse('2026-03-01T02:30:00Z') / 1000;
    expect(await new IngestionStateRepository(ingestion.parts.database).lastSuccesses()).toEqual([
      { mode: 'full', at },
    ]);
  });

  it('does not expect costs to go on that were imported by hand', async () => {
    const [read, imported] = [
      await addTenant(ingestion.logins.owner, 'read'),
      await addTenant(ingestion.logins.owner, 'by hand'),
    ];
    const dataset = (tenantId: string, source: string) =>
      sql(
        `INSERT INTO cost_datasets (tenant_id, source, subscription_id, kind, month, covered, published_at)
         VALUES ($1, $2, 's1', 'actual', '2026-02-01', '{[2026-02-01,2026-02-03)}', now())`,
        [tenantId, source],
      );
    await dataset(read, 'cost-management');
    await dataset(imported, 'focus-file');
    const ages = await new IngestionStateRepository(ingestion.parts.database).costFreshness();
    expect(ages.map(({ tenant_id }) => tenant_id)).toEqual([read]);
    const age = (Date.now() - Date.parse('2026-02-03T00:00:00Z')) / 1000;
    expect(Math.abs(ages[0]!.seconds - age)).toBeLessThan(60);
  });
});

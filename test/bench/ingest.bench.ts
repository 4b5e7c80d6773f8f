import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnectors } from '#connectors/registry.js';
import { FakeAzure } from '#connectors/testing/fake-azure.js';
import { apiOver } from '#connectors/testing/read-harness.js';
import { systemClock } from '#core/clock.js';
import { keepHeapSmall } from '#core/heap.js';
import { ALL_TENANTS } from '#core/scope.js';
import { IngestionWorker } from '../../apps/ingestion/worker/ingestion-worker.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { TestIngestion } from '../harness/ingestion.js';
import { addSubscription, addTenant } from '../harness/ledger.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { rawCopy } from './baseline/raw-copy.js';
import { CHARGES, WHOLE_CHARGES, type ChargeRow, type WholeChargeRow } from './baseline/tables.js';
import { typeormSave } from './baseline/typeorm-save.js';
import { CostPages, dimensionTexts } from './cost-pages.js';
import { report } from './results.js';

const ROUNDS = 3;
/** Windows at once: the product's default. */
const CONCURRENCY = 10;
const SAVED_ROWS = 3_000;

/** From received JSON pages to the committed ledger, raw store included. */
describe('ingesting costs', { timeout: 1_200_000 }, () => {
  const pages = new CostPages({ subscriptions: 12, resources: 500, from: '2026-04-01', days: 30 });
  let server: OwnPostgres;
  let base: TestIngestion;
  beforeAll(async () => {
    keepHeapSmall();
    server = await OwnPostgres.start();
    base = await TestIngestion.open({}, 1, server);
  }, 120_000);
  afterAll(async () => {
    await base.end();
    await server.drop();
  });

  it('against COPY of the same rows, and against save', async () => {
    const rows = function* (limit = Infinity): Generator<ChargeRow> {
      for (const { type, dimension, day, currency, amount } of pages.charges()) {
        if (limit-- <= 0) return;
        const [cost, amortizedCost] = type === 'ActualCost' ? [amount, null] : [null, amount];
        yield { dimension, day, currency, cost, amortizedCost };
      }
    };
    const wholeRows = function* (): Generator<WholeChargeRow> {
      const { resources } = pages.size;
      for (const row of rows()) {
        yield { ...row, texts: dimensionTexts(Math.floor(row.dimension / resources), row.dimension % resources) };
      }
    };
    const ingested: number[] = [];
    const copied: number[] = [];
    const wholeCopied: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      copied.push((await rawCopy(server.ownerUrl, CHARGES, rows())).seconds);
      wholeCopied.push((await rawCopy(server.ownerUrl, WHOLE_CHARGES, wholeRows())).seconds);
      ingested.push(await ingest(`round-${round}`));
    }
    const saved = await typeormSave(server.ownerUrl, CHARGES, rows(SAVED_ROWS));
    const perSecond = (seconds: number, count = pages.rows) => Math.round(count / seconds);
    const [copy, wholeCopy, ledger] = [Math.min(...copied), Math.min(...wholeCopied), Math.min(...ingested)];
    const save = saved.seconds / saved.rows;
    const [ofCopy, ofSave] = [copy / ledger, save / (ledger / pages.rows)];
    report('ingest', {
      rows: pages.rows,
      checksum: `${pages.total('ActualCost')}e-14 billed, ${pages.total('AmortizedCost')}e-14 effective`,
      'raw copy': `${perSecond(copy)} rows/s (${copied.map((seconds) => perSecond(seconds)).join(', ')})`,
      'raw copy with all texts': `${perSecond(wholeCopy)} rows/s (${wholeCopied.map((seconds) => perSecond(seconds)).join(', ')})`,
      ledger: `${perSecond(ledger)} rows/s (${ingested.map((seconds) => perSecond(seconds)).join(', ')})`,
      save: `${Math.round(1 / save)} rows/s`,
      'of raw copy': ofCopy.toFixed(3),
      'of raw copy with all texts': (wholeCopy / ledger).toFixed(3),
      'of save': ofSave.toFixed(1),
    });
    expect(ofCopy).toBeGreaterThanOrEqual(0.5);
    expect(ofSave).toBeGreaterThanOrEqual(50);
  });

  /** A run over the whole estate in a tenant of its own; answers the seconds from request to end. */
  async function ingest(name: string): Promise<number> {
    pages.prepare();
    const azure = new FakeAzure((request) => pages.answer(request));
    const connectors = createConnectors(apiOver(azure, { clock: systemClock }));
    const { logins } = base;
    const ingestion = await base.beside(
      { connectors: new Map(connectors.filter(({ id }) => id === 'cost-management').map((each) => [each.id, each])) },
      CONCURRENCY,
    );
    await withClient(server.ownerUrl, (client) => client.query(`UPDATE tenants SET removed_at = now()`));
    const tenantId = await addTenant(logins.owner, name);
    for (const id of pages.subscriptionIds()) await addSubscription(logins.owner, tenantId, id);
    const worker = new IngestionWorker(ingestion.parts);
    await worker.start();
    const startedAt = performance.now();
    const { runId } = (await ingestion.request({ tenantId, from: '2026-04-01', to: '2026-04-30' }))!;
    for (;;) {
      const run = await ingestion.run(runId);
      if (run.finished_at) {
        expect(run.status).toBe('succeeded');
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    const [sums] = await logins.owner.query<{ rows: number; cost: string; amortized: string }>(
      ALL_TENANTS,
      `SELECT count(*)::float8 AS rows, (sum(cost) * 1e14)::bigint::text AS cost,
              (sum(amortized_cost) * 1e14)::bigint::text AS amortized FROM costs_daily WHERE tenant_id = $1`,
      [tenantId],
    );
    expect(sums).toEqual({
      rows: pages.rows / 2,
      cost: String(pages.total('ActualCost')),
      amortized: String(pages.total('AmortizedCost')),
    });
    await worker.stop();
    await ingestion.end();
    return seconds;
  }
});

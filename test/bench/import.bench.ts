import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.js';
import { withClient } from '../../scripts/postgres-logins.js';
import { addTenant, connectTo } from '../harness/ledger.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { rawCopy } from './baseline/raw-copy.js';
import { CHARGES, type ChargeRow } from './baseline/tables.js';
import { CostPages } from './cost-pages.js';
import { report } from './results.js';

const ROUNDS = 3;
const HEADER =
  'BillingAccountId,BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,ProviderName,' +
  'SubAccountId,ServiceName,ChargeCategory,ResourceId,Tags';

/** From a CSV file to the committed ledger, the command's own start included. */
describe('importing a file', { timeout: 900_000 }, () => {
  const pages = new CostPages({ subscriptions: 10, resources: 1_000, from: '2026-04-01', days: 30 });
  const folder = mkdtempSync(join(tmpdir(), 'azcops-import-'));
  const file = join(folder, 'focus.csv');
  let server: OwnPostgres;
  beforeAll(async () => {
    server = await OwnPostgres.start();
    await pipeline(Readable.from(lines()), createWriteStream(file));
  }, 120_000);
  afterAll(async () => {
    await server.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  function* billed() {
    for (const charge of pages.charges()) if (charge.type === 'ActualCost') yield charge;
  }
  function* lines(): Generator<string> {
    yield `${HEADER}\n`;
    for (const { dimension, day, currency, amount } of billed()) {
      const [account, resource] = [Math.floor(dimension / 1_000), dimension % 1_000];
      const id = `/subscriptions/sub-${account}/resourceGroups/rg-${resource % 40}/providers/Microsoft.Compute/virtualMachines/vm-${resource}`;
      yield (
        `account,${amount},${amount},${currency},${day}T00:00:00Z,2026-04-01T00:00:00Z,Microsoft,sub-${account},` +
        `Service ${resource % 12},Usage,${id},"{""env"": ""prod"", ""cost-center"": ""4711""}"\n`
      );
    }
  }
  function* rows(): Generator<ChargeRow> {
    for (const { dimension, day, currency, amount } of billed())
      yield { dimension, day, currency, cost: amount, amortizedCost: amount };
  }

  it('against COPY of the same rows', async () => {
    const owner = connectTo(server.ownerUrl);
    const imported: number[] = [];
    const copied: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      copied.push((await rawCopy(server.ownerUrl, CHARGES, rows())).seconds);
      const tenantId = await addTenant(owner, `import-${round}`);
      const startedAt = performance.now();
      await promisify(execFile)(
        process.execPath,
        [join(projectRoot, 'dist/apps/ingestion/main.js'), 'import', file, '--tenant', tenantId],
        { env: { DATABASE_URL: server.workerUrl, AZCOPS_DATA_DIR: folder, LOG_LEVEL: 'warn' } },
      );
      imported.push((performance.now() - startedAt) / 1_000);
      const sums = await withClient(server.ownerUrl, (client) =>
        client.query<{ rows: number; cost: string }>(
          `SELECT count(*)::float8 AS rows, (sum(cost) * 1e14)::bigint::text AS cost FROM costs_daily WHERE tenant_id = $1`,
          [tenantId],
        ),
      );
      expect(sums.rows[0]).toEqual({ rows: pages.rows / 2, cost: String(pages.total('ActualCost')) });
    }
    await owner.close();
    const perSecond = (seconds: number) => Math.round(pages.rows / 2 / seconds);
    const ratio = Math.min(...copied) / Math.min(...imported);
    report('import', {
      rows: pages.rows / 2,
      checksum: `${pages.total('ActualCost')}e-14`,
      'raw copy': `${perSecond(Math.min(...copied))} rows/s`,
      ledger: `${perSecond(Math.min(...imported))} rows/s (${imported.map((seconds) => perSecond(seconds)).join(', ')})`,
      'of raw copy': ratio.toFixed(3),
    });
    expect(ratio).toBeGreaterThanOrEqual(0.5);
  });
});

import { execFile } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oneTenant } from '#core/scope.js';
import { projectRoot } from '../../scripts/project.js';
import { addTenant, connectTo } from '../harness/ledger.js';
import { OwnPostgres } from '../harness/own-postgres.js';
import { rawCopy } from './baseline/raw-copy.js';
import { CHARGES, type ChargeRow } from './baseline/tables.js';
import { CostPages } from './cost-pages.js';
import { report } from './results.js';
import { AS_IN_THE_IMAGE } from './worker-run.js';

const ROUNDS = 3;
const HEADER =
  'BillingAccountId,BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,ProviderName,' +
  'SubAccountId,ServiceName,ChargeCategory,ResourceId,Tags';

/** From a CSV file to the committed ledger, the command's own start included. */
describe('importing a file', { timeout: 900_000 }, () => {
  const pages = new CostPages({ subscriptions: 10, resources: 1_000, from: '2026-04-01', days: 30 });
  const folder = mkdtempSync(join(tmpdir(), 'azcops-import-'));
  let server: OwnPostgres;
  beforeAll(async () => void (server = await OwnPostgres.start()), 120_000);
  afterAll(async () => {
    await server.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('against COPY of the same rows', async () => {
    const file = await writeFile(pages);
    const imported: Import[] = [];
    const copied: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      copied.push((await rawCopy(server.ownerUrl, CHARGES, rows(pages))).seconds);
      imported.push(await runImport(file, pages));
    }
    const times = imported.map(({ seconds }) => seconds);
    const perSecond = (seconds: number) => Math.round(pages.rows / 2 / seconds);
    const ratio = Math.min(...copied) / Math.min(...times);
    report('import', {
      rows: pages.rows / 2,
      checksum: `${pages.total('ActualCost')}e-14`,
      'raw copy': `${perSecond(Math.min(...copied))} rows/s`,
      ledger: `${perSecond(Math.min(...times))} rows/s (${times.map((seconds) => perSecond(seconds)).join(', ')})`,
      'of raw copy': ratio.toFixed(3),
    });
    expect(ratio).toBeGreaterThanOrEqual(0.5);
  });

  it('takes about as much memory for ten times the rows', async () => {
    const large = new CostPages({ ...pages.size, subscriptions: 10 * pages.size.subscriptions });
    const small = await runImport(await writeFile(pages), pages);
    const tenfold = await runImport(await writeFile(large), large);
    const ratio = tenfold.peakBytes / small.peakBytes;
    const line = ({ peakBytes, seconds }: Import) => `${Math.round(peakBytes / 1e6)} MB, ${seconds.toFixed(1)} s`;
    report('import memory', {
      [`${pages.rows / 2} rows`]: line(small),
      [`${large.rows / 2} rows`]: line(tenfold),
      ratio: ratio.toFixed(2),
    });
    expect(ratio).toBeLessThanOrEqual(1.5);
  });

  async function writeFile(of: CostPages): Promise<string> {
    const file = join(folder, 'focus.csv');
    await pipeline(Readable.from(lines(of)), createWriteStream(file));
    return file;
  }

  /** Imports a file into a tenant of its own; totals are checked. */
  async function runImport(file: string, of: CostPages): Promise<Import> {
    const owner = connectTo(server.ownerUrl);
    try {
      const tenantId = await addTenant(owner, `import-${crypto.randomUUID()}`);
      const { execArgv, env } = AS_IN_THE_IMAGE;
      const command = [join(projectRoot, 'dist/apps/ingestion/main.js'), 'import', file, '--tenant', tenantId];
      const startedAt = performance.now();
      const importing = promisify(execFile)(process.execPath, [...execArgv, ...command], {
        env: { ...env, DATABASE_URL: server.workerUrl, AZCOPS_DATA_DIR: folder, LOG_LEVEL: 'warn' },
      });
      let peakBytes = 0;
      const watch = setInterval(() => (peakBytes = Math.max(peakBytes, peakOf(importing.child.pid!))), 20);
      await importing.finally(() => clearInterval(watch));
      const seconds = (performance.now() - startedAt) / 1_000;
      const [sums] = await owner.query<{ rows: number; cost: string }>(
        oneTenant(tenantId),
        `SELECT count(*)::float8 AS rows, (sum(cost) * 1e14)::bigint::text AS cost FROM costs_daily WHERE tenant_id = $1`,
        [tenantId],
      );
      expect(sums).toEqual({ rows: of.rows / 2, cost: String(of.total('ActualCost')) });
      return { seconds, peakBytes };
    } finally {
      await owner.close();
    }
  }
});

interface Import {
  seconds: number;
  peakBytes: number;
}

function* billed(pages: CostPages) {
  for (const charge of pages.charges()) if (charge.type === 'ActualCost') yield charge;
}

function* lines(pages: CostPages): Generator<string> {
  yield `${HEADER}\n`;
  const { resources } = pages.size;
  for (const { dimension, day, currency, amount } of billed(pages)) {
    const [account, resource] = [Math.floor(dimension / resources), dimension % resources];
    const id = `/subscriptions/sub-${account}/resourceGroups/rg-${resource % 40}/providers/Microsoft.Compute/virtualMachines/vm-${resource}`;
    yield (
      `account,${amount},${amount},${currency},${day}T00:00:00Z,2026-04-01T00:00:00Z,Microsoft,sub-${account},` +
      `Service ${resource % 12},Usage,${id},"{""env"": ""prod"", ""cost-center"": ""4711""}"\n`
    );
  }
}

function* rows(pages: CostPages): Generator<ChargeRow> {
  for (const { dimension, day, currency, amount } of billed(pages))
    yield { dimension, day, currency, cost: amount, amortizedCost: amount };
}

/** The most memory that a process had so far; 0 once it has ended. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

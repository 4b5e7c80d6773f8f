import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Refusals } from '#core/refusals.js';
import { oneTenant } from '#core/scope.js';
import { LocalFolder } from '#raw-store/local-folder.js';
import { TestIngestion } from '../../../test/harness/ingestion.js';
import { addSubscription, addTenant, charge, publish } from '../../../test/harness/ledger.js';
import { importExports, type ExportOutcome } from './import-exports.js';
import { importFiles } from './import-files.js';

let ingestion: TestIngestion;
let folder: string;
let tenant: string;
let tenants = 0;

beforeAll(async () => void (ingestion = await TestIngestion.open()));
afterAll(() => ingestion.end());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'azcops-exports-'));
  tenant = await addTenant(ingestion.logins.owner, `tenant-${(tenants += 1)}`);
  return () => rmSync(folder, { recursive: true, force: true });
});

interface RunOptions {
  name?: string;
  runId?: string;
  type?: string;
  submitted?: string;
  month?: string;
  /** The last day that the run is about. */
  end?: number;
  rows?: readonly string[];
  /** What the manifest says instead of the truth. */
  announced?: number;
}

const FOCUS_HEADER =
  'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,ProviderName,BillingAccountId,SubAccountId,ServiceName';
const EA_HEADER = 'Date,CostInBillingCurrency,MeterCategory,BillingCurrency,BillingAccountId,SubscriptionId';
const focusRow = ({ cost = '1', effective = '', day = '2026-04-02', account = 'a1', subscription = 's1' } = {}) =>
  `${cost},${effective || `2${cost}`},USD,${day}T00:00:00Z,2026-04-01T00:00:00Z,Microsoft,${account},${subscription},Storage`;
const eaRow = (cost: string) => `04/02/2026,${cost},Storage,USD,a1,s1`;

/** Writes a run as Cost Management does: one part for each row, the manifest beside them. Answers the folder. */
function writeRun({
  name = 'daily',
  runId = 'r1',
  type = 'FocusCost',
  submitted = '2026-05-02T03:00:00.1234567Z',
  month = '2026-04',
  end = 30,
  rows = [focusRow()],
  announced,
}: RunOptions = {}): string {
  const place = join(folder, 'costs', name, `${month.replace('-', '')}01-${month.replace('-', '')}30`, runId);
  mkdirSync(place, { recursive: true });
  const blobs = rows.map((row, index) => {
    const blobName = `costs/${name}/${runId}/part_${index}_0001.csv`;
    const content = `${type === 'FocusCost' ? FOCUS_HEADER : EA_HEADER}\r\n${row}\r\n`;
    writeFileSync(join(place, `part_${index}_0001.csv`), content);
    return { blobName, byteCount: content.length, dataRowCount: announced ?? 1 };
  });
  const resourceId = `/providers/Microsoft.Billing/billingAccounts/123/providers/Microsoft.CostManagement/exports/${name}`;
  const manifest = {
    blobCount: blobs.length,
    blobs,
    exportConfig: { exportName: name, resourceId, dataVersion: '1.0', type },
    runInfo: {
      runId,
      submittedTime: submitted,
      startDate: `${month}-01T00:00:00`,
      endDate: `${month}-${end}T00:00:00`,
    },
  };
  writeFileSync(join(place, 'manifest.json'), JSON.stringify(manifest));
  return place;
}

type Options = Parameters<typeof importExports>[3];
async function load(options: Options = {}): Promise<ExportOutcome[]> {
  return loadWith(ingestion.parts, options);
}
async function loadWith(parts: typeof ingestion.parts, options: Options = {}): Promise<ExportOutcome[]> {
  const found: ExportOutcome[] = [];
  const refusals = new Refusals();
  for await (const outcome of importExports(parts, new LocalFolder(folder), refusals, { tenant, ...options }))
    found.push(outcome);
  refusals.throwIfAny();
  return found;
}
const outcomes = async (options?: Options) =>
  (await load(options)).map(({ run, published, reason }) => `${run.month} ${run.runId} ${reason ?? published?.rows}`);
const read = <Row extends object>(sql: string) => ingestion.logins.worker.query<Row>(oneTenant(tenant), sql);
const totals = (by = 'currency') =>
  read(`SELECT ${by}, trim_scale(sum(cost))::text AS cost, trim_scale(sum(amortized_cost))::text AS amortized
        FROM costs_daily_flat GROUP BY ${by} ORDER BY ${by}`);
const count = async (table: string) =>
  (await read<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`))[0]!.rows;

describe('an import of exports', () => {
  it('publishes the parts of a run together and remembers the run', async () => {
    writeRun({ rows: [focusRow(), focusRow({ cost: '0.1', subscription: 's2' })] });
    expect(await load()).toMatchObject([
      { run: { runId: 'r1', kind: 'both' }, published: { rows: 2, totals: [{ cost: '1.1', amortized_cost: '41.1' }] } },
    ]);
    expect(await totals('source')).toEqual([
      { source: 'azure-export/providers/microsoft.billing/billingaccounts/123/daily', cost: '1.1', amortized: '41.1' },
    ]);
    expect(await read('SELECT kind, month, run_id FROM cost_export_runs')).toEqual([
      { kind: 'both', month: '2026-04-01', run_id: 'r1' },
    ]);
    expect(await read('SELECT covered FROM cost_datasets')).toEqual([{ covered: '{[2026-04-01,2026-05-01)}' }]);
    expect(await count('raw_snapshots')).toBe(1);
  });

  it('reads no part of a run that is published', async () => {
    const place = writeRun();
    await load();
    rmSync(join(place, 'part_0_0001.csv'));
    expect(await outcomes()).toEqual(['2026-04-01 r1 is published already']);
    await expect(load({ replace: true })).rejects.toThrow(/lists the part part_0_0001.csv, which is not there/);
    expect(await totals()).toMatchObject([{ cost: '1' }]);
  });

  it('reads a published run again when told to, and changes nothing by it', async () => {
    writeRun();
    await load();
    expect(await outcomes({ replace: true })).toEqual(['2026-04-01 r1 1']);
    expect(await totals()).toMatchObject([{ cost: '1' }]);
    expect(await count('cost_day_revisions')).toBe(0);
    expect(await count('cost_export_runs')).toBe(1);
  });

  it('lets a newer run replace the month whole, accounts and days that are gone included', async () => {
    writeRun({ rows: [focusRow(), focusRow({ day: '2026-04-03' }), focusRow({ account: 'a2', subscription: 's2' })] });
    await load();
    writeRun({ runId: 'r2', submitted: '2026-05-03T03:00:00Z', rows: [focusRow({ cost: '7' })] });
    expect(await outcomes()).toEqual(['2026-04-01 r2 1']);
    expect(await totals('day')).toEqual([{ day: '2026-04-02', cost: '7', amortized: '27' }]);
    expect(await read('SELECT day, subscription_id, new_rows FROM cost_day_revisions ORDER BY 1, 2')).toEqual([
      { day: '2026-04-02', subscription_id: 's1', new_rows: '1' },
      { day: '2026-04-02', subscription_id: 's2', new_rows: '0' },
      { day: '2026-04-03', subscription_id: 's1', new_rows: '0' },
    ]);
    writeRun({ runId: 'r3', submitted: '2026-05-04T03:00:00Z', rows: [] });
    expect(await outcomes()).toEqual(['2026-04-01 r3 0']);
    expect(await totals()).toEqual([]);
  });

  it('leaves out a run that is older than the published one', async () => {
    writeRun({ runId: 'r2', submitted: '2026-05-03T03:00:00Z', rows: [focusRow({ cost: '7' })] });
    await load();
    rmSync(folder, { recursive: true });
    writeRun();
    expect(await outcomes()).toEqual(['2026-04-01 r1 is older than the published run r2: left out']);
    expect(await outcomes({ replace: true })).toEqual(['2026-04-01 r1 is older than the published run r2: left out']);
    expect(await totals()).toMatchObject([{ cost: '7' }]);
  });

  it('puts actual and amortized exports beside each other, oldest month first', async () => {
    writeRun({ name: 'amortized', type: 'AmortizedCost', rows: [eaRow('3')] });
    writeRun({ name: 'actual', type: 'ActualCost', rows: [eaRow('1.50')] });
    writeRun({ name: 'actual', type: 'ActualCost', rows: [], month: '2026-03', runId: 'r0' });
    expect(await outcomes()).toEqual(['2026-03-01 r0 0', '2026-04-01 r1 1', '2026-04-01 r1 1']);
    expect(await totals()).toEqual([{ currency: 'USD', cost: '1.5', amortized: '3' }]);
  });

  it('publishes nothing of a run that holds other than was announced, and keeps the months before it', async () => {
    const place = writeRun({ rows: [focusRow(), focusRow({ cost: '2' })], announced: 2 });
    writeRun({ month: '2026-03', runId: 'r0', rows: [focusRow({ subscription: 's3', day: '2026-03-09' })] });
    await expect(load()).rejects.toThrow(
      `${join(place, 'part_0_0001.csv')}: the manifest announces 2 rows, but 1 were found.`,
    );
    expect(await totals('subscription_id')).toMatchObject([{ subscription_id: 's3' }]);
    expect(await count('cost_export_runs')).toBe(1);
  });

  it('refuses what another export or the API has published, unless it is taken over', async () => {
    const ingested = { tenantId: tenant, charges: [charge({ day: '2026-04-02', cost: '9' })], kind: 'actual' as const };
    await publish(ingestion.parts.ledger, ingested);
    writeRun();
    await expect(load()).rejects.toThrow('Microsoft s1 2026-04 owned by cost-management');
    expect(await count('cost_export_runs')).toBe(0);
    await load({ replace: true });
    expect(await totals()).toMatchObject([{ cost: '1' }]);
    await expect(publish(ingestion.parts.ledger, ingested)).rejects.toThrow('owned by azure-export/');

    rmSync(folder, { recursive: true });
    writeRun({ name: 'second', rows: [focusRow({ cost: '5' })] });
    await expect(load()).rejects.toThrow(/owned by azure-export\/.*\/daily\. Use --replace/);
    await load({ replace: true });
    expect(await totals()).toMatchObject([{ cost: '5' }]);
  });

  it('does not let a run of fewer days erase the others, whoever published them', async () => {
    writeRun({ rows: [focusRow(), focusRow({ day: '2026-04-20', cost: '10' })] });
    await load();
    writeRun({ runId: 'r2', submitted: '2026-05-03T03:00:00Z', end: 15 });
    const refusal =
      /2026-04 is published up to 2026-04-30 by azure-export.*daily, but this covers it only up to 2026-04-15/;
    await expect(load()).rejects.toThrow(refusal);
    await expect(load({ replace: true })).rejects.toThrow(refusal);
    expect(await totals()).toMatchObject([{ cost: '11' }]);

    rmSync(folder, { recursive: true });
    writeRun({ name: 'second', submitted: '2026-04-16T03:00:00Z' });
    await expect(load({ replace: true })).rejects.toThrow('but this covers it only up to 2026-04-15');
    expect(await totals()).toMatchObject([{ cost: '11' }]);
  });

  it('covers the days of its period alone, whatever days its late charges have', async () => {
    writeRun({ rows: [focusRow(), focusRow({ day: '2025-12-03', cost: '-2', effective: '0' })] });
    await load();
    expect(await totals('day')).toMatchObject([
      { day: '2025-12-03', cost: '-2' },
      { day: '2026-04-02', cost: '1' },
    ]);
    expect(await read('SELECT covered FROM cost_datasets')).toEqual([{ covered: '{[2026-04-01,2026-05-01)}' }]);
    writeRun({ runId: 'r2', submitted: '2026-05-03T03:00:00Z' });
    await load();
    expect(await totals('day')).toMatchObject([{ day: '2026-04-02', cost: '1' }]);
    expect(await read('SELECT day, trim_scale(old_cost)::text AS old, new_rows FROM cost_day_revisions')).toEqual([
      { day: '2025-12-03', old: '-2', new_rows: '0' },
    ]);
  });

  it('goes on behind what it has to refuse, and says so at the end', async () => {
    const ingested = { tenantId: tenant, charges: [charge({ day: '2026-04-02', cost: '9' })], kind: 'actual' as const };
    await publish(ingestion.parts.ledger, ingested);
    writeRun();
    writeRun({
      month: '2026-05',
      runId: 'r5',
      submitted: '2026-06-02T00:00:00Z',
      rows: [focusRow({ day: '2026-05-02' })],
    });
    const broken = join(folder, 'costs', 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'manifest.json'), '{"exportConfig":');
    await expect(load()).rejects.toThrow(
      /^2 were refused:\n- .*broken\/manifest.json: this is not JSON.*\n- .*Microsoft s1 2026-04 owned by cost-management/,
    );
    expect(await totals('day')).toMatchObject([
      { day: '2026-04-02', cost: '9' },
      { day: '2026-05-02', cost: '1' },
    ]);
  });

  it('keeps the next month from the API while the export delivers, unless the API has begun with it', async () => {
    const { owner } = ingestion.logins;
    await addSubscription(owner, tenant, 's1');
    const leftAlone = async () =>
      (await ingestion.parts.subscriptions.targets(tenant)).map((target) => target.costMonthsOwnedElsewhere);
    writeRun({ submitted: new Date().toISOString() });
    await load();
    expect(await leftAlone()).toEqual([['2026-04-01', '2026-05-01']]);

    const may = { month: '2026-05-01', charges: [charge({ day: '2026-05-01', cost: '1' })] };
    await publish(ingestion.parts.ledger, { tenantId: tenant, ...may });
    expect(await leftAlone()).toEqual([['2026-04-01']]);
  });

  it('leaves the next month to the API once the export delivers no more', async () => {
    await addSubscription(ingestion.logins.owner, tenant, 's1');
    writeRun({ submitted: new Date(Date.now() - 4 * 86_400_000).toISOString() });
    await load();
    expect(await ingestion.parts.subscriptions.targets(tenant)).toMatchObject([
      { costMonthsOwnedElsewhere: ['2026-04-01'] },
    ]);
  });

  it('says of a month that another source took over that it is theirs', async () => {
    writeRun();
    await load();
    const file = join(folder, 'focus.csv');
    writeFileSync(file, `${FOCUS_HEADER}\n${focusRow({ cost: '99' })}\n`);
    await importFiles(ingestion.parts, [file], { tenant, replace: true });
    await expect(load()).rejects.toThrow('Microsoft s1 2026-04 owned by focus-file');
    await load({ replace: true });
    expect(await totals()).toMatchObject([{ cost: '1' }]);
    expect(await outcomes()).toEqual(['2026-04-01 r1 is published already']);
  });

  it('can be repeated once what its manifest announces is there', async () => {
    writeRun({ announced: 2 });
    await expect(load()).rejects.toThrow('announces 2 rows');
    writeRun();
    await load();
    await expect(load({ replace: true })).resolves.toHaveLength(1);
    expect(await count('raw_snapshots')).toBe(2);
  });

  it('does not overwrite what another import of the same export publishes meanwhile', async () => {
    writeRun();
    const newer = { runId: 'r2', submitted: '2026-05-03T03:00:00Z', rows: [focusRow({ cost: '7' })] };
    const { ledger } = ingestion.parts;
    let overtaken = false;
    const slow = {
      ...ingestion.parts,
      ledger: Object.assign(Object.create(ledger) as typeof ledger, {
        publish: async (...all: Parameters<typeof ledger.publish>) => {
          writeRun(newer);
          if (!overtaken) await load();
          overtaken = true;
          return ledger.publish(...all);
        },
      }),
    };
    await expect(loadWith(slow)).rejects.toThrow(/Another import published the run r2 .* meanwhile/);
    expect(await totals()).toMatchObject([{ cost: '7' }]);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monthEnd } from '#core/day.js';
import { ChargeGenerator } from '../cost-management/charge-generator.js';
import { ChargeOverrides } from '../cost-management/charge-overrides.js';
import type { CostType } from '../cost-management/charge.js';
import { formatAmount, parseAmount } from '../estate/amount.js';
import { Estate } from '../estate/estate.js';
import { ResourceGenerator } from '../estate/resource-generator.js';
import { writeExport, type ExportOrder, type WrittenExport } from './export-writer.js';

type Line = Record<string, string>;
interface Manifest {
  blobs: { blobName: string; byteCount: number; dataRowCount: number }[];
  exportConfig: { type: string };
}

const MONTH = '2026-04-01';
const NOW = new Date('2026-05-20T00:00:00Z');
const estate = new Estate({ seed: 3, tenants: 1, subscriptions: 3, resources: 25, emptySubscriptions: 0 });
const { subscriptions } = estate.homeTenant;
const charges = new ChargeGenerator(new ResourceGenerator(25), new ChargeOverrides(), '2026-01-01');

let root: string;
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'sandbox-exports-'))));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (order: Partial<ExportOrder> = {}): Promise<WrittenExport> =>
  writeExport(
    root,
    {
      exportName: 'daily',
      type: 'FocusCost',
      month: MONTH,
      format: 'csv',
      partitionRows: 1_000_000,
      directory: 'costs',
      timestamped: false,
      ...order,
    },
    subscriptions,
    (subscription, range, type) => charges.chargesOf(subscription, range, type, NOW),
    NOW,
  );
const manifestOf = ({ path }: WrittenExport) =>
  JSON.parse(readFileSync(join(root, path, 'manifest.json'), 'utf8')) as Manifest;
function linesOf(written: WrittenExport): Line[] {
  return manifestOf(written).blobs.flatMap(({ blobName, dataRowCount }) => {
    const bytes = readFileSync(join(root, blobName));
    const lines = parse(blobName.endsWith('.gz') ? gunzipSync(bytes) : bytes, { columns: true, bom: true }) as Line[];
    expect(lines).toHaveLength(dataRowCount);
    return lines;
  });
}
function sums(lines: readonly Line[], column: string, keys: readonly string[]): Record<string, string> {
  const found = new Map<string, bigint>();
  for (const line of lines) {
    const key = keys.map((name) => line[name]).join(' ');
    found.set(key, (found.get(key) ?? 0n) + parseAmount(line[column]!));
  }
  return Object.fromEntries([...found].map(([key, sum]) => [key, formatAmount(sum)]));
}
/** What the charges that queries are answered from add up to. */
function truth(type: CostType, prefix = ''): Record<string, string> {
  const found = new Map<string, bigint>();
  for (const subscription of subscriptions) {
    for (const { source, cost } of charges.chargesOf(subscription, { from: MONTH, to: monthEnd(MONTH) }, type, NOW)) {
      const key = `${prefix}${subscription.subscriptionId} ${source.currency}`;
      found.set(key, (found.get(key) ?? 0n) + cost);
    }
  }
  return Object.fromEntries([...found].map(([key, sum]) => [key, formatAmount(sum)]));
}

describe('an export of the sandbox', () => {
  it('of actual and of amortized cost adds up to what queries answer, to the last digit', async () => {
    for (const type of ['ActualCost', 'AmortizedCost'] as const) {
      const lines = linesOf(await write({ type }));
      expect(sums(lines, 'Cost', ['SubscriptionId', 'BillingCurrency'])).toEqual(truth(type));
      expect(lines.some((line) => line['ChargeType'] === 'UnusedReservation')).toBe(type === 'AmortizedCost');
      expect(lines[0]).toMatchObject({ Date: '04/01/2026', BillingPeriodEndDate: '04/30/2026' });
    }
  });

  it('of FOCUS has both in one line', async () => {
    const lines = linesOf(await write());
    const keys = ['SubAccountId', 'BillingCurrency'];
    expect(sums(lines, 'BilledCost', keys)).toEqual(truth('ActualCost', '/subscriptions/'));
    expect(sums(lines, 'EffectiveCost', keys)).toEqual(truth('AmortizedCost', '/subscriptions/'));
    const unused = lines.find((line) => line['CommitmentDiscountStatus'] === 'Unused');
    expect(unused).toMatchObject({ BilledCost: '0', ChargeCategory: 'Usage' });
    expect(lines.find((line) => line['ChargeCategory'] === 'Purchase' && line['CommitmentDiscountId'])).toMatchObject({
      EffectiveCost: '0',
    });
  });

  it('is cut into parts, which the manifest lists with their size and rows', async () => {
    const whole = await write({ exportName: 'whole' });
    const written = await write({ exportName: 'cut', partitionRows: 500, timestamped: true });
    expect(written.path).toMatch(/^costs\/cut\/20260401-20260430\/202605200000\/[0-9a-f-]{36}$/);
    expect(written).toMatchObject({ rows: whole.rows, parts: Math.ceil(whole.rows / 500) });
    const { blobs } = manifestOf(written);
    expect(blobs.slice(0, -1).map(({ dataRowCount }) => dataRowCount)).toEqual(blobs.slice(1).map(() => 500));
    for (const { blobName, byteCount } of blobs) expect(readFileSync(join(root, blobName))).toHaveLength(byteCount);
    expect(linesOf(written)).toEqual(linesOf(whole));
  });

  it('is the same, line for line, as CSV, gzipped and as Parquet, and whenever it is written', async () => {
    const lines = linesOf(await write({ exportName: 'csv' }));
    const first = await write({ exportName: 'gz', format: 'csv.gz' });
    expect(linesOf(first)).toEqual(lines);
    expect(await write({ exportName: 'gz', format: 'csv.gz' })).toEqual(first);

    const { blobs } = manifestOf(await write({ exportName: 'parquet', format: 'parquet' }));
    const bytes = readFileSync(join(root, blobs[0]!.blobName));
    const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    expect(Object.keys(rows[0]!)).toEqual(Object.keys(lines[0]!));
    expect(rows.map(({ ResourceId, ChargePeriodStart }) => [ResourceId ?? '', ChargePeriodStart])).toEqual(
      lines.map((line) => [line['ResourceId'], new Date(line['ChargePeriodStart']!)]),
    );
  });
});

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { FileFolder, FolderFile } from '#core/file-folder.js';
import { Refusals } from '#core/refusals.js';
import { findExportRuns, readExportRun } from './export-runs.js';

const FOCUS =
  'BilledCost,EffectiveCost,BillingCurrency,ChargePeriodStart,BillingPeriodStart,ProviderName\n' +
  '1,2,USD,2026-04-02,2026-05-01,Microsoft\n';
const ACTUAL = 'Date,Cost,MeterCategory,BillingCurrency\n04/02/2026,1,Storage,USD\n';

interface RunOptions {
  /** Of all parts together. */
  announced?: number;
  runId?: string;
  submitted?: string;
  month?: string;
  type?: string;
  parts?: Record<string, { rows?: number; bytes?: number }>;
}
function manifest({
  announced,
  runId = 'r1',
  submitted = '2026-05-01',
  month = '2026-04',
  type,
  parts = {},
}: RunOptions = {}) {
  return JSON.stringify({
    exportConfig: { exportName: 'daily', resourceId: '/subscriptions/s', type: type ?? 'FocusCost' },
    runInfo: {
      runId,
      submittedTime: `${submitted}T00:00:00Z`,
      startDate: `${month}-01T00:00:00`,
      endDate: `${month}-28T00:00:00`,
    },
    dataRowCount: announced,
    blobs: Object.entries(parts).map(([name, { rows, bytes }]) => ({
      blobName: `elsewhere/${name}`,
      byteCount: bytes,
      dataRowCount: rows,
    })),
  });
}

/** A folder with these files, that counts which of them are read. */
function folderOf(files: Record<string, string | Buffer>): FileFolder & { read: string[] } {
  const read: string[] = [];
  return {
    name: 'lake',
    read,
    async *list(): AsyncGenerator<FolderFile> {
      for (const [path, content] of Object.entries(files)) {
        const bytes = Buffer.from(content);
        yield {
          name: `lake/${path}`,
          path,
          bytes: bytes.length,
          modifiedAt: new Date(0),
          read: async (from, to) => (read.push(path), bytes.subarray(from, to)),
        };
      }
    },
  };
}
async function find(folder: FileFolder) {
  const refusals = new Refusals();
  const found = await findExportRuns(folder, refusals);
  refusals.throwIfAny();
  return found;
}
async function readAll(files: Record<string, string | Buffer>) {
  const { runs } = await find(folderOf(files));
  const charges = [];
  for (const run of runs)
    for await (const batch of readExportRun(run))
      charges.push(...batch.charges.map((charge) => ({ ...batch, charge })));
  return charges;
}

describe('exports below a folder', () => {
  it('are the newest run of each month, the oldest month first, whether or not runs overwrite each other', async () => {
    const folder = folderOf({
      'costs/daily/20260401-20260430/r1/manifest.json': manifest(),
      'costs/daily/20260401-20260430/202605020300/r2/manifest.json': manifest({ runId: 'r2', submitted: '2026-05-02' }),
      'costs/daily/20260301-20260331/r0/manifest.json': manifest({ runId: 'r0', month: '2026-03' }),
      'costs/actual/20260401-20260430/r3/manifest.json': manifest({ runId: 'r3', type: 'ActualCost' }),
    });
    const { runs, remarks } = await find(folder);
    expect(runs.map(({ runId }) => runId)).toEqual(['r0', 'r3', 'r2']);
    expect(remarks).toEqual([]);
  });

  it('of one month come in the order in which they were submitted, whatever their names', async () => {
    const named = (name: string, submitted: string) =>
      manifest({ runId: name, submitted }).replace('"exportName":"daily"', `"exportName":"${name}"`);
    const { runs } = await find(
      folderOf({
        'a/manifest.json': named('a-last-month', '2026-05-06'),
        'd/manifest.json': named('daily', '2026-04-30'),
      }),
    );
    expect(runs.map(({ runId }) => runId)).toEqual(['daily', 'a-last-month']);
  });

  it('are found beside manifests that cannot be read', async () => {
    const refusals = new Refusals();
    const { runs } = await findExportRuns(
      folderOf({ 'a/manifest.json': manifest(), 'b/manifest.json': '{', 'c/manifest.json': '[]' }),
      refusals,
    );
    expect(runs).toHaveLength(1);
    expect(() => refusals.throwIfAny()).toThrow(
      /^2 were refused:\n- lake\/b\/manifest.json: this is not JSON.*\n- lake\/c\/manifest.json: this is not the manifest/,
    );
  });

  it('are found without any of their parts being read', async () => {
    const folder = folderOf({ 'manifest.json': manifest({ parts: { 'part.csv': {} } }), 'part.csv': FOCUS });
    expect((await find(folder)).runs).toHaveLength(1);
    expect(folder.read).toEqual(['manifest.json']);
  });

  it('leave out what is still being written and what holds no charges, and say so', async () => {
    const { runs, remarks } = await find(
      folderOf({
        'a/manifest.json': manifest(),
        'b/part_0_0001.csv.gz': 'x',
        'c/manifest.json': manifest({ type: 'PriceSheet' }),
      }),
    );
    expect(runs).toHaveLength(1);
    expect(remarks).toEqual([
      expect.stringContaining('beside lake/b/part_0_0001.csv.gz is no manifest.json'),
      'Left out: lake/c/manifest.json is of an export of PriceSheet, which holds no charges.',
    ]);
  });

  it('must be there', async () => {
    await expect(find(folderOf({}))).rejects.toThrow('no complete run of a Cost Management export below lake');
    await expect(find(folderOf({ 'r1/part_0_0001.csv': 'x' }))).rejects.toThrow(
      /no complete run .*\n.*beside lake\/r1\/part_0_0001.csv is no manifest.json; Azure writes it last/,
    );
  });
});

describe('a run of an export', () => {
  it('is read part by part, gzipped or not, into the month of the run', async () => {
    const parts = { 'part_0.csv': { rows: 1, bytes: FOCUS.length }, 'part_1.csv.gz': { rows: 1, bytes: 7 } };
    const charges = await readAll({
      'manifest.json': manifest({ parts }),
      'part_0.csv': FOCUS,
      'part_1.csv.gz': gzipSync(FOCUS),
      'part_2.csv': 'left by an earlier run',
    });
    expect(charges).toHaveLength(2);
    for (const { source, kind, charge } of charges) {
      expect([source, kind]).toEqual(['azure-export/subscriptions/s/daily', 'both']);
      expect(charge).toMatchObject({ billingMonth: '2026-04-01', record: { day: '2026-04-02', cost: '1' } });
    }
  });

  it.each([
    ['a part that is not there', { 'other.csv': { rows: 1 } }, 'manifest.json: it lists the part other.csv'],
    ['fewer rows', { 'part.csv': { rows: 2 } }, 'lake/part.csv: the manifest announces 2 rows, but 1 were found'],
    ['more rows', { 'part.csv': { rows: 0 } }, 'lake/part.csv: the manifest announces 0 rows, but 1 were found'],
    ['another size', { 'part.csv': { bytes: 9 } }, `the manifest announces 9 bytes, but ${FOCUS.length} were found`],
  ])('is refused when its manifest announces %s', async (_, parts: RunOptions['parts'], message) => {
    await expect(readAll({ 'manifest.json': manifest({ parts }), 'part.csv': FOCUS })).rejects.toThrow(message);
  });

  it('is refused when its parts hold other than it announces for all of them', async () => {
    const parts = { 'part.csv': {} };
    await expect(
      readAll({ 'manifest.json': manifest({ parts, announced: 5_000 }), 'part.csv': FOCUS }),
    ).rejects.toThrow('lake/manifest.json: it announces 5000 rows, but its parts hold 1 together.');
    expect(await readAll({ 'manifest.json': manifest({ parts, announced: 1 }), 'part.csv': FOCUS })).toHaveLength(1);
  });

  it('is refused when its columns are those of another export', async () => {
    const parts = { 'part.csv': { rows: 1 } };
    await expect(readAll({ 'manifest.json': manifest({ parts }), 'part.csv': ACTUAL })).rejects.toThrow(
      'the manifest announces FOCUS, but the columns are those of actual cost',
    );
    const actual = manifest({ parts, type: 'ActualCost' });
    await expect(readAll({ 'manifest.json': actual, 'part.csv': FOCUS })).rejects.toThrow(
      'the manifest announces actual cost, but the columns are those of FOCUS',
    );
  });
});

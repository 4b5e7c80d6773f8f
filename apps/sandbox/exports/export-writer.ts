import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dayOf, monthEnd, type Day, type DayRange } from '#core/day.js';
import type { Charge, CostType } from '../cost-management/charge.js';
import { BILLING_ACCOUNT } from '../cost-management/dimensions.js';
import type { Subscription } from '../estate/estate.js';
import { guidOf } from '../estate/seeded-random.js';
import { openCsvPart } from './csv-part.js';
import { enrollmentDialect } from './enrollment-dialect.js';
import { exportRows, type ExportType } from './export-rows.js';
import { focusDialect } from './focus-dialect.js';
import { openParquetPart } from './parquet-part.js';
import type { PartWriter } from './part-writer.js';

export const EXPORT_FORMATS = ['csv', 'csv.gz', 'parquet'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
const ENDINGS = { csv: 'csv', 'csv.gz': 'csv.gz', parquet: 'snappy.parquet' } as const;

/** What is exported, and how. */
export interface ExportOrder {
  readonly exportName: string;
  readonly type: ExportType;
  /** First day of the month. */
  readonly month: Day;
  readonly format: ExportFormat;
  readonly partitionRows: number;
  /** Below the file system, without slashes at its ends. */
  readonly directory: string;
  /** Whether the run's folder lies in one of its time, as where runs do not overwrite each other. */
  readonly timestamped: boolean;
}

/** A written run: `path` is its folder, below the file system. */
export interface WrittenExport {
  readonly path: string;
  readonly runId: string;
  readonly rows: number;
  readonly bytes: number;
  readonly parts: number;
}

interface WrittenPart {
  blobName: string;
  byteCount: number;
  dataRowCount: number;
}

/**
 * Writes a run of an export below `root` as Cost Management does: parts first, the manifest last. Holds the charges of one
 * subscription at a time.
 */
export async function writeExport(
  root: string,
  order: ExportOrder,
  subscriptions: Iterable<Subscription>,
  chargesOf: (subscription: Subscription, range: DayRange, type: CostType) => readonly Charge[],
  now: Date,
): Promise<WrittenExport> {
  const { exportName, type, month, directory, partitionRows } = order;
  const range = { from: month, to: monthEnd(month) };
  const runId = guidOf('export', exportName, type, month, now.getTime());
  const period = `${range.from}-${range.to}`.replace(/(\d{4})-(\d{2})-(\d{2})/g, '$1$2$3');
  const time = now.toISOString().slice(0, 16).replace(/\D/g, '');
  const folder = [directory, exportName, period, order.timestamped ? time : '', runId].filter(Boolean).join('/');
  await mkdir(path.join(root, folder), { recursive: true });

  const parts: WrittenPart[] = [];
  let part: (WrittenPart & { writer: PartWriter }) | undefined;
  const finish = async (): Promise<void> => {
    if (!part) return;
    const { writer, ...written } = part;
    await writer.close();
    const { size } = await stat(path.join(root, written.blobName));
    parts.push({ ...written, byteCount: size });
    part = undefined;
  };
  for (const subscription of subscriptions) {
    for (const row of exportRows(type, (costType) => chargesOf(subscription, range, costType))) {
      if (!part) {
        const blobName = `${folder}/part_${parts.length}_0001.${ENDINGS[order.format]}`;
        part = { blobName, byteCount: 0, dataRowCount: 0, writer: openPart(path.join(root, blobName), order) };
      }
      const ready = part.writer.add(row);
      if (ready) await ready;
      part.dataRowCount += 1;
      if (part.dataRowCount === partitionRows) await finish();
    }
  }
  await finish();

  const manifest = manifestOf(order, range, runId, now, parts);
  const temporary = path.join(root, folder, '.manifest.json.tmp');
  await writeFile(temporary, JSON.stringify(manifest, undefined, 2));
  await rename(temporary, path.join(root, folder, 'manifest.json'));
  return { path: folder, runId, rows: manifest.dataRowCount, bytes: manifest.byteCount, parts: parts.length };
}

function openPart(file: string, { type, format }: ExportOrder): PartWriter {
  const dialect = dialectOf(type);
  return format === 'parquet' ? openParquetPart(file, dialect) : openCsvPart(file, dialect, format === 'csv.gz');
}

const dialectOf = (type: ExportType) => (type === 'FocusCost' ? focusDialect : enrollmentDialect);

function manifestOf(
  { exportName, type, directory, format, timestamped }: ExportOrder,
  { from, to }: DayRange,
  runId: string,
  now: Date,
  parts: readonly WrittenPart[],
) {
  const sum = (of: (part: WrittenPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  return {
    manifestVersion: '2024-04-01',
    byteCount: sum(({ byteCount }) => byteCount),
    blobCount: parts.length,
    dataRowCount: sum(({ dataRowCount }) => dataRowCount),
    exportConfig: {
      exportName,
      resourceId: `/providers/Microsoft.Billing/billingAccounts/${BILLING_ACCOUNT}/providers/Microsoft.CostManagement/exports/${exportName}`,
      dataVersion: dialectOf(type).dataVersion,
      apiVersion: '2025-03-01',
      type,
      timeFrame: dayOf(now) > to ? 'TheLastMonth' : 'MonthToDate',
      granularity: 'Daily',
    },
    deliveryConfig: {
      partitionData: true,
      dataOverwriteBehavior: timestamped ? 'CreateNewReport' : 'OverwritePreviousReport',
      fileFormat: format === 'parquet' ? 'Parquet' : 'Csv',
      compressionMode: { csv: 'None', 'csv.gz': 'gzip', parquet: 'snappy' }[format],
      rootFolderPath: directory,
    },
    runInfo: {
      executionType: 'OnDemand',
      submittedTime: now.toISOString(),
      runId,
      startDate: `${from}T00:00:00`,
      endDate: `${to}T00:00:00`,
    },
    blobs: parts,
  };
}

import { blocksOf, type RandomAccessFile } from '#core/file-folder.js';
import type { CostFileBatch, CostFileOptions } from './cost-file-columns.js';
import { readCsvCostFile } from './csv-cost-file.js';
import { isParquet, readParquetCostFile } from './parquet-cost-file.js';

/**
 * Reads a FOCUS file or an Azure cost export: CSV, gzipped CSV or Parquet, told by its first bytes. Throws
 * `InvalidInputError` naming file, line or row, column and value at the first row that cannot be read.
 */
export async function* readCostFile(
  file: RandomAccessFile,
  kind?: CostFileOptions['kind'],
): AsyncGenerator<CostFileBatch> {
  const options = { name: file.name, ...(kind && { kind }) };
  if (await isParquet(file)) yield* readParquetCostFile(file, options);
  else yield* readCsvCostFile(blocksOf(file), options);
}

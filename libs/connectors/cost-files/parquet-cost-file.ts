import { InvalidInputError } from '#core/errors.js';
import type { RandomAccessFile } from '#core/file-folder.js';
import { BATCH_ROWS, kindOf, recogniseColumns, type CostFileBatch, type CostFileOptions } from './cost-file-columns.js';
import { CellError, CostFileColumns, type CostFileCharge } from './cost-file-row.js';
import { openParquet } from './parquet-file.js';

const MAGIC = Buffer.from('PAR1');

/** True for a file that begins as Parquet does. */
export async function isParquet(file: RandomAccessFile): Promise<boolean> {
  return file.bytes >= MAGIC.length && MAGIC.equals(await file.read(0, MAGIC.length));
}

/**
 * Reads a FOCUS file or an Azure cost export that is Parquet, a page of each needed column at a time. Amounts keep every
 * digit. Throws `InvalidInputError` naming file, row, column and value.
 */
export async function* readParquetCostFile(
  file: RandomAccessFile,
  options: CostFileOptions,
): AsyncGenerator<CostFileBatch> {
  const { name } = options;
  const table = await openParquet(file);
  const { format, needed, columns } = recogniseColumns(table.columns, name);
  if (table.rows === 0) return;
  const kind = kindOf(format, options);
  const read = format.reader(new CostFileColumns(columns), kind);
  const cells = needed.map((): string | null => null);
  let charges: CostFileCharge[] = [];
  let row = 0;
  try {
    for await (const rows of table.read(needed)) {
      for (let index = 0; index < rows.length; index += 1) {
        row += 1;
        for (let place = 0; place < cells.length; place += 1) cells[place] = rows.columns[place]!.value(index);
        charges.push(read(cells));
        if (charges.length < BATCH_ROWS) continue;
        yield { source: format.source, kind, charges };
        charges = [];
      }
    }
  } catch (error) {
    if (error instanceof CellError) throw new InvalidInputError(`${name}, row ${row}, ${error.message}.`);
    throw error;
  }
  if (charges.length > 0) yield { source: format.source, kind, charges };
}

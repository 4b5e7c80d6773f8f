import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse, type Info } from 'csv-parse';
import type { CostAmounts } from '#core/connector.js';
import { InvalidInputError } from '#core/errors.js';
import {
  BATCH_ROWS,
  kindOf,
  recogniseColumns,
  type CostFileBatch,
  type CostFileOptions,
  type RecognisedColumns,
} from './cost-file-columns.js';
import { CellError, CostFileRow, type CostFileCharge } from './cost-file-row.js';

/** Far above any real row; an unclosed quote would otherwise swallow the rest of the file into memory. */
const MAX_ROW_CHARACTERS = 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Reads a FOCUS file or an Azure cost export that is CSV or gzipped CSV, in constant memory.
 * Throws `InvalidInputError` naming file, line, column and value at the first row that cannot be read.
 */
export async function* readCsvCostFile(bytes: Readable, options: CostFileOptions): AsyncGenerator<CostFileBatch> {
  const rows = parse({
    bom: true,
    info: true,
    relax_column_count: false,
    cast: castCell,
    skip_empty_lines: true,
    max_record_size: MAX_ROW_CHARACTERS,
  });
  void decompressed(bytes, (error) => rows.destroy(error)).then(
    (text) => text.pipe(rows),
    (error: Error) => rows.destroy(error),
  );
  let reader: RecognisedColumns | null = null;
  let kind: CostAmounts | null = null;
  let charges: CostFileCharge[] = [];
  let line = 1;
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: (string | null)[]; info: Info }>) {
      line = info.lines;
      if (!reader) {
        reader = recogniseColumns(record, `${options.name}, line 1`);
        continue;
      }
      kind ??= kindOf(reader.format, options);
      charges.push(reader.format.read(new CostFileRow(reader.columns, record), kind));
      if (charges.length === BATCH_ROWS) {
        yield { source: reader.format.source, kind, charges };
        charges = [];
      }
    }
  } catch (error) {
    throw readable(error, options.name, line);
  }
  if (!reader) throw new InvalidInputError(`${options.name} is empty: not even a header line.`);
  if (kind && charges.length > 0) yield { source: reader.format.source, kind, charges };
}

/** Unquoted NULL is how some providers write an absent value; a quoted one is a text. */
function castCell(value: string, { quoting }: { quoting: boolean }): string | null {
  return value === '' || (value === 'NULL' && !quoting) ? null : value;
}

function readable(error: unknown, name: string, line: number): unknown {
  if (error instanceof CellError) return new InvalidInputError(`${name}, line ${line}, ${error.message}.`);
  if (error instanceof CsvError) return new InvalidInputError(`${name}, line ${error.lines ?? line}: ${error.message}`);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('Z_')) return new InvalidInputError(`${name}: the gzip data is damaged or cut off.`);
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
    return new InvalidInputError(`${name} cannot be read (${code}).`);
  return error;
}

/** Gzip is told by its first two bytes, not by the file's name. */
async function decompressed(bytes: Readable, fail: (error: Error) => void): Promise<Readable> {
  bytes.on('error', fail);
  for await (const first of bytes.iterator({ destroyOnReturn: false })) {
    bytes.unshift(first as Buffer);
    const [one, two] = first as Buffer;
    if (one !== GZIP_MAGIC[0] || two !== GZIP_MAGIC[1]) return bytes;
    return bytes.pipe(createGunzip()).on('error', fail);
  }
  return bytes;
}

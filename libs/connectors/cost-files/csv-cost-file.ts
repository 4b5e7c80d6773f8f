import { pipeline, Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
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
import { CellError, CostFileColumns, type CostFileCharge } from './cost-file-row.js';
import { CsvError, CsvSplitter } from './csv-splitter.js';
import type { RowReader } from './row-reader.js';

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
const UNZIPPED_BYTES = 1024 * 1024;
const BYTES_AT_ONCE = 256 * 1024;

/**
 * Reads a FOCUS file or an Azure cost export that is CSV or gzipped CSV, in constant memory.
 * Throws `InvalidInputError` naming file, line, column and value at the first row that cannot be read.
 */
export async function* readCsvCostFile(
  blocks: AsyncIterable<Uint8Array>,
  options: CostFileOptions,
): AsyncGenerator<CostFileBatch> {
  const { name } = options;
  const splitter = new CsvSplitter();
  let file: RecognisedColumns | null = null;
  let kind: CostAmounts | null = null;
  let read: RowReader<CostFileCharge> | null = null;
  let charges: CostFileCharge[] = [];
  try {
    for await (const rows of rowsOf(blocks, splitter)) {
      while (rows.next()) {
        if (!file) {
          file = recogniseColumns(rows.cells, `${name}, line ${rows.line}`);
          rows.want(file.needed, rows.cells.length, file.distinct);
          continue;
        }
        kind ??= kindOf(file.format, options);
        read ??= file.format.reader(new CostFileColumns(file.columns), kind);
        charges.push(read(rows.cells));
        if (charges.length < BATCH_ROWS) continue;
        yield { source: file.format.source, kind, charges };
        charges = [];
      }
    }
  } catch (error) {
    throw readable(error, name, splitter.line);
  }
  if (!file) throw new InvalidInputError(`${name} is empty: not even a header line.`);
  if (kind && charges.length > 0) yield { source: file.format.source, kind, charges };
}

/**
 * The splitter each time that it has taken some bytes. Between them whoever writes what was read has its turn: else the
 * database would wait for the file, and the file for the database.
 */
async function* rowsOf(blocks: AsyncIterable<Uint8Array>, splitter: CsvSplitter): AsyncGenerator<CsvSplitter> {
  for await (const block of decompressed(blocks)) {
    for (let at = 0; at < block.length; at += BYTES_AT_ONCE) {
      splitter.add(block.subarray(at, at + BYTES_AT_ONCE));
      yield splitter;
      await setImmediate();
    }
  }
  splitter.end();
  yield splitter;
}

function readable(error: unknown, name: string, line: number): unknown {
  if (error instanceof CellError) return new InvalidInputError(`${name}, line ${line}, ${error.message}.`);
  if (error instanceof CsvError) return new InvalidInputError(`${name}, line ${error.line}: ${error.message}.`);
  if (((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_'))
    return new InvalidInputError(`${name}: the gzip data is damaged or cut off.`);
  return error;
}

/** Gzip is told by its first two bytes, not by the file's name. */
async function* decompressed(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = blocks[Symbol.asyncIterator]();
  let first: Uint8Array = Buffer.alloc(0);
  while (first.length < GZIP_MAGIC.length) {
    const { done, value } = await iterator.next();
    if (done) break;
    first = Buffer.concat([first, value]);
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    yield first;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  if (!GZIP_MAGIC.equals(first.subarray(0, GZIP_MAGIC.length))) return yield* whole();
  const unzip = createGunzip({ chunkSize: UNZIPPED_BYTES });
  // Whoever reads it hears of failures on either side.
  pipeline(Readable.from(whole(), { objectMode: false }), unzip, () => undefined);
  yield* unzip as AsyncIterable<Uint8Array>;
}

import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { CsvError, parse, type Info } from 'csv-parse';
import type { CostAmounts } from '#core/connector.js';
import { InvalidInputError } from '#core/errors.js';
import { azureExportFormat } from './azure-export.format.js';
import { CellError, CostFileRow, type CostFileCharge, type CostFileFormat } from './cost-file-row.js';
import { focusFormat } from './focus.format.js';

export type { CostFileCharge } from './cost-file-row.js';

export interface CostFileOptions {
  /** For messages and, with exports, for the kind: `…Actual….csv`, `…Amortized….csv`. */
  name: string;
  /** Overrides what the name says. */
  kind?: 'actual' | 'amortized';
}

/** Charges of one file that arrive together; `source` and `kind` are the same for the whole file. */
export interface CostFileBatch {
  source: string;
  kind: CostAmounts;
  charges: CostFileCharge[];
}

const BATCH_ROWS = 5_000;
/** Far above any real row; an unclosed quote would otherwise swallow the rest of the file into memory. */
const MAX_ROW_CHARACTERS = 1024 * 1024;
const GZIP_MAGIC = [0x1f, 0x8b];

/**
 * Reads a FOCUS file or an Azure cost export, CSV or gzipped CSV, in constant memory.
 * Throws `InvalidInputError` naming file, line, column and value at the first row that cannot be read.
 */
export async function* readCostFile(bytes: Readable, options: CostFileOptions): AsyncGenerator<CostFileBatch> {
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
  let reader: { format: CostFileFormat; columns: Map<string, number> } | null = null;
  let kind: CostAmounts | null = null;
  let charges: CostFileCharge[] = [];
  let line = 1;
  try {
    for await (const { record, info } of rows as AsyncIterable<{ record: (string | null)[]; info: Info }>) {
      line = info.lines;
      if (!reader) {
        reader = recognise(record, options.name);
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

function recognise(header: readonly (string | null)[], name: string) {
  const columns = new Map(header.map((column, index) => [(column ?? '').trim().toLowerCase(), index]));
  const has = (...names: string[]) => names.every((column) => columns.has(column));
  const duplicate = header.find((column, index) => column && columns.get(column.trim().toLowerCase()) !== index);
  if (duplicate) throw new InvalidInputError(`${name}, line 1: the column ${duplicate} stands there twice.`);
  if (has('billedcost', 'effectivecost', 'chargeperiodstart')) return { format: focusFormat, columns };
  const hasAmount = has('cost') || has('costinbillingcurrency') || has('pretaxcost');
  const hasDay = has('date') || has('usagedate') || has('usagedatetime');
  if (hasAmount && hasDay && has('metercategory')) return { format: azureExportFormat, columns };
  throw new InvalidInputError(
    `${name}, line 1: this is neither a FOCUS file (BilledCost, EffectiveCost, ChargePeriodStart) nor an Azure cost export (Date, Cost, MeterCategory).`,
  );
}

function kindOf(format: CostFileFormat, { name, kind }: CostFileOptions): CostAmounts {
  if (format.kind) return format.kind;
  if (kind) return kind;
  const [actual, amortized] = [/actual/i.test(basename(name)), /amorti[sz]ed/i.test(basename(name))];
  if (actual !== amortized) return actual ? 'actual' : 'amortized';
  throw new InvalidInputError(
    `${name} does not say whether its costs are actual or amortized; add --kind actual or --kind amortized.`,
  );
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

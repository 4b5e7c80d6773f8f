import { basename } from 'node:path';
import type { CostAmounts } from '#core/connector.js';
import { InvalidInputError } from '#core/errors.js';
import { azureExportFormat } from './azure-export.format.js';
import { columnName } from './column-name.js';
import type { CostFileCharge, CostFileFormat } from './cost-file-row.js';
import { otherSeparator } from './csv-splitter.js';
import { focusFormat } from './focus.format.js';

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

export const BATCH_ROWS = 5_000;

/** A file's format, and where in it what the format asks for is. */
export interface RecognisedColumns {
  format: CostFileFormat;
  /** Places in the file of the columns that are needed. */
  needed: readonly number[];
  /** Those of them whose cells hardly ever repeat. */
  distinct: readonly number[];
  /** Places among the needed ones, by the name that the format has for them. */
  columns: ReadonlyMap<string, number>;
}

/** Tells the format of a file by its column names; throws `InvalidInputError` that begins with `place`. */
export function recogniseColumns(header: readonly (string | null)[], place: string): RecognisedColumns {
  const names = header.map((column) => columnName(column ?? ''));
  const columns = new Map(names.map((name, index) => [name, index]));
  const duplicate = header.find((column, index) => column && columns.get(names[index]!) !== index);
  if (duplicate) throw new InvalidInputError(`${place}: the column ${duplicate} stands there twice.`);
  const format = formatOf(columns);
  if (!format) {
    const separator = header.length === 1 ? otherSeparator(header[0] ?? '') : null;
    throw new InvalidInputError(
      `${place}: ${separator ?? 'this is neither a FOCUS file (BilledCost, EffectiveCost, ChargePeriodStart) nor an Azure cost export (Date, Cost, MeterCategory)'}.`,
    );
  }
  const present = format.columns.filter((name) => columns.has(name.toLowerCase()));
  const placesOf = (wanted: readonly string[]) => wanted.flatMap((name) => columns.get(name.toLowerCase()) ?? []);
  return {
    format,
    needed: placesOf(present),
    distinct: placesOf(format.amounts),
    columns: new Map(present.map((name, index) => [name, index])),
  };
}

function formatOf(columns: ReadonlyMap<string, number>): CostFileFormat | null {
  const has = (...wanted: string[]) => wanted.every((column) => columns.has(column));
  if (has('billedcost', 'effectivecost', 'chargeperiodstart')) return focusFormat;
  const hasAmount = has('cost') || has('costinbillingcurrency') || has('pretaxcost');
  const hasDay = has('date') || has('usagedate') || has('usagedatetime');
  return hasAmount && hasDay && has('metercategory') ? azureExportFormat : null;
}

/** Which costs a file carries: what its format says, else the user, else its name. */
export function kindOf(format: CostFileFormat, { name, kind }: CostFileOptions): CostAmounts {
  if (format.kind) return format.kind;
  if (kind) return kind;
  const [actual, amortized] = [/actual/i.test(basename(name)), /amorti[sz]ed/i.test(basename(name))];
  if (actual !== amortized) return actual ? 'actual' : 'amortized';
  throw new InvalidInputError(
    `${name} does not say whether its costs are actual or amortized; add --kind actual or --kind amortized.`,
  );
}

import type { CostAmounts } from '#core/connector.js';
import { isDay, monthStart, type Day } from '#core/day.js';
import { isDecimal } from '#core/money.js';
import type { CostRecord } from '#core/records.js';

/** One charge of a file, with what the ledger needs to know about where it belongs. */
export interface CostFileCharge {
  record: CostRecord;
  /** First day of the billing month. */
  billingMonth: Day;
  /** As the file names the subscription or sub-account. */
  subscriptionName: string | null;
}

/** How files of one family are read; chosen by the header line. */
export interface CostFileFormat {
  /** The ledger's name for the owner of what such files carry. */
  source: string;
  /** Null: the header does not tell; the file's name or the user must. */
  kind: CostAmounts | null;
  /** Every column that is ever asked for. */
  columns: readonly string[];
  read(row: CostFileRow, kind: CostAmounts): CostFileCharge;
}

/** A value that cannot be read; the reader adds file and line. */
export class CellError extends Error {
  constructor(
    readonly column: string,
    readonly value: string | null,
    readonly expected: string,
  ) {
    super(`column ${column}: ${value === null ? 'nothing' : JSON.stringify(value)} is not ${expected}`);
  }
}

/** One line of a file, by the names that its format has for columns. */
export class CostFileRow {
  constructor(
    private readonly columns: ReadonlyMap<string, number>,
    private readonly cells: readonly (string | null)[],
  ) {}

  /** The first of these columns that the file has and that is not empty. */
  text(...names: string[]): string | null {
    for (const name of names) {
      const index = this.columns.get(name);
      const cell = index === undefined ? null : (this.cells[index] ?? null);
      const text = cell?.trim();
      if (text) return text;
    }
    return null;
  }

  lower(...names: string[]): string | null {
    return this.text(...names)?.toLowerCase() ?? null;
  }

  required(...names: string[]): string {
    const value = this.text(...names);
    if (value === null) throw new CellError(this.present(names), null, 'a value');
    return value;
  }

  /** A decimal with every digit as written. */
  amount(...names: string[]): string {
    const value = this.required(...names);
    if (!isDecimal(value)) throw new CellError(this.present(names), value, 'a decimal number');
    return value;
  }

  currency(...names: string[]): string {
    const value = this.required(...names);
    if (!/^[A-Za-z]{3}$/.test(value))
      throw new CellError(this.present(names), value, 'a currency code of three letters');
    return value.toUpperCase();
  }

  /** The UTC day of `YYYY-MM-DD[ T]…` (an offset is honoured, none means UTC) or of Azure's `MM/DD/YYYY`. */
  day(...names: string[]): Day {
    const value = this.required(...names);
    const day = parseDay(value);
    if (day === null) throw new CellError(this.present(names), value, 'a date as YYYY-MM-DD or MM/DD/YYYY');
    return day;
  }

  private present(names: readonly string[]): string {
    return names.find((name) => this.columns.has(name)) ?? names[0]!;
  }
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const AZURE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: 00:00(?::00)?)?$/;

/** A file has few days and each of them very often. */
const knownDays = new Map<string, Day | null>();
const MAX_KNOWN_DAYS = 10_000;

function parseDay(value: string): Day | null {
  const known = knownDays.get(value);
  if (known !== undefined) return known;
  if (knownDays.size === MAX_KNOWN_DAYS) knownDays.clear();
  const day = readDay(value);
  knownDays.set(value, day);
  return day;
}

function readDay(value: string): Day | null {
  const iso = ISO.exec(value);
  if (iso) {
    const [, day, time, offset] = iso;
    if (!isDay(day!)) return null;
    if (!time || !offset || /^Z$/i.test(offset)) return day!;
    const instant = Date.parse(`${day}T${time}${offset}`);
    return Number.isNaN(instant) ? null : new Date(instant).toISOString().slice(0, 10);
  }
  const azure = AZURE.exec(value);
  if (!azure) return null;
  const day = `${azure[3]}-${azure[1]!.padStart(2, '0')}-${azure[2]!.padStart(2, '0')}`;
  return isDay(day) ? day : null;
}

/** The billing month a charge belongs to: stated by the file, else the month of the charge. */
export function billingMonthOf(row: CostFileRow, day: Day, ...names: string[]): Day {
  const month = row.text(...names) === null ? monthStart(day) : monthStart(row.day(...names));
  // A period far from its charge is a misread date, not a late correction.
  if (Math.abs(monthNumber(month) - monthNumber(day)) > 24) {
    throw new CellError(names[0]!, row.text(...names), `near the charge's day ${day}`);
  }
  return month;
}

function monthNumber(day: Day): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}

import type { CostAmounts } from '#core/connector.js';
import { isDay, monthStart, type Day } from '#core/day.js';
import { isDecimal } from '#core/money.js';
import type { CostRecord } from '#core/records.js';
import { remembered } from './remembered.js';
import type { CostFileRow, RowReader } from './row-reader.js';
import { shared } from './shared.js';

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
  /** Those of them whose cells hardly ever repeat. */
  amounts: readonly string[];
  /** Made once for a file. */
  reader(columns: CostFileColumns, kind: CostAmounts): RowReader<CostFileCharge>;
}

/** A value that cannot be read; the reader adds file and line. */
export class CellError extends Error {
  constructor(
    readonly column: string,
    readonly value: string | null,
    readonly expected: string,
  ) {
    super(`column ${column}: ${value === null ? 'nothing' : quoted(value)} is not ${expected}`);
  }
}

/** Of a value that is too long to be shown, its beginning. */
function quoted(value: string): string {
  if (value.length <= SHOWN_CHARACTERS) return JSON.stringify(value);
  return `${JSON.stringify(value.slice(0, SHOWN_CHARACTERS))}… (${value.length} characters)`;
}

const SHOWN_CHARACTERS = 100;
/**
 * Far above any real amount. With the exponents that decimals may have, neither an amount of that length nor any sum of
 * them has more digits than PostgreSQL's numeric holds.
 */
const MOST_AMOUNT_CHARACTERS = 100;
/** PostgreSQL's index entries hold 2,704 bytes. Ids of resources may have 2 KB, everything else is far shorter. */
const MOST_TEXT_BYTES = 2_500;
/** Of what the rollup tells apart several stand in one entry: an account with its source, a subscription with its provider. */
const MOST_KEY_BYTES = 600;
/** The ledger has a partition for each month of these; what lies outside is somebody's way to say none, or for ever. */
const FIRST_DAY = '2000-01-01';
const LAST_DAY = '2099-12-31';

/**
 * The columns of one file, by the names that its format has for them. Each method makes a reader of the first of some
 * columns that is not empty; what is decided by the header is decided there, and what repeats is read once.
 */
export class CostFileColumns {
  /** Places in the row of what was asked for, in that order. */
  readonly #asked = new Set<number>();

  /** `places` in the row, by name, of the columns that the file has. */
  constructor(private readonly places: ReadonlyMap<string, number>) {}

  /**
   * What is made of several columns; lines that have the same cells there share it. Lines are told apart by the first
   * column that is asked for, then by the others.
   */
  together<T>(make: (columns: CostFileColumns) => RowReader<T>): RowReader<T> {
    const columns = new CostFileColumns(this.places);
    const read = make(columns);
    return shared([...columns.#asked], read);
  }

  /** What `read` makes of the cell; null where all are empty. PostgreSQL's texts have no NUL, so it is left out. */
  value(
    names: readonly string[],
    read: (text: string) => string,
    mostBytes = MOST_TEXT_BYTES,
  ): RowReader<string | null> {
    const column = this.nameOf(names);
    const value = remembered((cell) => {
      const text = cell.replaceAll('\0', '').trim();
      if (!text) return null;
      const made = read(text);
      if (isLongerThan(mostBytes, made)) throw new CellError(column, text, `a text of at most ${mostBytes} bytes`);
      return made;
    });
    return this.first(names, value);
  }

  text(...names: string[]): RowReader<string | null> {
    return this.value(names, (text) => text);
  }

  lower(...names: string[]): RowReader<string | null> {
    return this.value(names, (text) => text.toLowerCase());
  }

  /** A text that the rollup tells charges apart by. */
  key(names: readonly string[], read = (text: string) => text): RowReader<string | null> {
    return this.value(names, read, MOST_KEY_BYTES);
  }

  requiredKey(...names: string[]): RowReader<string> {
    return this.present(names, this.key(names));
  }

  /** A decimal with every digit as written, without a plus sign: whoever adds amounts up knows none. */
  amount(...names: string[]): RowReader<string> {
    const column = this.nameOf(names);
    const decimal = (cell: string) => {
      const text = cell.trim();
      if (text === '') return null;
      if (text.length > MOST_AMOUNT_CHARACTERS)
        throw new CellError(column, text, `a decimal number of at most ${MOST_AMOUNT_CHARACTERS} characters`);
      if (!isDecimal(text)) throw new CellError(column, text, 'a decimal number');
      return text[0] === '+' ? text.slice(1) : text;
    };
    return this.present(names, this.first(names, decimal));
  }

  currency(...names: string[]): RowReader<string> {
    const column = this.nameOf(names);
    const code = (text: string) => {
      if (!/^[A-Za-z]{3}$/.test(text)) throw new CellError(column, text, 'a currency code of three letters');
      return text.toUpperCase();
    };
    return this.present(names, this.value(names, code));
  }

  /** The UTC day of `YYYY-MM-DD[ T]…` (an offset is honoured, none means UTC) or of Azure's `MM/DD/YYYY`. */
  day(...names: string[]): RowReader<Day> {
    return this.present(names, this.statedDay(names));
  }

  /** The billing month a charge of a day belongs to: stated by the file, else the month of the charge. */
  billingMonth(...names: string[]): (row: CostFileRow, day: Day) => Day {
    const stated = this.statedDay(names);
    const monthOf = remembered(monthStart);
    const isNear = remembered((months) => monthsBetween(months.slice(0, 10), months.slice(10)) <= 24);
    let near = { month: '', day: '' };
    return (row, day) => {
      const month = monthOf(stated(row) ?? day);
      if (month === near.month && day === near.day) return month;
      // A period far from its charge is a misread date, not a late correction.
      if (!isNear(`${month}${day}`)) {
        throw new CellError(names[0]!, this.text(...names)(row), `near the charge's day ${day}`);
      }
      near = { month, day };
      return month;
    };
  }

  private statedDay(names: readonly string[]): RowReader<Day | null> {
    const column = this.nameOf(names);
    return this.value(names, (text) => {
      const day = readDay(text);
      if (day === null) throw new CellError(column, text, 'a date as YYYY-MM-DD or MM/DD/YYYY');
      if (day < FIRST_DAY || day > LAST_DAY)
        throw new CellError(column, text, `a day from ${FIRST_DAY} to ${LAST_DAY}`);
      return day;
    });
  }

  private first<T>(names: readonly string[], read: (cell: string) => T | null): RowReader<T | null> {
    const places = names.flatMap((name) => this.places.get(name) ?? []);
    for (const each of places) this.#asked.add(each);
    const [place] = places;
    if (place === undefined) return () => null;
    if (places.length === 1) {
      return (row) => {
        const cell = row[place]!;
        return cell === null ? null : read(cell);
      };
    }
    return (row) => {
      for (const each of places) {
        const cell = row[each]!;
        const value = cell === null ? null : read(cell);
        if (value !== null) return value;
      }
      return null;
    };
  }

  private present<T>(names: readonly string[], read: RowReader<T | null>): RowReader<T> {
    const column = this.nameOf(names);
    return (row) => {
      const value = read(row);
      if (value === null) throw new CellError(column, null, 'a value');
      return value;
    };
  }

  private nameOf(names: readonly string[]): string {
    return names.find((name) => this.places.has(name)) ?? names[0]!;
  }
}

/** Hardly any text has to be counted: a character has three bytes at most. */
function isLongerThan(bytes: number, text: string): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[ T]((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;
const AZURE = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?: 00:00(?::00)?)?$/;

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

function monthsBetween(one: Day, other: Day): number {
  const monthNumber = (day: Day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
  return Math.abs(monthNumber(one) - monthNumber(other));
}

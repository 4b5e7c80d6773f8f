import type { Day } from '#core/day.js';
import { decimal } from '#core/decimal.js';
import type { CostRecord } from '#core/records.js';
import type { KnownDimension } from './cost-dimensions.js';

/** Places for the days of a month; shorter months leave the last ones empty. */
const DAYS = 31;
/** Billed costs first, effective costs behind them. */
const PLACES = 2 * DAYS;
const FIRST_SERIES = 256;
const FIRST_BYTES = 64 * 1024;
/** What a series takes beside its places, roughly. */
const SERIES_BYTES = 150;
const CHUNK_BYTES = 256 * 1024;
/** More than a line takes beside its amounts: each place has a separator, and is NULL when it is empty. */
const LINE_BYTES = 512;

/** More are written as a whole month: for those, reading that many NULLs is less work than making a month of them later. */
const FEW_DAYS = 7;

const NULL = 'NULL';
const ABSENT = '\\N';
const TAB = 0x09;
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Charges of one slice, dimension, month and currency. */
interface Series {
  slice: number;
  dimension: KnownDimension;
  /** First day of the month. */
  month: Day;
  currency: string;
  /** Where its places begin. */
  base: number;
  /** Of all its amounts. */
  textBytes: number;
  /** The next one of the same dimension. */
  next: Series | undefined;
}

/**
 * Charges gathered into months: a line of COPY for each, with its amounts in the order of its days. Amounts wait as bytes,
 * not as strings, so that a window's charges are no work for the garbage collector. What comes more than once is added up.
 */
export class CostSeries {
  readonly #byDimension = new Map<KnownDimension, Series>();
  readonly #days = new Map<Day, { month: Day; place: number }>();
  #count = 0;
  /** For each place where its text begins; 0 for an empty one. */
  #places = new Int32Array(FIRST_SERIES * PLACES);
  /** Amounts, each ended by a comma. */
  #texts = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #size = 1;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Roughly what is held. */
  get bytes(): number {
    return this.#size + this.#count * (PLACES * Int32Array.BYTES_PER_ELEMENT + SERIES_BYTES);
  }

  add(slice: number, dimension: KnownDimension, { day, currency, cost, amortizedCost }: CostRecord): void {
    const { month, place } = this.#dayOf(day);
    let series = this.#byDimension.get(dimension);
    while (series && (series.month !== month || series.currency !== currency || series.slice !== slice))
      series = series.next;
    series ??= this.#begin(slice, dimension, month, currency);
    if (cost !== null) this.#put(series, place, cost);
    if (amortizedCost !== null) this.#put(series, DAYS + place, amortizedCost);
  }

  #put(series: Series, place: number, amount: string): void {
    const at = this.#places[series.base + place]!;
    const text = at === 0 ? amount : decimal(this.#textAt(at)).plus(amount).toFixed();
    this.#places[series.base + place] = this.#keep(text);
    series.textBytes += text.length;
  }

  #begin(slice: number, dimension: KnownDimension, month: Day, currency: string): Series {
    const base = this.#count * PLACES;
    if (base === this.#places.length) {
      const places = new Int32Array(2 * base);
      places.set(this.#places);
      this.#places = places;
    }
    this.#count += 1;
    const series = {
      slice,
      dimension,
      month,
      currency,
      base,
      textBytes: 0,
      next: this.#byDimension.get(dimension),
    };
    this.#byDimension.set(dimension, series);
    return series;
  }

  #keep(amount: string): number {
    const at = this.#size;
    const { length } = amount;
    if (at + length >= this.#texts.length) {
      const texts = Buffer.allocUnsafeSlow(2 * this.#texts.length + length);
      this.#texts.copy(texts, 0, 0, at);
      this.#texts = texts;
    }
    const texts = this.#texts;
    for (let index = 0; index < length; index += 1) texts[at + index] = amount.charCodeAt(index);
    texts[at + length] = COMMA;
    this.#size = at + length + 1;
    return at;
  }

  #textAt(at: number): string {
    return this.#texts.toString('latin1', at, this.#texts.indexOf(COMMA, at));
  }

  #dayOf(day: Day): { month: Day; place: number } {
    let known = this.#days.get(day);
    if (!known) this.#days.set(day, (known = { month: `${day.slice(0, 8)}01`, place: Number(day.slice(8)) - 1 }));
    return known;
  }

  /** What describes its charges; they have to be stored before its lines are made. */
  get dimensions(): Iterable<KnownDimension> {
    return this.#byDimension.keys();
  }

  /** Lines of slice, dimension, month, currency, costs and amortized costs, as COPY reads them. */
  *lines(): Generator<Buffer> {
    let chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let size = 0;
    for (const first of this.#byDimension.values()) {
      for (let series: Series | undefined = first; series; series = series.next) {
        const { slice, dimension, month, currency, base, textBytes } = series;
        const most = LINE_BYTES + textBytes;
        if (size + most > chunk.length) {
          if (size > 0) yield chunk.subarray(0, size);
          chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, most));
          size = 0;
        }
        size += chunk.write(`${slice}\t${dimension.id!}\t${month}\t${currency}\t`, size, 'latin1');
        size = this.#writeMonth(chunk, size, base);
        chunk[size] = TAB;
        size = this.#writeMonth(chunk, size + 1, base + DAYS);
        chunk[size] = LINE_FEED;
        size += 1;
      }
    }
    if (size > 0) yield chunk.subarray(0, size);
  }

  /**
   * The amounts of these places as PostgreSQL's array, or its NULL where there are none. A few days are written as an array of
   * those alone. Answers where it ends.
   */
  #writeMonth(chunk: Buffer, start: number, base: number): number {
    const texts = this.#texts;
    const places = this.#places;
    let first = base;
    let end = base + DAYS;
    while (first < end && places[first] === 0) first += 1;
    while (end > first && places[end - 1] === 0) end -= 1;
    if (first === end) return start + chunk.write(ABSENT, start, 'latin1');
    let size = start;
    if (end - first <= FEW_DAYS) size += chunk.write(`[${first - base + 1}:${end - base}]=`, size, 'latin1');
    else [first, end] = [base, base + DAYS];
    chunk[size] = OPEN;
    size += 1;
    for (let place = first; place < end; place += 1) {
      let at = places[place]!;
      if (at === 0) size += chunk.write(NULL, size, 'latin1');
      else {
        for (; texts[at] !== COMMA; at += 1) {
          chunk[size] = texts[at]!;
          size += 1;
        }
      }
      chunk[size] = COMMA;
      size += 1;
    }
    chunk[size - 1] = CLOSE;
    return size;
  }
}

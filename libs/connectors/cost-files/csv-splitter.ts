import { KnownTexts } from '#core/known-texts.js';
import { isSame } from '#core/same-bytes.js';

/** A place where the bytes are not CSV. */
export class CsvError extends Error {
  constructor(
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

/** Far above any real row; an unclosed quote would otherwise swallow the rest of the file into memory. */
const MAX_ROW_BYTES = 1024 * 1024;
const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;
/** Nothing above these ends a cell with or without quotes. */
const FOUR_ABOVE_QUOTE = 0x23232323;
const FOUR_ABOVE_COMMA = 0x2d2d2d2d;
const FOUR_COMMAS = 0x2c2c2c2c;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF_16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
/** What some programs write where a comma should be. */
const OTHER_SEPARATORS = { ';': 'semicolons', '\t': 'tabs' };

/** What is wrong with a header that has no commas but these between its columns; null where it has neither. */
export function otherSeparator(header: string): string | null {
  const found = Object.entries(OTHER_SEPARATORS).find(([separator]) => header.includes(separator));
  if (!found) return null;
  return `columns are separated by ${found[1]}; save the file with commas between them and points in its amounts`;
}

/**
 * Cuts CSV into rows, block by block. An export has a hundred columns of which we need a sixth: only the wanted cells
 * become text, and what repeats becomes text once. Empty cells and unquoted NULL are null.
 */
export class CsvSplitter {
  /** The wanted cells of the row, in the order in which they were asked for; the array is used again for the next row. */
  readonly cells: (string | null)[] = [];
  /** The row's line in the file, from 1; the first one where a quoted cell has several. */
  line = 1;
  /** For each column the place of its cell in a row, or -1; all columns as they come until it is known. */
  #slots: Int32Array | null = null;
  /** For each column, how many from it on are not wanted. */
  #gaps: Int32Array | null = null;
  /** By place, whether the cells of the column repeat. */
  #repeats: readonly boolean[] = [];
  /** By place, where the cell of a row before stands, and its length; 0 where it stands no longer, or had quotes. */
  #starts = new Int32Array(0);
  #lengths = new Int32Array(0);
  readonly #texts = new KnownTexts();
  /** What is left to be read, from `#at` up to `#end`. */
  #bytes = Buffer.allocUnsafeSlow(0);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #end = 0;
  #nextLine = 1;
  #isStart = true;
  #isEnd = false;

  /**
   * Chooses the cells of the rows to come; each row must have as many columns as there are in the whole. Cells of
   * `distinct` columns hardly ever repeat.
   */
  want(columns: readonly number[], whole: number, distinct: readonly number[] = []): void {
    this.#slots = new Int32Array(whole).fill(-1);
    for (const [slot, column] of columns.entries()) this.#slots[column] = slot;
    this.#gaps = new Int32Array(whole + 1);
    for (let column = whole - 1; column >= 0; column -= 1)
      this.#gaps[column] = this.#slots[column]! < 0 ? this.#gaps[column + 1]! + 1 : 0;
    this.#repeats = columns.map((column) => !distinct.includes(column));
    this.#starts = new Int32Array(columns.length);
    this.#lengths = new Int32Array(columns.length);
    this.cells.length = columns.length;
  }

  /** Takes the next bytes of the file, once there is no row left in those before: a copy, into the same place each time. */
  add(block: Uint8Array): void {
    const left = this.#end - this.#at;
    if (left > MAX_ROW_BYTES)
      throw new CsvError(this.#nextLine, `a row exceeds the size of ${MAX_ROW_BYTES} bytes; is a quote not closed?`);
    const former = this.#bytes;
    if (left + block.length >= former.length) {
      this.#bytes = Buffer.allocUnsafeSlow(left + 2 * block.length + 1);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#bytes.set(former.subarray(this.#at, this.#end));
    this.#bytes.set(block, left);
    this.#at = 0;
    this.#end = left + block.length;
    this.#lengths.fill(0);
    // Reading looks one byte ahead, where something of an earlier block may stand.
    this.#bytes[this.#end] = 0;
  }

  /** The file is over: its last row may end without a line break. */
  end(): void {
    this.#isEnd = true;
  }

  /** Reads the next row into `cells`; false when it is not all there yet. */
  next(): boolean {
    if (this.#isStart && !this.#start()) return false;
    while (this.#at < this.#end) {
      const at = this.#at;
      const next = this.#row(at);
      if (next < 0) return false;
      this.#at = next;
      this.line = this.#nextLine;
      this.#nextLine += this.#breaks;
      if (this.#bytes[at] === LF || (this.#bytes[at] === CR && this.#bytes[at + 1] === LF)) continue;
      if (this.#slots && this.#columns !== this.#slots.length)
        throw new CsvError(this.line, `the header has ${this.#slots.length} columns, this row ${this.#columns}`);
      return true;
    }
    return false;
  }

  /** Steps over the byte order mark; false when there are too few bytes to tell. */
  #start(): boolean {
    if (this.#end < BYTE_ORDER_MARK.length && !this.#isEnd) return false;
    const two = this.#bytes.subarray(0, Math.min(2, this.#end));
    // Without a mark, one of the two bytes of an English letter is empty.
    if ((two[0] === 0) !== (two[1] === 0) || UTF_16_MARKS.some((mark) => mark.equals(two)))
      throw new CsvError(1, 'this is text in UTF-16; save the file in UTF-8');
    if (BYTE_ORDER_MARK.equals(this.#bytes.subarray(0, BYTE_ORDER_MARK.length))) this.#at = BYTE_ORDER_MARK.length;
    this.#isStart = false;
    return true;
  }

  /** Line breaks and columns of the row that was read last. */
  #breaks = 0;
  #columns = 0;

  /** Reads the row that begins at `at` into `cells`; answers where the next one begins, or -1 when it is not all there. */
  #row(at: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const { cells } = this;
    const length = this.#end;
    // The last byte is looked at by itself, so that no step leads beyond it.
    const words = length - 4;
    const slots = this.#slots;
    const gaps = this.#gaps;
    const starts = this.#starts;
    const lengths = this.#lengths;
    const isEnd = this.#isEnd;
    let breaks = 0;
    for (let column = 0; ; column += 1) {
      const gap = gaps?.[column] ?? 0;
      if (gap > 0) {
        at = this.#skip(at, gap);
        column += this.#skipped;
      }
      const slot = slots ? (column < slots.length ? slots[column]! : -1) : column;
      if (bytes[at] === COMMA) {
        // Most columns of an export are empty in most rows.
        if (slot >= 0) {
          cells[slot] = null;
          lengths[slot] = 0;
        }
        at += 1;
        continue;
      }
      if (slot >= 0) {
        // Files are sorted by something: most cells repeat that of the row before.
        const known = lengths[slot]!;
        if (
          known > 0 &&
          at + known < length &&
          bytes[at + known] === COMMA &&
          isSame(view, starts[slot]!, view, at, known)
        ) {
          at += known + 1;
          continue;
        }
      }
      let end = at;
      if (bytes[at] === QUOTE) {
        let isEscaped = false;
        for (end = at + 1; end < length; end += 1) {
          while (end < words && !hasByteBelow(view.getInt32(end), FOUR_ABOVE_QUOTE)) end += 4;
          const byte = bytes[end]!;
          if (byte === LF) breaks += 1;
          if (byte !== QUOTE) continue;
          if (bytes[end + 1] !== QUOTE) break;
          isEscaped = true;
          end += 1;
        }
        // The byte behind a quote tells whether it closes.
        if (end >= length - 1 && !isEnd) return -1;
        if (end >= length) throw new CsvError(this.#nextLine, 'a quote is not closed');
        if (slot >= 0) {
          const text = end > at + 1 ? this.#text(slot, at + 1, end) : null;
          cells[slot] = isEscaped ? text!.replaceAll('""', '"') : text;
          lengths[slot] = 0;
        }
        end += 1;
        if (bytes[end] === CR && bytes[end + 1] === LF) end += 1;
        else if (bytes[end] === CR && end === length - 1 && !isEnd) return -1;
        if (end < length && bytes[end] !== COMMA && bytes[end] !== LF) {
          const separator = slots ? null : otherSeparator(String.fromCharCode(bytes[end]!));
          throw new CsvError(this.#nextLine + breaks, separator ?? 'there is text behind a closing quote');
        }
      } else {
        for (; end < length; end += 1) {
          while (end < words && !hasByteBelow(view.getInt32(end), FOUR_ABOVE_COMMA)) end += 4;
          const byte = bytes[end]!;
          if (byte === COMMA || byte === LF) break;
          if (byte === QUOTE)
            throw new CsvError(this.#nextLine + breaks, 'there is a quote in a cell that does not begin with one');
        }
        if (end === length && !isEnd) return -1;
        if (slot >= 0) {
          const last = end > at && bytes[end - 1] === CR && bytes[end] !== COMMA ? end - 1 : end;
          cells[slot] = last === at || isNull(bytes, at, last) ? null : this.#text(slot, at, last);
          starts[slot] = at;
          lengths[slot] = last - at;
        }
      }
      if (end < length && bytes[end] === COMMA) {
        at = end + 1;
        continue;
      }
      this.#breaks = breaks + 1;
      this.#columns = column + 1;
      // Until the columns are chosen, rows may have fewer than the one before.
      if (!slots) cells.length = column + 1;
      return end + 1;
    }
  }

  #skipped = 0;

  /**
   * Steps over unquoted cells that nobody wants, at most `most` of them; how many those were is in `#skipped`. Answers where
   * the next cell begins. The last of a row is not stepped over.
   */
  #skip(from: number, most: number): number {
    const bytes = this.#bytes;
    const view = this.#view;
    const length = this.#end;
    const words = length - 4;
    let at = from;
    let skipped = 0;
    search: while (at < length) {
      for (; at < words; at += 4) {
        const word = view.getInt32(at);
        if (hasByteBelow(word, FOUR_ABOVE_QUOTE)) break;
        const commas = countOfZeros(word ^ FOUR_COMMAS);
        if (skipped + commas >= most) break;
        skipped += commas;
      }
      for (const end = Math.min(at + 4, length); at < end; at += 1) {
        const byte = bytes[at]!;
        if (byte > COMMA) continue;
        if (byte === COMMA) {
          skipped += 1;
          if (skipped < most) continue;
          at += 1;
          break search;
        }
        if (byte === QUOTE || byte === LF) break search;
      }
    }
    while (at > from && bytes[at - 1] !== COMMA) at -= 1;
    this.#skipped = skipped;
    return at;
  }

  #text(slot: number, from: number, to: number): string {
    return this.#repeats[slot]
      ? this.#texts.text(this.#bytes, this.#view, from, to)
      : this.#bytes.toString('utf8', from, to);
  }
}

/** Whether one of four bytes is smaller than that of which `four` has four: four bytes are looked at as fast as one. */
function hasByteBelow(word: number, four: number): boolean {
  return ((word - four) & ~word & 0x80808080) !== 0;
}

/** How many of four bytes are zero. */
function countOfZeros(word: number): number {
  const others = ((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f;
  return Math.imul((~others >>> 7) & 0x01010101, 0x01010101) >>> 24;
}

/** Unquoted NULL is how some providers write an absent value; a quoted one is a text. */
function isNull(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from === 4 &&
    bytes[from] === 0x4e &&
    bytes[from + 1] === 0x55 &&
    bytes[from + 2] === 0x4c &&
    bytes[from + 3] === 0x4c
  );
}

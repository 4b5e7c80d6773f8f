/** One row of a CSV file: the wanted cells, in the order in which they were asked for. */
export interface CsvRow {
  /** Of the file, from 1; the first one where a quoted cell has several. */
  line: number;
  cells: (string | null)[];
}

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
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Cuts CSV into rows, block by block. An export has a hundred columns of which we need a sixth: only the wanted cells
 * become text. Empty cells and unquoted NULL are null.
 */
export class CsvSplitter {
  /** For each column the place of its cell in a row, or -1; all columns as they come until it is known. */
  #slots: Int32Array | null = null;
  #blank: null[] = [];
  /** Bytes of a row that has not ended yet. */
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #isStart = true;

  /** Chooses the cells of the rows to come; each row must have as many columns as there are in the whole. */
  want(columns: readonly number[], whole: number): void {
    this.#slots = new Int32Array(whole).fill(-1);
    for (const [slot, column] of columns.entries()) this.#slots[column] = slot;
    this.#blank = columns.map(() => null);
  }

  /** The rows that end in this block. */
  rows(block: Uint8Array): Generator<CsvRow> {
    return this.#split(block, false);
  }

  /** The row that ended with the file instead of a line break. */
  end(): Generator<CsvRow> {
    return this.#split(Buffer.alloc(0), true);
  }

  *#split(block: Uint8Array, isEnd: boolean): Generator<CsvRow> {
    const added = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
    const bytes = this.#rest.length === 0 ? added : Buffer.concat([this.#rest, added]);
    let at = 0;
    if (this.#isStart) {
      if (bytes.length < BYTE_ORDER_MARK.length && !isEnd) return void (this.#rest = bytes);
      if (BYTE_ORDER_MARK.equals(bytes.subarray(0, BYTE_ORDER_MARK.length))) at = BYTE_ORDER_MARK.length;
      this.#isStart = false;
    }
    while (at < bytes.length) {
      const cells: (string | null)[] = this.#blank.slice();
      const next = this.#row(bytes, at, isEnd, cells);
      if (next < 0) break;
      const line = this.#line;
      this.#line += this.#breaks;
      const isEmpty = bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF);
      at = next;
      if (isEmpty) continue;
      if (this.#slots && this.#columns !== this.#slots.length)
        throw new CsvError(line, `the header has ${this.#slots.length} columns, this row ${this.#columns}`);
      yield { line, cells };
    }
    if (bytes.length - at > MAX_ROW_BYTES)
      throw new CsvError(this.#line, `a row exceeds the size of ${MAX_ROW_BYTES} bytes; is a quote not closed?`);
    // A copy: the block may be large, or be used again.
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Line breaks and columns of the row that was read last. */
  #breaks = 0;
  #columns = 0;

  /** Reads the row that begins at `at` into `cells`; answers where the next one begins, or -1 when it is not all there. */
  #row(bytes: Buffer, at: number, isEnd: boolean, cells: (string | null)[]): number {
    const { length } = bytes;
    const slots = this.#slots;
    let breaks = 0;
    for (let column = 0; ; column += 1) {
      const slot = slots ? (column < slots.length ? slots[column]! : -1) : column;
      if (bytes[at] === COMMA) {
        // Most columns of an export are empty in most rows.
        if (slot >= 0) cells[slot] = null;
        at += 1;
        continue;
      }
      let end = at;
      if (bytes[at] === QUOTE) {
        let isEscaped = false;
        for (end = at + 1; end < length; end += 1) {
          const byte = bytes[end]!;
          if (byte === LF) breaks += 1;
          if (byte !== QUOTE) continue;
          if (bytes[end + 1] !== QUOTE) break;
          isEscaped = true;
          end += 1;
        }
        // The byte behind a quote tells whether it closes.
        if (end >= length - 1 && !isEnd) return -1;
        if (end >= length) throw new CsvError(this.#line, 'a quote is not closed');
        if (slot >= 0 && end > at + 1) {
          const text = bytes.toString('utf8', at + 1, end);
          cells[slot] = isEscaped ? text.replaceAll('""', '"') : text;
        } else if (slot >= 0) cells[slot] = null;
        end += 1;
        if (bytes[end] === CR && bytes[end + 1] === LF) end += 1;
        else if (bytes[end] === CR && end === length - 1 && !isEnd) return -1;
        if (end < length && bytes[end] !== COMMA && bytes[end] !== LF)
          throw new CsvError(this.#line + breaks, 'there is text behind a closing quote');
      } else {
        for (; end < length; end += 1) {
          const byte = bytes[end]!;
          if (byte === COMMA || byte === LF) break;
          if (byte === QUOTE)
            throw new CsvError(this.#line + breaks, 'there is a quote in a cell that does not begin with one');
        }
        if (end === length && !isEnd) return -1;
        if (slot >= 0) {
          const last = end > at && bytes[end - 1] === CR && bytes[end] !== COMMA ? end - 1 : end;
          cells[slot] = last === at ? null : unquoted(bytes, at, last);
        }
      }
      if (end < length && bytes[end] === COMMA) {
        at = end + 1;
        continue;
      }
      this.#breaks = breaks + 1;
      this.#columns = column + 1;
      return end + 1;
    }
  }
}

/** Unquoted NULL is how some providers write an absent value; a quoted one is a text. */
function unquoted(bytes: Buffer, from: number, to: number): string | null {
  const text = bytes.toString('utf8', from, to);
  return text === 'NULL' ? null : text;
}

import { isUtf8 } from 'node:buffer';
import { KnownTexts } from './known-texts.js';
import { RowTails } from './row-tails.js';

/** Takes a row of a table; where it is a list, the next row overwrites it. */
export type RowTaker = (row: unknown) => void;
/** Who takes the rows of the list that follows this member's name in an object that has been read so far; null for nobody. */
export type RowTakers = (name: string, owner: Readonly<Record<string, unknown>>) => RowTaker | null;

/**
 * JSON parsed from its bytes so that no number loses a digit: every number becomes the string that stood there. Azure
 * sends money as doubles in scientific notation (`1.5E-05`); a JavaScript number would round it. Texts that repeat are one
 * string in memory: a page of costs repeats each resource on every day, and the text around its amounts is what fills the
 * heap. A list whose rows are taken stays empty: most of a page of costs would be lists that are garbage as soon as they are
 * read. Throws `SyntaxError` for what is not JSON in UTF-8.
 */
export function parseLossless(bytes: Uint8Array, takers: RowTakers = () => null): unknown {
  if (!isUtf8(bytes)) throw new SyntaxError('Not UTF-8.');
  return new LosslessParser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), takers).document();
}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const LOWER_E = 0x65;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const LITERALS: readonly (readonly [text: string, value: unknown])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** No answer nests this deep; without a limit one could exhaust the stack. */
const MAX_DEPTH = 500;

/** What one answer says, the next one says again. */
const TEXTS = new KnownTexts();

/** Reads beyond the end are undefined, which is no byte that anything here allows. */
class LosslessParser {
  private at = 0;
  private depth = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Buffer,
    private readonly takers: RowTakers,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  document(): unknown {
    if (this.bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) this.at = BYTE_ORDER_MARK.length;
    const value = this.value();
    if (this.skipSpace() !== undefined) this.fail();
    return value;
  }

  private value(): unknown {
    const byte = this.skipSpace();
    switch (byte) {
      case QUOTE:
        return this.text();
      case OPEN_LIST:
        return this.list();
      case OPEN_OBJECT:
        return this.object();
    }
    if (byte === MINUS || isDigit(byte)) return this.number();
    return this.literal();
  }

  private list(): unknown[] {
    const items: unknown[] = [];
    this.open();
    if (this.skipSpace() === CLOSE_LIST) return this.close(items);
    for (;;) {
      items.push(this.value());
      const byte = this.skipSpace();
      if (byte === CLOSE_LIST) return this.close(items);
      if (byte !== COMMA) this.fail();
      this.at += 1;
    }
  }

  /** The rows of a list, each handed on as it is read. */
  private table(take: RowTaker): [] {
    const tails = new RowTails(this.view);
    const row: unknown[] = [];
    this.open();
    if (this.skipSpace() === CLOSE_LIST) return this.close([]);
    for (;;) {
      if (this.skipSpace() === OPEN_LIST) {
        this.row(row, tails);
        take(row);
      } else take(this.value());
      const byte = this.skipSpace();
      if (byte === CLOSE_LIST) return this.close([]);
      if (byte !== COMMA) this.fail();
      this.at += 1;
    }
  }

  /**
   * Rows that differ in their numbers repeat the texts behind them: where the bytes are those of a row before, its cells are
   * taken.
   */
  private row(row: unknown[], tails: RowTails): void {
    let count = 0;
    let tailAt = 0;
    let tailStart = 0;
    this.open();
    if (this.skipSpace() === CLOSE_LIST) {
      row.length = 0;
      return this.close(undefined);
    }
    for (;;) {
      const first = this.skipSpace();
      if (first === QUOTE && tailStart === 0) {
        const tail = tails.at(this.at);
        if (tail) {
          for (let index = 0; index < tail.cells.length; index += 1) row[count + index] = tail.cells[index];
          row.length = count + tail.cells.length;
          this.at += tail.length - 1;
          return this.close(undefined);
        }
        tailAt = count;
        tailStart = this.at;
      }
      row[count] = this.value();
      count += 1;
      const byte = this.skipSpace();
      if (byte === CLOSE_LIST) break;
      if (byte !== COMMA) this.fail();
      this.at += 1;
    }
    row.length = count;
    this.close(undefined);
    if (tailStart > 0) tails.remember(tailStart, this.at, row.slice(tailAt));
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    this.open();
    if (this.skipSpace() === CLOSE_OBJECT) return this.close(object);
    for (;;) {
      if (this.skipSpace() !== QUOTE) this.fail();
      const name = this.text();
      if (this.skipSpace() !== COLON) this.fail();
      this.at += 1;
      const taker = this.skipSpace() === OPEN_LIST ? this.takers(name, object) : null;
      const value = taker ? this.table(taker) : this.value();
      // Assigned, this name would change what the object is.
      if (name === '__proto__') {
        Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
      } else object[name] = value;
      const byte = this.skipSpace();
      if (byte === CLOSE_OBJECT) return this.close(object);
      if (byte !== COMMA) this.fail();
      this.at += 1;
    }
  }

  private open(): void {
    this.at += 1;
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail();
  }

  private close<T>(value: T): T {
    this.at += 1;
    this.depth -= 1;
    return value;
  }

  private text(): string {
    const { bytes } = this;
    const start = this.at + 1;
    let end = start;
    let isEscaped = false;
    for (let byte = bytes[end]; byte !== QUOTE; byte = bytes[(end += 1)]) {
      if (byte === undefined || byte < SPACE) this.fail();
      if (byte !== BACKSLASH) continue;
      isEscaped = true;
      end += 1;
    }
    this.at = end + 1;
    if (isEscaped) return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
    return TEXTS.text(bytes, this.view, start, end);
  }

  private number(): string {
    const { bytes } = this;
    const start = this.at;
    if (bytes[this.at] === MINUS) this.at += 1;
    if (bytes[this.at] === ZERO) this.at += 1;
    else this.digits();
    let isWhole = true;
    if (bytes[this.at] === POINT) {
      isWhole = false;
      this.at += 1;
      this.digits();
    }
    if (bytes[this.at] === LOWER_E || bytes[this.at] === UPPER_E) {
      isWhole = false;
      this.at += 1;
      if (bytes[this.at] === PLUS || bytes[this.at] === MINUS) this.at += 1;
      this.digits();
    }
    // Days repeat, amounts do not.
    return isWhole ? TEXTS.text(bytes, this.view, start, this.at) : bytes.toString('latin1', start, this.at);
  }

  /** At least one. */
  private digits(): void {
    const { bytes } = this;
    let { at } = this;
    if (!isDigit(bytes[at])) this.fail();
    while (isDigit(bytes[at])) at += 1;
    this.at = at;
  }

  private literal(): unknown {
    for (const [text, value] of LITERALS) {
      if (this.bytes.toString('latin1', this.at, this.at + text.length) !== text) continue;
      this.at += text.length;
      return value;
    }
    return this.fail();
  }

  private skipSpace(): number | undefined {
    let byte = this.bytes[this.at];
    while (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) {
      byte = this.bytes[(this.at += 1)];
    }
    return byte;
  }

  private fail(): never {
    throw new SyntaxError(`No JSON at byte ${this.at}.`);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

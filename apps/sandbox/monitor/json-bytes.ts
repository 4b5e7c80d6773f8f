const ZERO = 0x30;
const POINT = 0x2e;
const BILLION = 1_000_000_000;
/** Longer than any number that is written. */
const MAX_NUMBER_BYTES = 32;
const MIN_CAPACITY = 16 * 1024;

/**
 * Collects JSON as bytes. Answers of Monitor consist of millions of numbers; written digit by digit they cost a
 * fraction of what texts that are joined and encoded afterwards do.
 */
export class JsonBytes {
  private bytes: Buffer;
  private length = 0;

  /** Grows when more is written than expected. */
  constructor(expectedBytes = 0) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(MIN_CAPACITY, expectedBytes));
  }

  text(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** Copies a piece that was encoded before. */
  piece(piece: Uint8Array): void {
    this.reserve(piece.length);
    const { bytes } = this;
    let at = this.length;
    // Pieces are a few dozen bytes; a loop beats the call into native code.
    for (let index = 0; index < piece.length; index++) bytes[at++] = piece[index] as number;
    this.length = at;
  }

  /** Writes a value given in units of `1 / scale`; not negative. */
  number(value: number, scale: 1 | 1000): void {
    this.reserve(MAX_NUMBER_BYTES);
    if (!Number.isSafeInteger(value)) {
      this.text(String(value / scale));
    } else if (scale === 1) {
      this.integer(value);
    } else {
      const whole = Math.floor(value / 1000);
      this.integer(whole);
      this.thousandths(value - whole * 1000);
    }
  }

  toBuffer(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private integer(value: number): void {
    if (value < BILLION) {
      this.digits(value, 0);
      return;
    }
    const high = Math.floor(value / BILLION);
    this.integer(high);
    this.digits(value - high * BILLION, 9);
  }

  /** Writes a number below a billion with at least `width` digits. */
  private digits(value: number, width: number): void {
    let count = 1;
    for (let limit = 10; limit <= value; limit *= 10) count++;
    if (count < width) count = width;
    let rest = value | 0;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      this.bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += count;
  }

  /** The decimals of a number, without zeros at the end. */
  private thousandths(value: number): void {
    if (value === 0) return;
    this.bytes[this.length++] = POINT;
    if (value % 100 === 0) this.digits(value / 100, 1);
    else if (value % 10 === 0) this.digits(value / 10, 2);
    else this.digits(value, 3);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

/** What is remembered at most: so many cells, and so many bytes of them; their texts take as much again. */
const MOST_CELLS = 1 << 16;
const MOST_BYTES = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** Longer cells hardly ever repeat. */
const LONGEST_CELL = 1024;

/**
 * The texts of cells, of which a file has few and each of them often: one that was met before is found by its bytes, and
 * not decoded again. All is forgotten when it becomes too much.
 */
export class CellTexts {
  /** By hash, the number from 1 of the cell that was last met with it. */
  readonly #byHash = new Int32Array(MOST_CELLS);
  readonly #hashes: number[] = [];
  readonly #texts: string[] = [];
  /** Where a cell begins in the bytes; it ends where the next one does. */
  readonly #from: number[] = [0];
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);

  /** The text of a cell of at least one byte; `view` is of the same bytes. */
  text(bytes: Buffer, view: DataView, from: number, to: number): string {
    if (to - from > LONGEST_CELL) return bytes.toString('utf8', from, to);
    const words = to - 3;
    let hash = to - from;
    let at = from;
    for (; at < words; at += 4) hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1) ^ (hash >>> 15);
    for (; at < to; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x9e3779b1);
    hash ^= hash >>> 16;
    const known = this.#byHash[hash & (MOST_CELLS - 1)]! - 1;
    if (known >= 0 && this.#hashes[known] === hash && this.#isSame(known, view, from, to)) return this.#texts[known]!;
    return this.#remember(bytes, from, to, hash);
  }

  #isSame(known: number, view: DataView, from: number, to: number): boolean {
    const own = this.#view;
    let its = this.#from[known]!;
    if (this.#from[known + 1]! - its !== to - from) return false;
    const words = to - 3;
    let at = from;
    for (; at < words; at += 4, its += 4) if (view.getInt32(at) !== own.getInt32(its)) return false;
    for (; at < to; at += 1, its += 1) if (view.getUint8(at) !== own.getUint8(its)) return false;
    return true;
  }

  #remember(bytes: Buffer, from: number, to: number, hash: number): string {
    const text = bytes.toString('utf8', from, to);
    let begin = this.#from.at(-1)!;
    if (begin + to - from > MOST_BYTES || this.#texts.length === MOST_CELLS) {
      this.#byHash.fill(0);
      for (const each of [this.#hashes, this.#texts, this.#from]) each.length = 0;
      this.#from.push((begin = 0));
    }
    if (begin + to - from > this.#bytes.length) {
      const more = new Uint8Array(this.#bytes.length * 2);
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    this.#bytes.set(bytes.subarray(from, to), begin);
    this.#from.push(begin + to - from);
    this.#hashes.push(hash);
    this.#byHash[hash & (MOST_CELLS - 1)] = this.#texts.push(text);
    return text;
  }
}

import { isSame } from './same-bytes.js';

/** What is remembered at most: so many texts, and so many bytes of them; as strings they take as much again. */
const MOST_TEXTS = 1 << 16;
const MOST_BYTES = 4 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;
/** Longer ones hardly ever repeat. */
const LONGEST_TEXT = 1024;

/**
 * Texts of which files and answers have few and each of them often: one that was met before is found by its bytes, and is
 * the same string again instead of being decoded. All is forgotten when it becomes too much.
 */
export class KnownTexts {
  /** By hash, the number from 1 of the text that was last met with it. */
  readonly #byHash = new Int32Array(MOST_TEXTS);
  readonly #hashes: number[] = [];
  readonly #texts: string[] = [];
  /** Where a text begins in the bytes; it ends where the next one does. */
  readonly #from: number[] = [0];
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);

  /** What these bytes say in UTF-8; `view` is of the same bytes. */
  text(bytes: Buffer, view: DataView, from: number, to: number): string {
    if (to - from > LONGEST_TEXT) return bytes.toString('utf8', from, to);
    const words = to - 3;
    let hash = to - from;
    let at = from;
    for (; at < words; at += 4) hash = Math.imul(hash ^ view.getInt32(at), 0x9e3779b1) ^ (hash >>> 15);
    for (; at < to; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x9e3779b1);
    hash ^= hash >>> 16;
    const known = this.#byHash[hash & (MOST_TEXTS - 1)]! - 1;
    if (known >= 0 && this.#hashes[known] === hash) {
      const its = this.#from[known]!;
      const length = this.#from[known + 1]! - its;
      if (length === to - from && isSame(view, from, this.#view, its, length)) return this.#texts[known]!;
    }
    return this.#remember(bytes, from, to, hash);
  }

  #remember(bytes: Buffer, from: number, to: number, hash: number): string {
    const text = bytes.toString('utf8', from, to);
    let begin = this.#from.at(-1)!;
    if (begin + to - from > MOST_BYTES || this.#texts.length === MOST_TEXTS) {
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
    this.#byHash[hash & (MOST_TEXTS - 1)] = this.#texts.push(text);
    return text;
  }
}

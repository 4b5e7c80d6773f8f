import { isSame } from './same-bytes.js';

/** Of one table. */
const MAX_TAILS = 4096;
/** Tails may be made to begin alike; of those, so many are remembered. */
const MAX_ALIKE = 8;

/** A row from its first text to its end. */
export interface Tail {
  start: number;
  length: number;
  cells: readonly unknown[];
  /** That of the row after it, the last time. */
  next: Tail | undefined;
}

/**
 * Ends of a table's rows that come again. Which one comes next is foretold, because scanning for it is the work that is to be
 * saved: rows come in the same order on each day, or day by day for each resource.
 */
export class RowTails {
  private readonly known = new Map<unknown, Tail[]>();
  private count = 0;
  private previous: Tail | undefined;

  constructor(private readonly view: DataView) {}

  /** The one that stands at this byte, if it was foretold. */
  at(start: number): Tail | undefined {
    const { previous } = this;
    if (!previous) return undefined;
    if (previous.next && this.stands(previous.next, start)) return (this.previous = previous.next);
    return this.stands(previous, start) ? previous : undefined;
  }

  private stands(tail: Tail, start: number): boolean {
    return start + tail.length <= this.view.byteLength && isSame(this.view, tail.start, this.view, start, tail.length);
  }

  /** One that was not foretold. */
  remember(start: number, end: number, cells: readonly unknown[]): void {
    let alike = this.known.get(cells[0]);
    if (!alike) this.known.set(cells[0], (alike = []));
    let tail = alike.find(
      (each) => each.cells.length === cells.length && each.cells.every((cell, at) => cell === cells[at]),
    );
    if (!tail && this.count < MAX_TAILS && alike.length < MAX_ALIKE) {
      this.count += 1;
      alike.push((tail = { start, length: end - start, cells, next: undefined }));
    }
    if (tail && this.previous) this.previous.next = tail;
    this.previous = tail;
  }
}

import { malformedAnswer } from './malformed-answer.js';

/**
 * Watches the pages of one query for rows that come again. Each row is one of its kind, since the query groups by what
 * it names; but pages are positions, so one that is served twice, or rows that move while they are read, would be
 * added up twice. The first and last row of each page are enough to tell.
 */
export class PageEdges {
  readonly #edges: (readonly unknown[])[] = [];
  #first: readonly unknown[] | undefined;
  #last: readonly unknown[] | undefined;

  /** Throws `IncompleteReadError` when the row is the first or last one of an earlier page, to the letter. */
  add(row: readonly unknown[]): void {
    for (let at = 0; at < this.#edges.length; at += 1) {
      if (isSame(this.#edges[at]!, row)) throw malformedAnswer('a row came twice');
    }
    this.#first ??= [...row];
    this.#last = row;
  }

  /** While the page's last row still is what it was. */
  endPage(): void {
    if (this.#first && this.#last) this.#edges.push(this.#first, [...this.#last]);
    this.#first = undefined;
  }
}

function isSame(edge: readonly unknown[], row: readonly unknown[]): boolean {
  return row.length === edge.length && edge.every((cell, index) => cell === row[index]);
}

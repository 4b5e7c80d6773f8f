import { malformedAnswer } from './malformed-answer.js';

/**
 * Watches the pages of one query for rows that come again. Each row is one of its kind, since the query groups by what
 * it names; but pages are positions, so one that is served twice, or rows that move while they are read, would be
 * added up twice. The first and last row of each page are enough to tell.
 */
export class PageEdges {
  readonly #edges = new Set<string>();

  /** Throws `IncompleteReadError` when the page holds the first or last row of an earlier one, to the letter. */
  add(rows: readonly unknown[]): void {
    if (rows.length === 0) return;
    if (this.#edges.size > 0 && rows.some((row) => this.#edges.has(JSON.stringify(row)))) {
      throw malformedAnswer('a row came twice');
    }
    this.#edges.add(JSON.stringify(rows[0])).add(JSON.stringify(rows.at(-1)));
  }
}

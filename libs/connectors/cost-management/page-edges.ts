import { malformedAnswer } from './malformed-answer.js';

/**
 * Watches the pages of one query for rows that come again. Each row is one of its kind, since the query groups by what
 * it names; but pages are positions, so one that is served twice, or rows that move while they are read, would be
 * added up twice. The first and last row of each page are enough to tell.
 */
export class PageEdges {
  readonly #edges: (readonly unknown[])[] = [];

  /** Throws `IncompleteReadError` when the page holds the first or last row of an earlier one, to the letter. */
  add(rows: readonly unknown[]): void {
    for (const edge of this.#edges) {
      if (rows.some((row) => isSame(edge, row))) throw malformedAnswer('a row came twice');
    }
    for (const row of [rows[0], rows.at(-1)]) if (Array.isArray(row)) this.#edges.push(row);
  }
}

function isSame(edge: readonly unknown[], row: unknown): boolean {
  return Array.isArray(row) && row.length === edge.length && edge.every((cell, index) => cell === row[index]);
}

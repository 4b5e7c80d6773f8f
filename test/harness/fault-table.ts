import type { WindowRow } from '#db/repositories/ingestion-window.repository.js';

const REASON_LENGTH = 150;

/** One cell of the matrix as it is printed. */
export interface FaultCell {
  row: string;
  column: string;
  /** A word or two. */
  outcome: string;
  /** In the product's own words, where there is more to say. */
  reason: string | null;
}

/** A table of outcomes, one line per row and one column per fault, with the reasons below. */
export function faultTable(rows: readonly string[], columns: readonly string[], cells: readonly FaultCell[]): string {
  const cellOf = (row: string, column: string) => cells.find((each) => each.row === row && each.column === column);
  const head = ['', ...columns];
  const body = rows.map((row) => [row, ...columns.map((column) => cellOf(row, column)?.outcome ?? '?')]);
  const widths = head.map((_, index) => Math.max(...[head, ...body].map((line) => line[index]!.length)));
  const lines = [head, ...body].map((line) =>
    line
      .map((text, index) => text.padEnd(widths[index]!))
      .join('  ')
      .trimEnd(),
  );
  const reasons = cells.flatMap(({ row, column, reason }) =>
    reason ? [`  ${row}, ${column}: ${reason.slice(0, REASON_LENGTH)}`] : [],
  );
  return [...lines, '', ...reasons, ''].join('\n');
}

/** What became of a row's windows, in a word or two, and the first reason that an attempt gave. */
export function faultCell(
  row: string,
  column: string,
  windows: readonly WindowRow[],
  reasons: readonly string[],
): FaultCell {
  const cell = { row, column, reason: reasons[0] ?? null };
  const ended = windows.find(({ status }) => status !== 'succeeded');
  if (ended) return { ...cell, outcome: ended.status };
  if (windows.some(({ reason }) => reason !== null)) return { ...cell, outcome: 'part named' };
  const attempts = Math.max(...windows.map(({ attempt }) => attempt));
  return { ...cell, outcome: attempts === 1 ? 'sat out' : `attempt ${attempts}` };
}

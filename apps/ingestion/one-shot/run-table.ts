import type { RunRow } from '#db/repositories/ingestion-run.repository.js';
import type { WindowRow } from '#db/repositories/ingestion-window.repository.js';

const COLUMNS = ['connector', 'scope', 'from', 'to', 'status', 'rows', 'requests', 'retries', 'seconds'] as const;
const NUMERIC = new Set<string>(['rows', 'requests', 'retries', 'seconds']);

/** What a run did, as a table for people; failures and unavailable scopes follow with their reasons. */
export function runTable(run: RunRow, windows: readonly WindowRow[]): string {
  const lines = windows.map((window) => ({
    connector: window.connector,
    scope: window.scope,
    from: window.from_day ?? '',
    to: window.to_day ?? '',
    status: window.status,
    rows: String(window.rows),
    requests: String(window.proof?.['requests'] ?? ''),
    retries: String(window.proof?.['retries'] ?? ''),
    seconds: seconds(window.started_at, window.finished_at),
  }));
  const widths = COLUMNS.map((column) => Math.max(column.length, ...lines.map((line) => line[column].length)));
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        NUMERIC.has(COLUMNS[index]!) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join('  ');
  const reasons = windows
    .filter((window) => window.reason)
    .map((window) =>
      `${window.status}: ${window.connector} ${window.scope}: ${window.reason} ${window.action ?? ''}`.trimEnd(),
    );
  return [
    row(COLUMNS),
    ...lines.map((line) => row(COLUMNS.map((column) => line[column]))),
    ...new Set(reasons),
    `${run.status}: ${windows.length} windows, ${run.rows} rows, ${seconds(run.started_at, run.finished_at)} s`,
  ].join('\n');
}

function seconds(from: Date | null, to: Date | null): string {
  return from && to ? ((to.getTime() - from.getTime()) / 1000).toFixed(1) : '';
}

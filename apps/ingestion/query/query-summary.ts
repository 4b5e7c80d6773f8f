import { SourceError } from '#core/errors.js';
import type { QueryReport } from '#connectors/resource-graph/resource-graph.collector.js';

const COLUMNS = ['query', 'rows', 'announced', 'seconds', 'result'] as const;
const NUMERIC = new Set<string>(['rows', 'announced', 'seconds']);

/** How the queries ended, as a table for people; reasons follow, with what to do. */
export function querySummary(reports: readonly QueryReport[]): string {
  const lines = reports.map((report) => ({
    query: report.query.name,
    rows: String(report.rows),
    announced: String(report.expected),
    seconds: (report.durationMs / 1000).toFixed(1),
    result: report.error ? 'failed' : report.complete ? 'ok' : 'incomplete',
  }));
  const widths = COLUMNS.map((column) => Math.max(column.length, ...lines.map((line) => line[column].length)));
  const row = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        NUMERIC.has(COLUMNS[index]!) ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
      )
      .join('  ')
      .trimEnd();
  return [
    row(COLUMNS),
    ...lines.map((line) => row(COLUMNS.map((column) => line[column]))),
    ...reports.flatMap(reason),
  ].join('\n');
}

function reason({ query, error, incompleteReason }: QueryReport): string[] {
  if (error)
    return [`failed: ${query.name}: ${error.message} ${error instanceof SourceError ? error.action : ''}`.trimEnd()];
  return incompleteReason === null ? [] : [`incomplete: ${query.name}: ${incompleteReason}`];
}

/** 0 when every query said all that it announced, 1 when every query failed, 2 for anything between. */
export function queryExitCode(reports: readonly QueryReport[]): 0 | 1 | 2 {
  if (reports.every(({ complete }) => complete)) return 0;
  return reports.every(({ error }) => error !== null) ? 1 : 2;
}

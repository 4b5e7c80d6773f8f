import type { KqlColumn, KqlType } from './kql-value.js';
import { kustoLanguage } from './kusto-parser.js';
import { QueryError } from './query-error.js';

/** A table under the name that a query gives it. */
export interface NamedColumns {
  readonly name: string;
  readonly columns: readonly KqlColumn[];
}

const KUSTO_TYPES: Readonly<Record<KqlType, string>> = {
  string: 'string',
  integer: 'long',
  number: 'real',
  boolean: 'bool',
  datetime: 'datetime',
  timespan: 'timespan',
  object: 'dynamic',
};

const known = new Map<string, unknown>();

/**
 * Lets Microsoft's analyzer judge a query over these tables and answers the names of the columns that it results in.
 * Unknown tables, columns and functions, wrong numbers and types of arguments are a `QueryError` in its own words.
 */
export function analyzeKusto(query: string, tables: readonly NamedColumns[]): string[] {
  const code = kustoLanguage().KustoCode.ParseAndAnalyze(query, globalsOf(tables));
  const diagnostics = code.GetDiagnostics();
  for (let index = 0; index < diagnostics.Count; index++) {
    const { Severity, Message } = diagnostics.getItem(index);
    if (Severity === 'Error') throw new QueryError(Message);
  }
  const columns = code.ResultType?.Columns;
  return Array.from({ length: columns?.Count ?? 0 }, (_, index) => columns?.getItem(index).Name ?? '');
}

function globalsOf(tables: readonly NamedColumns[]): unknown {
  const schemas = tables.map(({ name, columns }) => {
    // Quoted, because some names are keywords and would vanish without a word.
    const list = columns.map((column) => `['${column.name}']: ${KUSTO_TYPES[column.type]}`).join(', ');
    return { name, text: `(${list})` };
  });
  const key = JSON.stringify(schemas);
  let globals = known.get(key);
  if (!globals) {
    const { GlobalState, Symbols } = kustoLanguage();
    const symbols = schemas.map(({ name, text }) => Symbols.TableSymbol.From(text).WithName(name));
    globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor('resource-graph', symbols));
    // Spellings of table names are the caller's choice: the memory they take has an end.
    if (known.size >= 100) known.clear();
    known.set(key, globals);
  }
  return globals;
}

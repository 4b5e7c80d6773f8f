import { type KqlScope, compileExpression, nameOf } from './kql-expression.js';
import { literalOf } from './kql-literals.js';
import { type KqlColumn, type KqlTable, type KqlType, type KqlValue, numberOf, textOf } from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';
import { QueryError } from './query-error.js';

/** Resource Graph expands to so many rows unless told otherwise, and never to more than the second number. */
const DEFAULT_ROW_LIMIT = 128;
const MAX_ROW_LIMIT = 400;

/** A string element is no number here; fractions are cut off towards zero. */
const whole = (value: KqlValue): KqlValue => (typeof value === 'number' ? Math.trunc(value) : null);
const real = (value: KqlValue): KqlValue => (typeof value === 'number' ? value : null);

const CASTS: Readonly<Record<string, readonly [KqlType, (value: KqlValue) => KqlValue]>> = {
  string: ['string', textOf],
  long: ['integer', whole],
  int: ['integer', whole],
  real: ['number', real],
  double: ['number', real],
  dynamic: ['object', (value) => value],
};

/**
 * `mv-expand`: one row per element of a dynamic array or per member of an object. Several columns go in step, the
 * shorter ones filled up with null. Null counts as one element; a row whose arrays are all empty vanishes.
 */
export function expandRows(node: KustoNode, table: KqlTable, scope: KqlScope): KqlTable {
  const limitNode = node.find('RowLimitClause')?.get('RowLimit');
  const limit = limitNode ? numberOf(literalOf(limitNode)?.value ?? null) : DEFAULT_ROW_LIMIT;
  if (limit === null || limit < 1 || limit > MAX_ROW_LIMIT) {
    throw new QueryError(`'mv-expand' operator: the row limit must be between 1 and ${MAX_ROW_LIMIT}`);
  }
  if (node.list('Parameters').length > 0) throw new QueryError("'mv-expand' operator: no parameter is supported");
  const columns: KqlColumn[] = [...table.columns];
  const items = node.list('Expressions').map((item) => {
    const inner = item.kind === 'MvExpandExpression' ? item.get('Expression') : item;
    const isNamed = inner.kind === 'SimpleNamedExpression';
    const expression = compileExpression(isNamed ? inner.get('Expression') : inner, scope);
    if (expression.type !== 'object')
      throw new QueryError("'mv-expand' operator: expanded expression expected to have dynamic type");
    const name = isNamed ? nameOf(inner.get('Name')) : (expression.name ?? 'Column1');
    const [type, cast] = castOf(item);
    const existing = columns.findIndex((column) => column.name === name);
    if (existing >= 0) columns[existing] = { name, type };
    return { expression, cast, target: existing >= 0 ? existing : columns.push({ name, type }) - 1 };
  });
  const rows = table.rows.flatMap((row) => {
    const lists = items.map(({ expression }) => elementsOf(expression.evaluate(row)));
    const length = Math.min(limit, Math.max(...lists.map((list) => list.length)));
    return Array.from({ length }, (_, index) => {
      const copy = [...row];
      for (const [at, { target, cast }] of items.entries()) copy[target] = cast(lists[at]?.[index] ?? null);
      return copy;
    });
  });
  return { columns, rows };
}

function castOf(item: KustoNode): readonly [KqlType, (value: KqlValue) => KqlValue] {
  const name = /typeof\s*\(\s*(\w+)\s*\)/.exec(item.find('ToTypeOf')?.text ?? '')?.[1] ?? 'dynamic';
  const cast = CASTS[name];
  if (!cast) throw new QueryError(`'mv-expand' operator: the type '${name}' is not supported`);
  return cast;
}

function elementsOf(value: KqlValue): readonly KqlValue[] {
  if (Array.isArray(value)) return value as KqlValue[];
  if (value === null || typeof value !== 'object') return [value];
  return Object.entries(value).map(([key, item]) => ({ [key]: item }));
}

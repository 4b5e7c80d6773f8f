import { distinctNames } from './kql-columns.js';
import { nameOf } from './kql-expression.js';
import { type KqlColumn, type KqlTable, type KqlValue, emptyOf, keyOf } from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';
import { QueryError } from './query-error.js';

type JoinKind = 'inner' | 'innerunique' | 'leftouter';
const KINDS: readonly string[] = ['inner', 'innerunique', 'leftouter'];

/** Joins two tables on equal columns; the right table's columns follow, renamed where their names are taken. */
export function joinTables(node: KustoNode, left: KqlTable, right: KqlTable): KqlTable {
  const kind = joinKind(node);
  const pairs = node.get('ConditionClause').list('Expressions').map(columnPair);
  const leftKeys = pairs.map(([name]) => keyIndex(left, name, '$left'));
  const rightKeys = pairs.map(([, name]) => keyIndex(right, name, '$right'));
  const keyText = (row: readonly KqlValue[], indexes: readonly number[]): string =>
    indexes.map((index) => keyOf(row[index] ?? null)).join('\u0000');

  const matches = new Map<string, (readonly KqlValue[])[]>();
  for (const row of right.rows) {
    const key = keyText(row, rightKeys);
    const list = matches.get(key);
    if (list) list.push(row);
    else matches.set(key, [row]);
  }
  const blank = right.columns.map(({ type }) => emptyOf(type));
  const seen = new Set<string>();
  const rows = left.rows.flatMap((row) => {
    const key = keyText(row, leftKeys);
    // The default kind keeps one left row per key.
    if (kind === 'innerunique') {
      if (seen.has(key)) return [];
      seen.add(key);
    }
    const found = matches.get(key) ?? (kind === 'leftouter' ? [blank] : []);
    return found.map((other) => [...row, ...other]);
  });
  return { columns: distinctNames([...left.columns, ...right.columns]), rows };
}

/** All rows of the tables; columns of the same name are one, absent ones are empty. */
export function unionTables(tables: readonly KqlTable[]): KqlTable {
  const byName = new Map<string, KqlColumn>();
  for (const column of tables.flatMap(({ columns }) => columns)) {
    const other = byName.get(column.name) ?? column;
    // Kusto makes two columns of these.
    if (other.type !== column.type) throw new QueryError(`'union' operator: the types of '${column.name}' differ`);
    byName.set(column.name, other);
  }
  const columns = [...byName.values()];
  const rows = tables.flatMap((table) => {
    const indexes = columns.map(({ name }) => table.columns.findIndex((column) => column.name === name));
    return table.rows.map((row) =>
      indexes.map((index, at) => (index < 0 ? emptyOf(columns[at]?.type ?? 'object') : (row[index] ?? null))),
    );
  });
  return { columns, rows };
}

function joinKind(node: KustoNode): JoinKind {
  const parameters = node.list('Parameters');
  const parameter = parameters.find((item) => nameOf(item.get('Name')) === 'kind');
  if (parameters.length > (parameter ? 1 : 0)) throw new QueryError("'join' operator: only 'kind' is supported");
  const kind = parameter?.get('Expression').text.toLowerCase() ?? 'innerunique';
  if (!KINDS.includes(kind)) throw new QueryError(`'join' operator: the kind '${kind}' is not supported`);
  return kind as JoinKind;
}

function columnPair(node: KustoNode): [left: string, right: string] {
  if (node.kind === 'NameReference') return [nameOf(node), nameOf(node)];
  if (node.kind !== 'EqualExpression') throw new QueryError("'join' operator: only equality conditions are supported");
  const sides = new Map<string, string>();
  for (const side of [node.get('Left'), node.get('Right')]) {
    if (side.kind !== 'PathExpression')
      throw new QueryError("'join' operator: a condition must compare $left with $right");
    sides.set(side.get('Expression').text, nameOf(side.get('Selector')));
  }
  const [left, right] = [sides.get('$left'), sides.get('$right')];
  if (left === undefined || right === undefined) {
    throw new QueryError("'join' operator: a condition must compare $left with $right");
  }
  return [left, right];
}

function keyIndex(table: KqlTable, name: string, side: string): number {
  const index = table.columns.findIndex((column) => column.name === name);
  if (index < 0)
    throw new QueryError(`'join' operator: Failed to resolve column or scalar expression named '${name}' on ${side}`);
  if (table.columns[index]?.type === 'object') {
    throw new QueryError(`'join' operator: join key '${name}' is of a 'dynamic' type. Please use an explicit cast.`);
  }
  return index;
}

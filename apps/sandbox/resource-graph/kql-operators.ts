import { compileAggregate } from './kql-aggregates.js';
import { compileNamed, distinctNames } from './kql-columns.js';
import { type KqlScope, compileExpression, nameOf } from './kql-expression.js';
import { expandRows } from './kql-expand.js';
import { literalOf } from './kql-literals.js';
import { type KqlTable, type KqlValue, compareValues, keyOf } from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';
import { QueryError } from './query-error.js';

type Row = readonly KqlValue[];

/** Applies a tabular operator that needs no other table; undefined when it is not one of those. */
export function applyOperator(node: KustoNode, table: KqlTable, now: Date): KqlTable | undefined {
  const scope = (operator: string): KqlScope => ({ columns: table.columns, now, operator });
  switch (node.kind) {
    case 'FilterOperator': {
      const condition = compileExpression(node.get('Condition'), scope('where'));
      return { columns: table.columns, rows: table.rows.filter((row) => condition.evaluate(row) === true) };
    }
    case 'ProjectOperator': {
      const items = compileNamed(node.list('Expressions'), scope('project'));
      return {
        columns: distinctNames(items.map(({ column }) => column)),
        rows: table.rows.map((row) => items.map(({ expression }) => expression.evaluate(row))),
      };
    }
    case 'ProjectAwayOperator':
      return projectAway(node.list('Expressions').map(nameOf), table);
    case 'ProjectRenameOperator':
      return projectRename(node.list('Expressions'), table);
    case 'ExtendOperator':
      return extend(node.list('Expressions'), table, scope('extend'));
    case 'SortOperator':
      return { columns: table.columns, rows: sortRows(node.list('Expressions'), table.rows, scope('order')) };
    case 'TakeOperator':
      return { columns: table.columns, rows: table.rows.slice(0, countOf(node.get('Expression'))) };
    case 'TopOperator': {
      const sorted = sortRows([node.get('ByExpression')], table.rows, scope('top'));
      return { columns: table.columns, rows: sorted.slice(0, countOf(node.get('Expression'))) };
    }
    case 'CountOperator':
      return { columns: [{ name: 'Count', type: 'integer' }], rows: [[table.rows.length]] };
    case 'DistinctOperator':
      return distinct(node.list('Expressions'), table, scope('distinct'));
    case 'SummarizeOperator':
      return summarize(node, table, scope('summarize'));
    case 'MvExpandOperator':
      return expandRows(node, table, scope('mv-expand'));
    default:
      return undefined;
  }
}

function projectAway(patterns: readonly string[], table: KqlTable): KqlTable {
  const isDropped = (name: string): boolean =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
  for (const pattern of patterns) {
    if (!pattern.endsWith('*') && !table.columns.some(({ name }) => name === pattern)) {
      throw new QueryError(`'project-away' operator: Failed to resolve column or scalar expression named '${pattern}'`);
    }
  }
  const kept = table.columns.flatMap(({ name }, index) => (isDropped(name) ? [] : [index]));
  return pickColumns(table, kept);
}

function projectRename(nodes: readonly KustoNode[], table: KqlTable): KqlTable {
  const names = new Map(nodes.map((node) => [nameOf(node.get('Expression')), nameOf(node.get('Name'))]));
  for (const old of names.keys()) {
    if (!table.columns.some(({ name }) => name === old)) {
      throw new QueryError(`'project-rename' operator: Failed to resolve column or scalar expression named '${old}'`);
    }
  }
  const columns = table.columns.map((column) => ({ ...column, name: names.get(column.name) ?? column.name }));
  return { columns: distinctNames(columns), rows: table.rows };
}

function extend(nodes: readonly KustoNode[], table: KqlTable, scope: KqlScope): KqlTable {
  const items = compileNamed(nodes, scope);
  const columns = [...table.columns];
  const targets = items.map(({ column }) => {
    const existing = columns.findIndex(({ name }) => name === column.name);
    if (existing < 0) return columns.push(column) - 1;
    columns[existing] = column;
    return existing;
  });
  const rows = table.rows.map((row) => {
    const copy = [...row];
    for (const [index, { expression }] of items.entries()) copy[targets[index] as number] = expression.evaluate(row);
    return copy;
  });
  return { columns, rows };
}

function sortRows(nodes: readonly KustoNode[], rows: readonly Row[], scope: KqlScope): readonly Row[] {
  const keys = nodes.map((node) => {
    const expression = compileExpression(node.kind === 'OrderedExpression' ? node.get('Expression') : node, scope);
    if (expression.type === 'object') {
      throw new QueryError(`'${scope.operator}' operator: key can't be of dynamic type`);
    }
    const ordering = node.find('Ordering');
    // Descending is the default, and nulls come where the smallest value would.
    const isAscending = ordering?.find('AscOrDescKeyword')?.text.toLowerCase() === 'asc';
    const nulls = ordering?.find('NullsClause')?.text.toLowerCase();
    return { expression, isAscending, nullsFirst: nulls === undefined ? isAscending : nulls.endsWith('first') };
  });
  const decorated = rows.map((row) => ({ row, values: keys.map(({ expression }) => expression.evaluate(row)) }));
  decorated.sort((a, b) => {
    for (const [index, { isAscending, nullsFirst }] of keys.entries()) {
      const [left, right] = [a.values[index] ?? null, b.values[index] ?? null];
      if (left === null && right === null) continue;
      if (left === null || right === null) return (left === null) === nullsFirst ? -1 : 1;
      const order = compareValues(left, right) ?? 0;
      if (order !== 0) return isAscending ? order : -order;
    }
    return 0;
  });
  return decorated.map(({ row }) => row);
}

function countOf(node: KustoNode): number {
  const value = literalOf(node)?.value;
  if (typeof value !== 'number' || value < 0) throw new QueryError(`The row count '${node.text}' is not supported.`);
  return value;
}

function distinct(nodes: readonly KustoNode[], table: KqlTable, scope: KqlScope): KqlTable {
  const isAll = nodes.length === 1 && nodes[0]?.text === '*';
  const items = isAll ? undefined : compileNamed(nodes, scope);
  const projected = items
    ? {
        columns: distinctNames(items.map(({ column }) => column)),
        rows: table.rows.map((row) => items.map(({ expression }) => expression.evaluate(row))),
      }
    : table;
  const seen = new Map<string, Row>();
  for (const row of projected.rows) {
    const key = row.map(keyOf).join('\u0000');
    if (!seen.has(key)) seen.set(key, row);
  }
  return { columns: projected.columns, rows: [...seen.values()] };
}

function summarize(node: KustoNode, table: KqlTable, scope: KqlScope): KqlTable {
  const by = node.find('ByClause');
  const keys = by ? compileNamed(by.list('Expressions'), scope) : [];
  for (const { column } of keys) {
    if (column.type === 'object') {
      throw new QueryError(
        `'summarize' operator: Summarize group key '${column.name}' is of a 'dynamic' type. Please use an explicit cast (for example, 'summarize ... by tostring(${column.name})') as grouping by a 'dynamic' type is not supported.`,
      );
    }
  }
  if (node.list('Parameters').length > 0) throw new QueryError("'summarize' operator: no parameter is supported");
  const aggregates = node
    .list('Aggregates')
    .map((item) =>
      item.kind === 'SimpleNamedExpression'
        ? compileAggregate(item.get('Expression'), scope, nameOf(item.get('Name')))
        : compileAggregate(item, scope),
    );
  const groups = new Map<string, { values: KqlValue[]; rows: Row[] }>();
  // Without keys there is one group, also when it is empty.
  if (keys.length === 0) groups.set('', { values: [], rows: [] });
  for (const row of table.rows) {
    const values = keys.map(({ expression }) => expression.evaluate(row));
    const key = values.map(keyOf).join('\u0000');
    const group = groups.get(key) ?? { values, rows: [] };
    if (group.rows.push(row) === 1) groups.set(key, group);
  }
  return {
    columns: distinctNames([...keys.map(({ column }) => column), ...aggregates]).map(({ name, type }) => ({
      name,
      type,
    })),
    rows: [...groups.values()].map(({ values, rows }) => [
      ...values,
      ...aggregates.map(({ compute }) => compute(rows)),
    ]),
  };
}

function pickColumns(table: KqlTable, indexes: readonly number[]): KqlTable {
  return {
    columns: indexes.flatMap((index) => table.columns[index] ?? []),
    rows: table.rows.map((row) => indexes.map((index) => row[index] ?? null)),
  };
}

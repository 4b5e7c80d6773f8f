import { type KqlExpression, type KqlScope, compileExpression, nameOf } from './kql-expression.js';
import type { KqlColumn } from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';

/** A column together with the expression that fills it. */
export interface NamedExpression {
  readonly column: KqlColumn;
  readonly expression: KqlExpression;
}

/** Compiles `name = expression` or a bare expression, which takes its name from the column it reads. */
export function compileNamed(nodes: readonly KustoNode[], scope: KqlScope): NamedExpression[] {
  let unnamed = 0;
  return nodes.map((node) => {
    const isNamed = node.kind === 'SimpleNamedExpression';
    const expression = compileExpression(isNamed ? node.get('Expression') : node, scope);
    const name = isNamed ? nameOf(node.get('Name')) : (expression.name ?? `Column${++unnamed}`);
    return { column: { name, type: expression.type }, expression };
  });
}

/** Names that occur twice get a number, as Kusto gives it. */
export function distinctNames(columns: readonly KqlColumn[]): KqlColumn[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let number = 1; taken.has(name); number++) name = `${column.name}${number}`;
    taken.add(name);
    return { ...column, name };
  });
}

import { type KqlExpression, type KqlScope, compileExpression } from './kql-expression.js';
import { type KqlType, type KqlValue, compareValues, keyOf, textOf } from './kql-value.js';
import type { KustoNode } from './kusto-parser.js';
import { QueryError } from './query-error.js';

/** A value over all rows of a group. */
export interface KqlAggregate {
  readonly name: string;
  readonly type: KqlType;
  readonly compute: (rows: readonly (readonly KqlValue[])[]) => KqlValue;
}

interface Definition {
  readonly arguments: readonly [number, number];
  readonly type: (argument: KqlType) => KqlType;
  readonly compute: (
    values: readonly KqlValue[],
    rows: readonly (readonly KqlValue[])[],
    second?: KqlExpression,
  ) => KqlValue;
}

const numbers = (values: readonly KqlValue[]): number[] =>
  present(values).map((value) => {
    if (typeof value !== 'number') throw new QueryError(`'summarize' operator: cannot add up '${textOf(value)}'.`);
    return value;
  });
const present = (values: readonly KqlValue[]): KqlValue[] => values.filter((value) => value !== null);
const sum = (values: readonly KqlValue[]): number => numbers(values).reduce((total, value) => total + value, 0);
const average = (values: readonly KqlValue[]): KqlValue => {
  const counted = numbers(values);
  return counted.length === 0 ? null : sum(counted) / counted.length;
};
const extreme =
  (sign: 1 | -1) =>
  (values: readonly KqlValue[]): KqlValue =>
    present(values).reduce<KqlValue>((best, value) => {
      const order = compareValues(value, best);
      if (best !== null && order === null) throw new QueryError("'summarize' operator: values cannot be compared.");
      return best === null || (order !== null && order * sign > 0) ? value : best;
    }, null);
const unique = (values: readonly KqlValue[]): KqlValue[] => [
  ...new Map(present(values).map((value) => [keyOf(value), value])).values(),
];
/** A set takes arrays apart; that is refused rather than guessed. */
const scalars = (values: readonly KqlValue[]): KqlValue => {
  if (values.some((value) => Array.isArray(value))) throw new QueryError('make_set() of arrays is not supported.');
  return unique(values);
};
const sameType = (type: KqlType): KqlType => type;
const always = (type: KqlType) => (): KqlType => type;

const AGGREGATES: Readonly<Record<string, Definition>> = {
  count: { arguments: [0, 0], type: always('integer'), compute: (_, rows) => rows.length },
  countif: {
    arguments: [1, 1],
    type: always('integer'),
    compute: (values) => values.filter((value) => value === true).length,
  },
  sum: { arguments: [1, 1], type: (type) => (type === 'integer' ? 'integer' : 'number'), compute: sum },
  sumif: {
    arguments: [2, 2],
    type: (type) => (type === 'integer' ? 'integer' : 'number'),
    compute: (values, rows, second) => sum(values.filter((_, index) => second?.evaluate(rows[index] ?? []) === true)),
  },
  avg: { arguments: [1, 1], type: always('number'), compute: average },
  min: { arguments: [1, 1], type: sameType, compute: extreme(-1) },
  max: { arguments: [1, 1], type: sameType, compute: extreme(1) },
  // Exact, which is within what the service's estimate promises.
  dcount: { arguments: [1, 1], type: always('integer'), compute: (values) => unique(values).length },
  make_list: { arguments: [1, 1], type: always('object'), compute: present },
  make_set: { arguments: [1, 1], type: always('object'), compute: scalars },
  take_any: { arguments: [1, 1], type: sameType, compute: (values) => present(values)[0] ?? values[0] ?? null },
};

/** Older names of the same aggregates. */
const ALIASES: Readonly<Record<string, string>> = { makelist: 'make_list', makeset: 'make_set', any: 'take_any' };

/** Compiles `sum(x)` or `n = sum(x)`. */
export function compileAggregate(node: KustoNode, scope: KqlScope, declaredName?: string): KqlAggregate {
  const spelled = node.kind === 'FunctionCallExpression' ? node.get('Name').text.toLowerCase() : '';
  const name = ALIASES[spelled] ?? spelled;
  const definition = Object.hasOwn(AGGREGATES, name) ? AGGREGATES[name] : undefined;
  if (!definition) throw new QueryError(`'summarize' operator: '${node.text}' is not a supported aggregate.`);
  const parameters = node
    .get('ArgumentList')
    .list('Expressions')
    .map((item) => compileExpression(item, scope));
  const [min, max] = definition.arguments;
  if (parameters.length < min || parameters.length > max) {
    throw new QueryError(`'summarize' operator: ${name}() has a wrong number of arguments.`);
  }
  const [first, second] = parameters;
  const prefix = name.replace('make_', '').replace('take_', '');
  return {
    name: declaredName ?? `${prefix}_${name === 'countif' ? '' : (first?.name ?? '')}`,
    type: definition.type(first?.type ?? 'object'),
    compute: (rows) => definition.compute(first ? rows.map((row) => first.evaluate(row)) : [], rows, second),
  };
}

import { textOperator } from './kql-text-operators.js';
import { type KqlType, type KqlValue, Timespan, compareValues, equalValues, textOf } from './kql-value.js';
import { QueryError } from './query-error.js';

type Binary = (left: KqlValue, right: KqlValue) => KqlValue;

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  LessThanExpression: (order) => order < 0,
  LessThanOrEqualExpression: (order) => order <= 0,
  GreaterThanExpression: (order) => order > 0,
  GreaterThanOrEqualExpression: (order) => order >= 0,
};

interface BinaryOperation {
  readonly type?: KqlType;
  /** The operands' types must be comparable. */
  readonly comparesTypes?: boolean;
  readonly apply: Binary;
}

/** The operation of a binary expression's kind; its type is left open where it depends on the operands. */
export function binaryOperation(kind: string): BinaryOperation | undefined {
  if (kind === 'EqualExpression') return { type: 'boolean', comparesTypes: true, apply: equalValues };
  if (kind === 'NotEqualExpression') {
    return {
      type: 'boolean',
      comparesTypes: true,
      apply: (a, b) => {
        const equal = equalValues(a, b);
        return equal === null ? null : !equal;
      },
    };
  }
  const comparison = COMPARISONS[kind];
  if (comparison) {
    return {
      type: 'boolean',
      comparesTypes: true,
      apply: (a, b) => {
        const order = compareValues(a, b);
        return order === null ? null : comparison(order);
      },
    };
  }
  const text = textOperator(kind);
  if (text) return { type: 'boolean', apply: text };
  const arithmetic = ARITHMETIC[kind];
  return arithmetic ? { apply: (a, b) => calculate(arithmetic, kind, a, b) } : undefined;
}

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  AddExpression: (a, b) => a + b,
  SubtractExpression: (a, b) => a - b,
  MultiplyExpression: (a, b) => a * b,
  DivideExpression: (a, b) => a / b,
  // Never negative, unlike JavaScript's.
  ModuloExpression: (a, b) => ((a % b) + Math.abs(b)) % Math.abs(b),
};

function calculate(apply: (a: number, b: number) => number, kind: string, a: KqlValue, b: KqlValue): KqlValue {
  if (a instanceof Date && b instanceof Date)
    return kind === 'SubtractExpression' ? new Timespan(a.getTime() - b.getTime()) : null;
  if (a instanceof Date && b instanceof Timespan) return new Date(apply(a.getTime(), b.ms));
  if (a instanceof Timespan && b instanceof Timespan) {
    return kind === 'DivideExpression' ? a.ms / b.ms : new Timespan(apply(a.ms, b.ms));
  }
  if (a === null || b === null) return null;
  if (typeof a !== 'number' || typeof b !== 'number')
    throw new QueryError(`Cannot calculate with '${textOf(typeof a === 'number' ? b : a)}'.`);
  return apply(a, b);
}

const KINDS_OF_TYPE: Readonly<Record<KqlType, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'bool',
  datetime: 'datetime',
  timespan: 'timespan',
  object: 'dynamic',
};

/**
 * How the values of two types are made comparable for equality: a dynamic value next to a string is its text, other
 * pairs compare as they are. Throws a `QueryError` where Kusto refuses (SEM0064, SEM0001).
 */
export function equality(left: KqlType, right: KqlType): (value: KqlValue) => KqlValue {
  const kinds = [KINDS_OF_TYPE[left], KINDS_OF_TYPE[right]];
  const isDynamic = kinds.includes('dynamic');
  if (kinds[0] === kinds[1] && isDynamic) throw new QueryError('Cannot compare dynamic values without explicit cast.');
  if (kinds[0] !== kinds[1] && !isDynamic) {
    throw new QueryError(`Cannot compare values of types ${kinds.join(' and ')}. Try adding explicit casts`);
  }
  return isDynamic && kinds.includes('string') ? textOf : (value) => value;
}

/** Type of an arithmetic expression. */
export function arithmeticType(kind: string, left: KqlType, right: KqlType): KqlType {
  if (left === 'datetime') return right === 'datetime' ? 'timespan' : 'datetime';
  if (left === 'timespan') return kind === 'DivideExpression' && right === 'timespan' ? 'number' : 'timespan';
  return left === 'integer' && right === 'integer' ? 'integer' : 'number';
}

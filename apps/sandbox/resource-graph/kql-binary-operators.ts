import { textOperator } from './kql-text-operators.js';
import { type KqlType, type KqlValue, Timespan, compareValues, equalValues } from './kql-value.js';

type Binary = (left: KqlValue, right: KqlValue) => KqlValue;

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  LessThanExpression: (order) => order < 0,
  LessThanOrEqualExpression: (order) => order <= 0,
  GreaterThanExpression: (order) => order > 0,
  GreaterThanOrEqualExpression: (order) => order >= 0,
};

/** The operation of a binary expression's kind; its type is left open where it depends on the operands. */
export function binaryOperation(kind: string): { type?: KqlType; apply: Binary } | undefined {
  if (kind === 'EqualExpression') return { type: 'boolean', apply: equalValues };
  if (kind === 'NotEqualExpression') {
    return {
      type: 'boolean',
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
  ModuloExpression: (a, b) => a % b,
};

function calculate(apply: (a: number, b: number) => number, kind: string, a: KqlValue, b: KqlValue): KqlValue {
  if (a instanceof Date && b instanceof Date)
    return kind === 'SubtractExpression' ? new Timespan(a.getTime() - b.getTime()) : null;
  if (a instanceof Date && b instanceof Timespan) return new Date(apply(a.getTime(), b.ms));
  if (a instanceof Timespan && b instanceof Timespan) {
    return kind === 'DivideExpression' ? a.ms / b.ms : new Timespan(apply(a.ms, b.ms));
  }
  if (typeof a !== 'number' || typeof b !== 'number') return null;
  const result = apply(a, b);
  return Number.isFinite(result) ? result : null;
}

/** Type of an arithmetic expression. */
export function arithmeticType(kind: string, left: KqlType, right: KqlType): KqlType {
  if (left === 'datetime') return right === 'datetime' ? 'timespan' : 'datetime';
  if (left === 'timespan') return kind === 'DivideExpression' && right === 'timespan' ? 'number' : 'timespan';
  return left === 'integer' && right === 'integer' ? 'integer' : 'number';
}

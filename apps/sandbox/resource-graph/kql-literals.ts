import type { KustoNode } from './kusto-parser.js';
import { type KqlType, type KqlValue, Timespan, dateOf } from './kql-value.js';
import { QueryError } from './query-error.js';

const UNIT_MS: readonly (readonly [RegExp, number])[] = [
  [/^(d|day|days)$/, 86_400_000],
  [/^(h|hr|hrs|hour|hours)$/, 3_600_000],
  [/^(m|min|minute|minutes)$/, 60_000],
  [/^(s|sec|second|seconds)$/, 1_000],
  [/^(ms|milli|millis|millisecond|milliseconds)$/, 1],
];

/** The value and type of a literal node; undefined when the node is none. */
export function literalOf(node: KustoNode): { type: KqlType; value: KqlValue } | undefined {
  const literal = valueLiteral(node);
  // `int(null)` and its like: every type but string has a null.
  if (literal && literal.type !== 'string' && literal.type !== 'object' && argumentOf(node.text) === 'null') {
    return { type: literal.type, value: null };
  }
  if (typeof literal?.value === 'number' && !Number.isFinite(literal.value)) {
    throw new QueryError(`The number '${node.text}' is not supported.`);
  }
  return literal;
}

function valueLiteral(node: KustoNode): { type: KqlType; value: KqlValue } | undefined {
  switch (node.kind) {
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return { type: 'string', value: node.value };
    case 'LongLiteralExpression':
    case 'IntLiteralExpression':
      return { type: 'integer', value: Number(argumentOf(node.text)) };
    case 'RealLiteralExpression':
    case 'DecimalLiteralExpression':
      return { type: 'number', value: Number(argumentOf(node.text)) };
    case 'BooleanLiteralExpression':
      return { type: 'boolean', value: /true/i.test(node.text) };
    case 'DateTimeLiteralExpression':
      return { type: 'datetime', value: dateOf(argumentOf(node.text)) };
    case 'TimespanLiteralExpression':
      return { type: 'timespan', value: argumentOf(node.text) === 'null' ? null : timespanOf(argumentOf(node.text)) };
    case 'DynamicExpression':
      return { type: 'object', value: jsonLiteral(node) };
    default:
      return undefined;
  }
}

/** The text inside `datetime(...)` and its like, without quotes; the text itself when there are no brackets. */
function argumentOf(text: string): string {
  const inner = /^\w+\s*\((.*)\)$/s.exec(text)?.[1] ?? text;
  return inner.trim().replace(/^(['"])(.*)\1$/, '$2');
}

function timespanOf(text: string): Timespan {
  const withUnit = /^(-?[\d.]+)\s*([a-z]+)$/i.exec(text);
  const factor = UNIT_MS.find(([pattern]) => pattern.test(withUnit?.[2]?.toLowerCase() ?? ''))?.[1];
  if (withUnit && factor !== undefined) return new Timespan(Number(withUnit[1]) * factor);
  const clock = /^(-?)(?:(\d+)\.)?(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
  if (!clock) throw new QueryError(`The timespan '${text}' is not supported.`);
  const [, sign, days = '0', hours = '0', minutes = '0', seconds = '0'] = clock;
  const ms = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1_000;
  return new Timespan(sign ? -ms : ms);
}

function jsonLiteral(node: KustoNode): KqlValue {
  const text = node.get('Expression').text;
  try {
    return JSON.parse(text) as KqlValue;
  } catch {
    // Kusto also takes single quotes in dynamic literals.
    try {
      return JSON.parse(text.replaceAll("'", '"')) as KqlValue;
    } catch {
      throw new QueryError(`The dynamic literal ${text} is not supported.`);
    }
  }
}

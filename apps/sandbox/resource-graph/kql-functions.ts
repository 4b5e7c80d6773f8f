import { regexOf } from './kql-text-operators.js';
import { type KqlType, type KqlValue, Timespan, compareValues, dateOf, numberOf, textOf } from './kql-value.js';
import { QueryError } from './query-error.js';

/** A scalar function; `type` may depend on the types of its arguments. */
export interface KqlFunction {
  readonly arguments: readonly [min: number, max: number];
  readonly type: KqlType | ((argumentTypes: readonly KqlType[]) => KqlType);
  readonly call: (values: readonly KqlValue[], now: Date, argumentTypes: readonly KqlType[]) => KqlValue;
}

const MANY = Number.MAX_SAFE_INTEGER;

const fn = (
  min: number,
  max: number,
  type: KqlFunction['type'],
  call: (...values: KqlValue[]) => KqlValue,
): KqlFunction => ({ arguments: [min, max], type, call: (values) => call(...values) });

/** Text that is no whole number is null, also where it is a fraction; how a real is cut to size is left alone. */
const toInteger = (value: KqlValue): KqlValue => {
  if (typeof value === 'string') return /^\s*[-+]?\d+\s*$/.test(value) ? Number(value) : null;
  const number = numberOf(value);
  if (number !== null && !Number.isInteger(number)) throw new QueryError(`Making ${number} whole is not supported.`);
  return number;
};
const toBoolean = (value: KqlValue): KqlValue => {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const text = textOf(value).toLowerCase();
  return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : null;
};
const parseJson = (value: KqlValue): KqlValue => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as KqlValue;
  } catch {
    return value;
  }
};
const choose = (values: readonly KqlValue[]): KqlValue => {
  for (let index = 0; index + 1 < values.length; index += 2)
    if (values[index] === true) return values[index + 1] ?? null;
  return values.at(-1) ?? null;
};
const secondType = (types: readonly KqlType[]): KqlType => types[1] ?? 'object';
const firstType = (types: readonly KqlType[]): KqlType => types[0] ?? 'object';
const isEmptyValue = (value: KqlValue): boolean => value === null || value === '';
const rounded = (value: KqlValue, digits: KqlValue = 0): KqlValue => {
  const number = numberOf(value);
  const factor = 10 ** (numberOf(digits) ?? 0);
  return number === null ? null : (Math.sign(number) * Math.round(Math.abs(number) * factor)) / factor;
};

const PERIODS_MS: Readonly<Record<string, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1_000,
  millisecond: 1,
};

function datetimeDiff(period: KqlValue, a: KqlValue, b: KqlValue): KqlValue {
  const [later, earlier, unit] = [dateOf(a), dateOf(b), textOf(period).toLowerCase()];
  if (!later || !earlier) return null;
  const months = (later.getUTCFullYear() - earlier.getUTCFullYear()) * 12 + later.getUTCMonth() - earlier.getUTCMonth();
  if (unit === 'month') return months;
  if (unit === 'year') return later.getUTCFullYear() - earlier.getUTCFullYear();
  const ms = PERIODS_MS[unit];
  if (ms === undefined) throw new QueryError(`datetime_diff() by '${unit}' is not supported.`);
  // Kusto counts the boundaries crossed, not the full periods passed.
  return Math.floor(later.getTime() / ms) - Math.floor(earlier.getTime() / ms);
}

function split(value: KqlValue, delimiter: KqlValue, index?: KqlValue): KqlValue {
  if (textOf(delimiter) === '') return null;
  const parts = textOf(value).split(textOf(delimiter));
  if (index === undefined) return parts;
  const part = parts[numberOf(index) ?? -1];
  return part === undefined ? null : [part];
}

function extract(pattern: KqlValue, group: KqlValue, value: KqlValue): KqlValue {
  return regexOf(textOf(pattern)).exec(textOf(value))?.[numberOf(group) ?? 0] ?? '';
}

function substring(value: KqlValue, start: KqlValue, length?: KqlValue): KqlValue {
  const from = numberOf(start) ?? 0;
  const count = length === undefined ? undefined : (numberOf(length) ?? 0);
  if (from < 0 || (count ?? 0) < 0) throw new QueryError('substring() with negative numbers is not supported.');
  return textOf(value).slice(from, count === undefined ? undefined : from + count);
}

const toText = fn(1, 1, 'string', textOf);
const toLong = fn(1, 1, 'integer', toInteger);
const toDouble = fn(1, 1, 'number', numberOf);
const toBool = fn(1, 1, 'boolean', toBoolean);
const iff = fn(3, 3, secondType, (condition, yes, no) => (condition === true ? yes : no) ?? null);
const dynamicOf = fn(1, 1, 'object', parseJson);

/** Every scalar function a query may call, by its lower-case name. */
export const KQL_FUNCTIONS: Readonly<Record<string, KqlFunction>> = {
  tolower: fn(1, 1, 'string', (value) => textOf(value).toLowerCase()),
  toupper: fn(1, 1, 'string', (value) => textOf(value).toUpperCase()),
  tostring: toText,
  toint: toLong,
  tolong: toLong,
  todouble: toDouble,
  toreal: toDouble,
  todecimal: toDouble,
  tobool: toBool,
  toboolean: toBool,
  todatetime: fn(1, 1, 'datetime', dateOf),
  todynamic: dynamicOf,
  parse_json: dynamicOf,
  isnull: fn(1, 1, 'boolean', (value) => value === null),
  isnotnull: fn(1, 1, 'boolean', (value) => value !== null),
  isempty: fn(1, 1, 'boolean', (value) => isEmptyValue(value)),
  isnotempty: fn(1, 1, 'boolean', (value) => !isEmptyValue(value)),
  not: fn(1, 1, 'boolean', (value) => (typeof value === 'boolean' ? !value : null)),
  iff,
  iif: iff,
  case: fn(3, MANY, secondType, (...values) => choose(values)),
  // Only among strings is the empty one passed over: a dynamic value that is empty text is not null.
  coalesce: {
    arguments: [2, MANY],
    type: firstType,
    call: (values, _now, types) =>
      values.find((value, index) => (types[index] === 'string' ? value !== '' : value !== null)) ?? null,
  },
  array_length: fn(1, 1, 'integer', (value) => (Array.isArray(value) ? value.length : null)),
  strcat: fn(1, MANY, 'string', (...values) => values.map(textOf).join('')),
  strlen: fn(1, 1, 'integer', (value) => [...textOf(value)].length),
  substring: fn(2, 3, 'string', (value, start, length) => substring(value, start, length)),
  split: fn(2, 3, 'object', (value, delimiter, index) => split(value, delimiter, index)),
  // A fourth argument would convert; it is refused like any other that is not known.
  extract: fn(3, 3, 'string', (pattern, group, value) => extract(pattern, group, value)),
  replace_string: fn(3, 3, 'string', (value, from, to) => textOf(value).replaceAll(textOf(from), textOf(to))),
  bag_keys: fn(1, 1, 'object', (value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value as object) : null,
  ),
  datetime_diff: fn(3, 3, 'integer', (period, a, b) => datetimeDiff(period, a, b)),
  round: fn(1, 2, 'number', (value, digits) => rounded(value, digits)),
  abs: fn(1, 1, 'number', (value) => {
    const number = numberOf(value);
    return number === null ? null : Math.abs(number);
  }),
  min_of: fn(2, MANY, firstType, (...values) => extreme(values, -1)),
  max_of: fn(2, MANY, firstType, (...values) => extreme(values, 1)),
  now: {
    arguments: [0, 1],
    type: 'datetime',
    call: ([offset], now) => new Date(now.getTime() + (offset instanceof Timespan ? offset.ms : 0)),
  },
  ago: {
    arguments: [1, 1],
    type: 'datetime',
    call: ([span], now) => (span instanceof Timespan ? new Date(now.getTime() - span.ms) : null),
  },
};

function extreme(values: readonly KqlValue[], sign: 1 | -1): KqlValue {
  return values.reduce((best, value) => {
    const order = compareValues(value, best);
    return best === null || (order !== null && order * sign > 0) ? value : best;
  }, null);
}

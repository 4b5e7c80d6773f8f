/** A duration in milliseconds. */
export class Timespan {
  constructor(readonly ms: number) {}
}

/** A scalar or dynamic value; dynamic objects and arrays are plain JSON values. */
export type KqlValue =
  null | string | number | boolean | Date | Timespan | readonly unknown[] | { readonly [key: string]: unknown };

/** Column types as Resource Graph reports them; `timespan` is written as text. */
export type KqlType = 'string' | 'integer' | 'number' | 'boolean' | 'datetime' | 'timespan' | 'object';

/** A column of a table. */
export interface KqlColumn {
  readonly name: string;
  readonly type: KqlType;
}

/** Rows are arrays parallel to the columns. */
export interface KqlTable {
  readonly columns: readonly KqlColumn[];
  readonly rows: readonly (readonly KqlValue[])[];
}

/** What a column of this type holds where there is no value: strings are never null. */
export function emptyOf(type: KqlType): KqlValue {
  return type === 'string' ? '' : null;
}

/** Text of a value as `tostring` gives it; null is empty text. */
export function textOf(value: KqlValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return instantText(value);
  if (value instanceof Timespan) return timespanText(value);
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A number, or null for what is none. */
export function numberOf(value: KqlValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

/** A date, or null for what is none. A text without a zone is UTC. */
export function dateOf(value: KqlValue): Date | null {
  if (value instanceof Date) return value;
  if (typeof value !== 'string' || !/^\d{4}-\d{2}/.test(value)) return null;
  const iso = value
    .trim()
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d+/, '$1');
  const date = new Date(/T/.test(iso) && !/(Z|[+-]\d{2}:?\d{2})$/i.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** The value as it appears in an answer's JSON. */
export function jsonOf(value: KqlValue): unknown {
  return value instanceof Date || value instanceof Timespan ? textOf(value) : value;
}

/** Negative, zero or positive; null when the values cannot be compared or one is null. */
export function compareValues(a: KqlValue, b: KqlValue): number | null {
  if (a === null || b === null) return null;
  if (a instanceof Date || b instanceof Date) {
    const [left, right] = [dateOf(a), dateOf(b)];
    return left && right ? left.getTime() - right.getTime() : null;
  }
  if (a instanceof Timespan && b instanceof Timespan) return a.ms - b.ms;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'object' || typeof b === 'object') return null;
  if (typeof a === 'string' || typeof b === 'string') return null;
  return Number(a) - Number(b);
}

/** Three-valued equality: comparing two nulls says nothing, a null and a value differ. */
export function equalValues(a: KqlValue, b: KqlValue): boolean | null {
  if (a === null && b === null) return null;
  if (a === null || b === null) return false;
  if (typeof a === 'object' && typeof b === 'object' && !(a instanceof Date) && !(b instanceof Date)) {
    return JSON.stringify(a) === JSON.stringify(b);
  }
  return compareValues(a, b) === 0;
}

/** Text that is equal for equal values: the key rows are grouped and joined by. */
export function keyOf(value: KqlValue): string {
  return value === null ? 'null' : `${typeof value}:${textOf(value)}`;
}

function instantText(date: Date): string {
  return date.toISOString().replace(/\.(\d{3})Z$/, '.$10000Z');
}

function timespanText({ ms }: Timespan): string {
  const total = Math.abs(ms);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const days = Math.floor(total / 86_400_000);
  const clock = `${two((total / 3_600_000) % 24)}:${two((total / 60_000) % 60)}:${two((total / 1000) % 60)}`;
  return `${ms < 0 ? '-' : ''}${days ? `${days}.` : ''}${clock}`;
}

import type { SchemaElement } from 'hyparquet';

/** A stored value, as text; null for none. */
export type CellReader = (stored: unknown) => string | null;

/** What is left when a value of this type is read without conversion: what it meant is applied by `cellReader`. */
export function withoutConversion(element: SchemaElement): SchemaElement {
  const { converted_type: _converted, logical_type: _logical, ...physical } = element;
  return physical;
}

/**
 * How values of a column are written as text: decimals with every digit, floating point in the shortest form that reads
 * back as the same number, instants in UTC.
 */
export function cellReader(element: SchemaElement): CellReader {
  const read = readerOf(element);
  return (stored) => (stored === null || stored === undefined ? null : read(stored as never));
}

// What a column stores is what its type says; the file's own damage shows in what is read.
function readerOf({ type, converted_type, logical_type, scale }: SchemaElement): (stored: never) => string {
  const meaning = logical_type?.type;
  if (converted_type === 'DECIMAL' || meaning === 'DECIMAL') {
    const digits = scale ?? (logical_type as { scale?: number } | undefined)?.scale ?? 0;
    return (stored: number | bigint | Uint8Array) => decimal(unscaled(stored), digits);
  }
  if (converted_type === 'DATE' || meaning === 'DATE')
    return (days: number) => new Date(days * 86_400_000).toISOString().slice(0, 10);
  if (converted_type === 'TIMESTAMP_MILLIS') return (at: bigint) => instant(at, 1n);
  if (converted_type === 'TIMESTAMP_MICROS') return (at: bigint) => instant(at, 1_000n);
  if (logical_type?.type === 'TIMESTAMP') {
    const perMillisecond = { MILLIS: 1n, MICROS: 1_000n, NANOS: 1_000_000n }[logical_type.unit];
    return (at: bigint) => instant(at, perMillisecond);
  }
  // Read without their meaning, those above the middle are negative.
  if (converted_type?.startsWith('UINT_') || (logical_type?.type === 'INTEGER' && !logical_type.isSigned)) {
    return (stored: number | bigint) => String(typeof stored === 'bigint' ? BigInt.asUintN(64, stored) : stored >>> 0);
  }
  if (type === 'INT96') return (nanoseconds: bigint) => instant(nanoseconds, 1_000_000n);
  if (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY')
    return ({ buffer, byteOffset, byteLength }: Uint8Array) =>
      Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  if (type === 'FLOAT') return shortestFloat;
  return (stored: number | bigint | boolean) => String(stored);
}

/** Parquet keeps large decimals as two's complement, most significant byte first. */
function unscaled(stored: number | bigint | Uint8Array): bigint {
  if (!(stored instanceof Uint8Array)) return BigInt(stored);
  const hex = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength).toString('hex');
  return hex === '' ? 0n : BigInt.asIntN(stored.byteLength * 8, BigInt(`0x${hex}`));
}

function decimal(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** To the millisecond: finer digits never decide the day, because they are cut towards the past. */
function instant(at: bigint, perMillisecond: bigint): string {
  const milliseconds = at / perMillisecond - (at % perMillisecond < 0n ? 1n : 0n);
  return new Date(Number(milliseconds)).toISOString();
}

/** A 32-bit float has at most nine digits; as a 64-bit one it would show digits that were never stored. */
function shortestFloat(stored: number): string {
  for (let precision = 1; precision < 9; precision += 1) {
    const short = Number(stored.toPrecision(precision));
    if (Math.fround(short) === stored) return String(short);
  }
  return String(stored);
}

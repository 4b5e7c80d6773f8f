import { TransientSourceError } from '#core/errors.js';
import { parseLossless, type RowTakers } from '#core/lossless-json.js';

/** A JSON object of which nothing is known yet. */
export type JsonObject = Record<string, unknown>;

/**
 * An answer's JSON with every number as the string that stood in it, and without the rows that are taken; null for an empty
 * body. Throws `TransientSourceError` for invalid UTF-8 or JSON: a proxy's page or a cut answer may be gone the next time.
 * What a taker throws is thrown as it is.
 */
export function parseMoneyBody(body: Uint8Array, takers?: RowTakers): unknown {
  return parse(body, (bytes) => parseLossless(bytes, takers));
}

/**
 * An answer's JSON with ordinary numbers, except integers that a double cannot hold: those stay strings.
 * Null for an empty body; throws as `parseMoneyBody` does.
 */
export function parsePlainBody(body: Uint8Array): unknown {
  return parse(body, (bytes) => {
    const text = UTF8.decode(bytes);
    return MAYBE_LARGE.test(text)
      ? (JSON.parse(text, keepLargeIntegers as (key: string, value: unknown) => unknown) as unknown)
      : (JSON.parse(text) as unknown);
  });
}

/**
 * Every number that a double cannot hold has sixteen digits in a row or an exponent of three. Looking for one first is
 * worth it: with a reviver, which is called for every value, parsing takes ten times as long.
 */
const MAYBE_LARGE = /(?:^|[[:,\s])-?(?:\d{16}|\d[\d.]*[eE]\+?\d{3})/;

/**
 * Throws `TransientSourceError` for what cannot be all of a JSON object: a proxy's page, or an answer that was cut. A body
 * of nothing is nothing.
 */
export function requireWholeJson(body: Uint8Array): void {
  if (body.length === 0) return;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const start = bytes.toString('utf8', 0, EDGE_BYTES).trimStart();
  const end = bytes.toString('utf8', Math.max(0, body.length - EDGE_BYTES)).trimEnd();
  if (!start.startsWith('{') || !end.endsWith('}')) throw notJson(body);
}

/** True for a JSON object (no array, no null). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty string, or null for anything else: Azure writes absent text as `""`, null or not at all. */
export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The first and last character are within so many bytes, unless there is more white space than anyone writes. */
const EDGE_BYTES = 64;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parse(body: Uint8Array, parser: (bytes: Uint8Array) => unknown): unknown {
  if (body.length === 0) return null;
  try {
    return parser(body);
  } catch (cause) {
    const isNotUtf8 = (cause as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
    if (!(cause instanceof SyntaxError || isNotUtf8)) throw cause;
    throw notJson(body, cause);
  }
}

function notJson({ length }: Uint8Array, cause?: unknown): TransientSourceError {
  return new TransientSourceError(`Azure answered with a body of ${length} bytes that is not valid JSON.`, { cause });
}

function keepLargeIntegers(_key: string, value: unknown, context: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return /^-?\d+$/.test(context.source ?? '') || !Number.isFinite(value) ? context.source : value;
}

import { invalidQuery } from './query-body.js';

const DEFAULT_PAGE_ROWS = 1_000;
const MAX_PAGE_ROWS = 5_000;

/** The page index of a `$skiptoken`: base64 of a little-endian 32-bit integer. */
export function pageIndexOf(token: string | undefined): number {
  if (token === undefined) return 0;
  const bytes = Buffer.from(token, 'base64');
  const index = bytes.length === 4 ? bytes.readInt32LE(0) : -1;
  if (index < 1) return invalidQuery(`Invalid skip token '${token}'.`);
  return index;
}

/** The `$skiptoken` of a page index. */
export function pageToken(index: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(index);
  return bytes.toString('base64');
}

/** Rows per page for a `$top`: 1,000 unless asked for, 5,000 at most. */
export function pageRowsOf(top: string | undefined): number {
  if (top === undefined) return DEFAULT_PAGE_ROWS;
  const rows = /^\d+$/.test(top) ? Number(top) : 0;
  if (rows < 1) return invalidQuery(`Invalid $top value '${top}'.`);
  return Math.min(rows, MAX_PAGE_ROWS);
}

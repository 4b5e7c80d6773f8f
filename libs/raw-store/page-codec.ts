import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gunzip, gzip, type ZlibOptions } from 'node:zlib';
import { InvariantError } from '#core/errors.js';
import type { StoredPage } from './raw-store.js';

/** Each piece that comes out is a call into our thread. */
const CHUNK_BYTES = 64 * 1024;
const gzipped = promisify<Uint8Array, ZlibOptions, Buffer>(gzip);

/**
 * The page as it is stored: gzip of the exact bytes, at the quickest level. The usual one makes pages of costs a third
 * smaller, but took three times as long, which was an eighth of all that ingesting costs takes.
 */
export function compressPage(page: Uint8Array): Promise<Buffer> {
  return gzipped(page, { level: constants.Z_BEST_SPEED, chunkSize: CHUNK_BYTES });
}

/** The page as it was received, from its stored form; rejects when that is damaged. */
export const decompressPage: (stored: Uint8Array) => Promise<Buffer> = promisify(gunzip);

/** Describes a page that is now stored under `path` in `storedBytes` bytes. */
export function describePage(path: string, page: Uint8Array, storedBytes: number): StoredPage {
  return { path, sha256: sha256Of(page), bytes: page.length, storedBytes };
}

/** Throws `InvariantError` unless what is stored under `path` already is `page`. */
export async function requireSamePage(path: string, stored: Uint8Array, page: Uint8Array): Promise<void> {
  const existing = await decompressPage(stored).catch(() => null);
  if (existing === null || sha256Of(existing) !== sha256Of(page)) {
    throw new InvariantError(`The raw page ${path} exists with other content; raw pages are never overwritten.`);
  }
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

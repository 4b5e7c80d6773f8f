import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '#core/clock.js';
import { LakeRawStore } from './lake-raw-store.js';
import { LocalRawStore } from './local-raw-store.js';
import { parseRawLocation } from './raw-location.js';
import type { RawStore } from './raw-store.js';

export interface RawStoreOptions {
  /** `abfss://…`, `https://host/[account/]filesystem`, a `file:` URL or a path. */
  url: string;
  /** Asked only when the store is a lake; it must remember tokens itself. */
  credential: () => TokenCredential;
  clock: Clock;
  /** 0 ≤ r < 1; spreads retries. */
  random: () => number;
  /** For all requests of one attempt to write or read a page; 100,000 by default. */
  attemptTimeoutMs?: number;
}

/** The raw store that a URL names; throws `ConfigurationError` when it names none. Nothing is contacted yet. */
export function createRawStore({
  url,
  credential,
  clock,
  random,
  attemptTimeoutMs = 100_000,
}: RawStoreOptions): RawStore {
  const location = parseRawLocation(url);
  if (location.kind === 'folder') return new LocalRawStore(location.folder);
  const storage = { namedBy: 'RAW_STORAGE_URL', role: 'Storage Blob Data Contributor' };
  return new LakeRawStore({ location, credential: credential(), clock, random, attemptTimeoutMs, storage });
}

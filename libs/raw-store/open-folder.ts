import { ConfigurationError, InvalidInputError } from '#core/errors.js';
import type { FileFolder } from '#core/file-folder.js';
import type { RawStoreOptions } from './create-raw-store.js';
import { LakeFolder } from './lake-folder.js';
import { LocalFolder } from './local-folder.js';
import { parseRawLocation, type RawLocation } from './raw-location.js';

/**
 * The folder that a URL or path names, for reading; nothing is contacted yet. Throws `InvalidInputError` for what names
 * none.
 */
export function openFolder({
  url,
  credential,
  clock,
  random,
  attemptTimeoutMs = 100_000,
}: RawStoreOptions): FileFolder {
  const location = locate(url);
  if (location.kind === 'folder') return new LocalFolder(location.folder);
  const storage = { namedBy: url, role: 'Storage Blob Data Reader' };
  return new LakeFolder(url, { location, credential: credential(), clock, random, attemptTimeoutMs, storage });
}

function locate(url: string): RawLocation {
  try {
    return parseRawLocation(url);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new InvalidInputError(
      `${url.replace(/\?.*$/s, '?…')} is no folder: name abfss://filesystem@account.dfs.core.windows.net/folder, https://account.dfs.core.windows.net/filesystem/folder (without SAS or user), or a path.`,
    );
  }
}

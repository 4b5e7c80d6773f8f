import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { AzCops } from './azcops.js';

/** Every page that the database knows is in the folder with the content it had, and no file there is broken. */
export async function expectWholeFiles(azcops: AzCops, folder: string): Promise<void> {
  const pages = await azcops.sql<{ path: string; sha256: string }>('SELECT path, sha256 FROM raw_snapshots');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    // What a killed process was writing keeps a temporary name, which nothing reads.
    .filter((file) => !file.endsWith('.tmp'));
  const stored = files.map((file) => {
    const page = gunzipSync(readFileSync(file));
    return `${relative(folder, file)} ${createHash('sha256').update(page).digest('hex')}`;
  });
  expect(pages.length).toBeGreaterThan(0);
  expect(stored).toEqual(expect.arrayContaining(pages.map(({ path, sha256 }) => `${path} ${sha256}`)));
}

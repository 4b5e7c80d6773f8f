import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidInputError } from '#core/errors.js';
import { blocksOf, type FolderFile } from '#core/file-folder.js';
import { LocalFolder, openLocalFile } from './local-folder.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'azcops-folder-'));
  mkdirSync(join(root, 'a', 'b'), { recursive: true });
  writeFileSync(join(root, 'one.txt'), 'one');
  writeFileSync(join(root, 'a', 'b', 'two ü.txt'), '0123456789');
  symlinkSync(root, join(root, 'a', 'loop'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function filesOf(folder: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for await (const file of new LocalFolder(folder).list()) files.push(file);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

describe('a local folder', () => {
  it('lists the files below it, without following links, and reads ranges of them', async () => {
    const [deep, top] = await filesOf(root);
    expect([deep?.path, top?.path]).toEqual(['a/b/two ü.txt', 'one.txt']);
    expect([deep?.name, deep?.bytes]).toEqual([join(root, 'a', 'b', 'two ü.txt'), 10]);
    expect(Buffer.from(await deep!.read(3, 6)).toString()).toBe('345');
    expect(await deep!.read(4, 4)).toHaveLength(0);
  });

  it('says of a file behind a link, once it is needed, that links are not followed', async () => {
    const linked = join(root, 'linked');
    mkdirSync(linked);
    symlinkSync(join(root, 'one.txt'), join(linked, 'part.csv'));
    symlinkSync(join(root, 'a'), join(linked, 'folder.csv'));
    symlinkSync(join(root, 'nowhere'), join(linked, 'broken.csv'));
    const files = await filesOf(linked);
    rmSync(linked, { recursive: true });
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([['part.csv', 3]]);
    const read = files[0]!.read(0, 1);
    await expect(read).rejects.toThrow(InvalidInputError);
    await expect(read).rejects.toThrow(`${join(linked, 'part.csv')} is a link, and links are not followed`);
  });

  it('that is not there, or is a file, is refused', async () => {
    await expect(filesOf(join(root, 'none'))).rejects.toThrow(`There is no ${join(root, 'none')}.`);
    await expect(filesOf(join(root, 'one.txt'))).rejects.toThrow(InvalidInputError);
    await expect(openLocalFile(root)).rejects.toThrow('cannot be read: it is not a file');
  });

  it('notices a file that shrinks while it is read', async () => {
    const path = join(root, 'shrinks');
    writeFileSync(path, 'x'.repeat(100));
    const file = await openLocalFile(path);
    truncateSync(path, 10);
    await expect(file.read(0, 100)).rejects.toThrow('became shorter while it was read');
  });

  it('gives a file block by block, all of it', async () => {
    const path = join(root, 'large');
    const content = Buffer.from(Array.from({ length: 9 * 1024 * 1024 }, (_, index) => index % 251));
    writeFileSync(path, content);
    const sizes: number[] = [];
    const blocks: Uint8Array[] = [];
    for await (const block of blocksOf(await openLocalFile(path))) {
      sizes.push(block.length);
      blocks.push(block);
    }
    expect(sizes.length).toBeGreaterThan(1);
    expect(Buffer.concat(blocks).equals(content)).toBe(true);
  });
});

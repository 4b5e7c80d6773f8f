import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InvariantError } from '#core/errors.js';
import { LocalRawStore } from './local-raw-store.js';

const PATH = 't/c/2026/04/01/page.json.gz';
const PAGE = Buffer.from('{"cost":1.50E-05,"ä":"ö"}\r\n');

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'raw-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const files = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true })).filter((e) => e.isFile()).map((e) => e.name);

describe('LocalRawStore', () => {
  it('keeps the exact bytes, gzipped, with the hash of the original', async () => {
    const store = new LocalRawStore(root);
    const stored = await store.write(PATH, PAGE);
    const onDisk = await readFile(join(root, PATH));
    expect(gunzipSync(onDisk)).toEqual(PAGE);
    expect(stored).toEqual({
      path: PATH,
      sha256: '3d7270aca1af19c88ba1adb1bc5537b197f4d6238e12e3eb4787552a61f3a640',
      bytes: PAGE.length,
      storedBytes: onDisk.length,
    });
    expect(Buffer.from((await store.read(PATH))!)).toEqual(PAGE);
    expect(await files()).toEqual(['page.json.gz']);
  });

  it('takes the same page twice, and never another one', async () => {
    const store = new LocalRawStore(root);
    const first = await store.write(PATH, PAGE);
    expect(await store.write(PATH, PAGE)).toEqual(first);
    await expect(store.write(PATH, Buffer.from('other'))).rejects.toThrow(InvariantError);
    expect(Buffer.from((await store.read(PATH))!)).toEqual(PAGE);
    expect(await files()).toEqual(['page.json.gz']);
  });

  it('lets exactly one of many writers win', async () => {
    const store = new LocalRawStore(root);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => store.write(PATH, Buffer.from(`page ${index}`))),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await files()).toEqual(['page.json.gz']);
  });

  it('says what to do where nothing can be written', async () => {
    await writeFile(join(root, 'file'), '');
    await expect(new LocalRawStore(join(root, 'file', 'raw')).write(PATH, PAGE)).rejects.toMatchObject({
      name: 'StorageError',
      message: `The raw store in ${join(root, 'file', 'raw')} cannot be written (ENOTDIR).`,
      action: expect.stringContaining('RAW_STORAGE_URL') as string,
    });
  });

  it('is not blocked by what a crash has left behind, but does not trust a damaged page', async () => {
    const folder = join(root, 't/c/2026/04/01');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.page.json.gz.crashed.tmp'), 'half');
    const store = new LocalRawStore(root);
    await store.write(PATH, PAGE);
    await writeFile(join(folder, 'empty.json.gz'), '');
    await expect(store.write('t/c/2026/04/01/empty.json.gz', PAGE)).rejects.toThrow(InvariantError);
  });

  it('reads only what is there, and nothing outside', async () => {
    const store = new LocalRawStore(join(root, 'inner'));
    expect(await store.read(PATH)).toBeNull();
    await expect(store.read('../secret')).rejects.toThrow(InvariantError);
    await expect(store.write('../escaped', PAGE)).rejects.toThrow(InvariantError);
    expect(await files()).toEqual([]);
  });
});

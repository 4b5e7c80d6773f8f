import { randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StorageError } from '#core/errors.js';
import { compressPage, decompressPage, describePage, requireSamePage } from './page-codec.js';
import { requirePlainPath } from './raw-path.js';
import type { RawStore, StoredPage } from './raw-store.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** File systems without hard links (FAT, some network shares) answer `link` with one of these. */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** A raw store in a folder of this machine. */
export class LocalRawStore implements RawStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = resolve(root);
  }

  async write(path: string, page: Uint8Array): Promise<StoredPage> {
    const target = this.#locate(path);
    const compressed = await compressPage(page);
    try {
      return await this.#place(path, target, page, compressed);
    } catch (error) {
      throw this.#described(error);
    }
  }

  async #place(path: string, target: string, page: Uint8Array, compressed: Buffer): Promise<StoredPage> {
    await mkdir(dirname(target), { recursive: true });
    const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
    try {
      await writeDurably(temporary, compressed);
      if (await placeExclusively(temporary, target)) {
        await syncFolder(dirname(target));
        return describePage(path, page, compressed.length);
      }
    } finally {
      await unlink(temporary).catch(ignoreMissing);
    }
    const stored = await readFile(target);
    await requireSamePage(path, stored, page);
    return describePage(path, page, stored.length);
  }

  async read(path: string): Promise<Uint8Array | null> {
    const stored = await readFile(this.#locate(path)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    return stored && decompressPage(stored);
  }

  /** What the file system refuses, as something that an admin can mend. */
  #described(error: unknown): unknown {
    const code = codeOf(error);
    if (!code) return error;
    const action = FULL.has(code)
      ? 'Free space there, or lead RAW_STORAGE_URL to a larger place.'
      : 'Make the folder writable for the account of this process, or lead RAW_STORAGE_URL to one that is.';
    return new StorageError(`The raw store in ${this.#root} cannot be written (${code}).`, action, { cause: error });
  }

  #locate(path: string): string {
    return join(this.#root, requirePlainPath(path));
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx');
  await file.writeFile(bytes);
  await file.sync();
}

/**
 * Gives a finished file its final name; false when that name is taken. A hard link appears in one step and never
 * replaces, which a rename would; the temporary name is removed by the caller.
 */
async function placeExclusively(temporary: string, target: string): Promise<boolean> {
  try {
    await link(temporary, target);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    if (!NO_HARD_LINKS.has(code)) throw error;
  }
  // Without hard links, looking first is enough: a path belongs to one attempt of one window and has one writer.
  if (
    await access(target).then(
      () => true,
      () => false,
    )
  )
    return false;
  await rename(temporary, target);
  return true;
}

/** The new name itself must survive a power cut; not every platform lets a folder be synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code ?? '';
}

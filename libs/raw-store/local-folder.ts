import { open, opendir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InvalidInputError } from '#core/errors.js';
import type { FileFolder, FolderFile, RandomAccessFile } from '#core/file-folder.js';

/** A folder on a disk. Links to files are listed, but not followed: reading one throws `InvalidInputError`. */
export class LocalFolder implements FileFolder {
  constructor(readonly name: string) {}

  async *list(): AsyncGenerator<FolderFile> {
    try {
      for await (const entry of await opendir(this.name, { recursive: true })) {
        const file = join(entry.parentPath, entry.name);
        const isLink = entry.isSymbolicLink() && (await isLinkToFile(file));
        if (!entry.isFile() && !isLink) continue;
        const { mtime } = await stat(file);
        const path = relative(this.name, file).split(sep).join('/');
        yield { ...(await openLocalFile(file)), path, modifiedAt: mtime, ...(isLink && { read: refuseLink(file) }) };
      }
    } catch (error) {
      throw readable(error, this.name);
    }
  }
}

/** False for a link to a folder, or to nothing. */
async function isLinkToFile(name: string): Promise<boolean> {
  try {
    return (await stat(name)).isFile();
  } catch {
    return false;
  }
}

const refuseLink = (name: string) => async () => {
  throw new InvalidInputError(`${name} is a link, and links are not followed: put the file itself there.`);
};

/** A file on a disk; throws `InvalidInputError` when there is none, or it cannot be read. */
export async function openLocalFile(name: string): Promise<RandomAccessFile> {
  try {
    const found = await stat(name);
    if (!found.isFile()) throw new InvalidInputError(`${name} cannot be read: it is not a file.`);
    return {
      name,
      bytes: found.size,
      read: async (from, to) => {
        try {
          return await readRange(name, from, to);
        } catch (error) {
          throw readable(error, name);
        }
      },
    };
  } catch (error) {
    throw readable(error, name);
  }
}

async function readRange(name: string, from: number, to: number): Promise<Uint8Array> {
  const handle = await open(name);
  try {
    const buffer = new Uint8Array(to - from);
    let filled = 0;
    while (filled < buffer.length) {
      const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, from + filled);
      if (bytesRead === 0) throw new InvalidInputError(`${name} became shorter while it was read.`);
      filled += bytesRead;
    }
    return buffer;
  } finally {
    await handle.close();
  }
}

function readable(error: unknown, name: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return new InvalidInputError(`There is no ${name}.`);
  if (code === 'EACCES' || code === 'EISDIR') return new InvalidInputError(`${name} cannot be read (${code}).`);
  return error;
}

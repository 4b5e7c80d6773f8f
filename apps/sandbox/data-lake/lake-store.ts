import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, unlink, writeFile, open } from 'node:fs/promises';
import path from 'node:path';
import { checkFileSystemName, checkPath, lakeError } from './lake-path.js';

/** What is known about a file or directory. */
export interface PathStatus {
  readonly isDirectory: boolean;
  readonly length: number;
  readonly modifiedAt: Date;
  readonly etag: string;
}

/** A file or directory with its path below the file system. */
export interface ListedPath extends PathStatus {
  readonly name: string;
}

/** File systems kept as folders below `root`; names were checked, so nothing can lie outside. */
export class LakeStore {
  /** Data appended to a file and not yet flushed, by file. */
  private readonly uncommitted = new Map<string, Buffer[]>();

  constructor(private readonly root: string) {}

  /** Creates a file system; 409 when it exists. */
  async createFileSystem(name: string): Promise<void> {
    await mkdir(this.root, { recursive: true });
    await mkdir(this.fileSystemFolder(name)).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
      throw lakeError(409, 'FilesystemAlreadyExists', 'The specified filesystem already exists.');
    });
  }

  /** The folder of a file system, which is created when it does not exist. */
  async ensureFileSystem(name: string): Promise<string> {
    const folder = this.fileSystemFolder(name);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async deleteFileSystem(name: string): Promise<void> {
    await this.requireFileSystem(name);
    await rm(this.fileSystemFolder(name), { recursive: true });
  }

  /** The folder of an existing file system; 404 otherwise. */
  async requireFileSystem(name: string): Promise<string> {
    const folder = this.fileSystemFolder(name);
    if ((await stat(folder).catch(() => undefined)) === undefined) {
      throw lakeError(404, 'FilesystemNotFound', 'The specified filesystem does not exist.');
    }
    return folder;
  }

  /** Creates a file with this content in one step. With `mustBeNew` an existing path is a 409. */
  async putFile(
    fileSystem: string,
    name: string,
    content: Buffer,
    mustBeNew: boolean,
    conflict = 'PathAlreadyExists',
  ): Promise<PathStatus> {
    const file = await this.locate(fileSystem, name);
    await this.makeParents(file);
    const temporary = path.join(this.root, `.upload-${randomUUID()}`);
    await writeFile(temporary, content);
    await this.moveIn(temporary, file, mustBeNew, conflict);
    this.uncommitted.delete(file);
    return statusOf(file);
  }

  async createDirectory(fileSystem: string, name: string, mustBeNew: boolean): Promise<PathStatus> {
    const folder = await this.locate(fileSystem, name);
    await this.makeParents(folder);
    await mkdir(folder).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
      if (mustBeNew) throw alreadyExists('PathAlreadyExists');
    });
    return statusOf(folder);
  }

  /** Takes data for the end of a file; `position` must continue what was appended before. */
  async append(fileSystem: string, name: string, position: number, data: Buffer): Promise<void> {
    const file = await this.locate(fileSystem, name);
    const { length } = await this.status(fileSystem, name);
    const pending = this.uncommitted.get(file) ?? [];
    if (position !== length + sizeOf(pending)) throw invalidPosition();
    this.uncommitted.set(file, [...pending, data]);
  }

  /** Writes what was appended; `position` must be the length the file then has. */
  async flush(fileSystem: string, name: string, position: number): Promise<PathStatus> {
    const file = await this.locate(fileSystem, name);
    const { length } = await this.status(fileSystem, name);
    const pending = this.uncommitted.get(file) ?? [];
    if (position !== length + sizeOf(pending)) throw invalidPosition();
    const handle = await open(file, 'a');
    try {
      await handle.writeFile(Buffer.concat(pending));
    } finally {
      await handle.close();
    }
    this.uncommitted.delete(file);
    return statusOf(file);
  }

  /** Moves a file or directory. With `mustBeNew` an existing target is a 409. */
  async rename(
    source: { fileSystem: string; name: string },
    fileSystem: string,
    name: string,
    mustBeNew: boolean,
  ): Promise<PathStatus> {
    const from = await this.locate(source.fileSystem, source.name);
    const { isDirectory } = await statusOf(from).catch(() => {
      throw lakeError(404, 'SourcePathNotFound', 'The source path for a rename operation does not exist.');
    });
    const to = await this.locate(fileSystem, name);
    if (mustBeNew && (await stat(to).catch(() => undefined)) !== undefined) throw alreadyExists('PathAlreadyExists');
    // Unlike a creation, a rename makes no folders.
    if ((await stat(path.dirname(to)).catch(() => undefined)) === undefined) {
      throw lakeError(
        404,
        'RenameDestinationParentPathNotFound',
        'The parent directory of the destination path does not exist.',
      );
    }
    if (isDirectory) await rename(from, to);
    else await this.moveIn(from, to, mustBeNew, 'PathAlreadyExists');
    return statusOf(to);
  }

  /** The bytes of a file from `from` up to, not including, `to`, as far as it has them. */
  async read(fileSystem: string, name: string, from: number, to: number): Promise<Buffer> {
    const handle = await open(await this.locate(fileSystem, name));
    try {
      const content = Buffer.alloc(to - from);
      let length = 0;
      while (length < content.length) {
        const { bytesRead } = await handle.read(content, length, content.length - length, from + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return content.subarray(0, length);
    } finally {
      await handle.close();
    }
  }

  /** Status of a path; 404 when it does not exist. */
  async status(fileSystem: string, name: string): Promise<PathStatus> {
    return statusOf(await this.locate(fileSystem, name)).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error;
      throw lakeError(404, 'PathNotFound', 'The specified path does not exist.');
    });
  }

  /** Deletes a path; a directory with content only when asked to go deep. */
  async remove(fileSystem: string, name: string, recursive: boolean): Promise<void> {
    const { isDirectory } = await this.status(fileSystem, name);
    const target = await this.locate(fileSystem, name);
    if (!isDirectory) return unlink(target);
    if (!recursive && (await readdir(target)).length > 0) {
      throw lakeError(
        409,
        'DirectoryNotEmpty',
        'The recursive query parameter value must be true to delete a non-empty directory.',
      );
    }
    await rm(target, { recursive: true });
  }

  /** Paths below a directory in the order of their names. */
  async list(fileSystem: string, directory: string, recursive: boolean): Promise<ListedPath[]> {
    const root = await this.requireFileSystem(fileSystem);
    if (directory) await this.status(fileSystem, directory);
    const entries = await readdir(directory ? path.join(root, ...checkPath(directory)) : root, { recursive });
    const prefix = directory ? `${checkPath(directory).join('/')}/` : '';
    const names = entries.map((entry) => prefix + entry.split(path.sep).join('/')).sort();
    return Promise.all(names.map(async (name) => ({ name, ...(await statusOf(path.join(root, name))) })));
  }

  private fileSystemFolder(name: string): string {
    return path.join(this.root, checkFileSystemName(name));
  }

  private async locate(fileSystem: string, name: string): Promise<string> {
    return path.join(await this.requireFileSystem(fileSystem), ...checkPath(name));
  }

  private async makeParents(target: string): Promise<void> {
    await mkdir(path.dirname(target), { recursive: true }).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOTDIR')) throw error;
      throw lakeError(409, 'PathConflict', 'A part of the path is a file.');
    });
  }

  /** A hard link fails when the target exists, so two writers that both must be first cannot both win. */
  private async moveIn(from: string, to: string, mustBeNew: boolean, conflict: string): Promise<void> {
    try {
      if (mustBeNew) {
        await link(from, to);
        await unlink(from);
      } else {
        await rename(from, to);
      }
    } catch (error) {
      if (hasCode(error, 'EEXIST') || hasCode(error, 'EISDIR')) {
        if (path.basename(from).startsWith('.upload-')) await unlink(from);
        throw alreadyExists(conflict);
      }
      throw error;
    }
  }
}

async function statusOf(target: string): Promise<PathStatus> {
  const found = await stat(target, { bigint: true });
  return {
    isDirectory: found.isDirectory(),
    length: found.isDirectory() ? 0 : Number(found.size),
    modifiedAt: found.mtime,
    etag: `"0x${found.mtimeNs.toString(16).toUpperCase()}"`,
  };
}

function alreadyExists(code: string): Error {
  return code === 'BlobAlreadyExists'
    ? lakeError(409, code, 'The specified blob already exists.')
    : lakeError(409, code, 'The specified path already exists.');
}

function invalidPosition(): Error {
  return lakeError(
    400,
    'InvalidFlushPosition',
    'The uploaded data is not contiguous or the position query parameter value is not equal to the length of the file after appending the uploaded data.',
  );
}

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { length }) => sum + length, 0);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

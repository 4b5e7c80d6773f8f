/** A file that can be read from any place; what it holds does not change while it is read. */
export interface RandomAccessFile {
  /** For messages: as the user would name it. */
  readonly name: string;
  readonly bytes: number;
  /** The bytes from `from` up to, not including, `to`; rejects when the file has changed since it was found. */
  read(from: number, to: number): Promise<Uint8Array>;
}

/** A file of a folder. */
export interface FolderFile extends RandomAccessFile {
  /** Below the folder, segments joined by slashes. */
  readonly path: string;
  readonly modifiedAt: Date;
}

/** A folder with everything below it, on a disk or in a storage account; only ever read. */
export interface FileFolder {
  /** For messages: as the user named it. */
  readonly name: string;
  /** All files below, in no particular order. Throws `InvalidInputError` when there is no such folder. */
  list(): AsyncIterable<FolderFile>;
}

const BLOCK_BYTES = 4 * 1024 * 1024;

/** A file from its beginning to its end; the next block is on its way while one is worked on. */
export async function* blocksOf(file: RandomAccessFile, blockBytes = BLOCK_BYTES): AsyncGenerator<Uint8Array> {
  const read = (from: number) =>
    from < file.bytes ? file.read(from, Math.min(from + blockBytes, file.bytes)) : undefined;
  let next = read(0);
  for (let at = blockBytes; next !== undefined; at += blockBytes) {
    const block = await next;
    next = read(at);
    // Whoever stops early never awaits it, and an unheard rejection would end the process.
    next?.catch(() => undefined);
    yield block;
  }
}

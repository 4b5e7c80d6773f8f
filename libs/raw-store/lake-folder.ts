import { buffer } from 'node:stream/consumers';
import type { DataLakeFileSystemClient } from '@azure/storage-file-datalake';
import { InvalidInputError } from '#core/errors.js';
import type { FileFolder, FolderFile } from '#core/file-folder.js';
import { lakeFileSystem, type LakeAccess } from './lake-file-system.js';
import { statusOf, withLakeRetry } from './lake-retry.js';

const LIST_PAGE_ROWS = 5_000;

/** A folder of Azure Data Lake Storage (or another host that speaks its protocol), read in ranges. */
export class LakeFolder implements FileFolder {
  readonly #filesystem: DataLakeFileSystemClient;

  constructor(
    readonly name: string,
    private readonly access: LakeAccess,
  ) {
    this.#filesystem = lakeFileSystem(access);
  }

  async *list(): AsyncGenerator<FolderFile> {
    const { prefix } = this.access.location;
    let continuationToken: string | undefined;
    do {
      const page = await withLakeRetry(
        `Listing ${this.name}`,
        async (abortSignal) => {
          const options = { recursive: true, ...(prefix !== '' && { path: prefix }), abortSignal };
          const pages = this.#filesystem
            .listPaths(options)
            .byPage({ maxPageSize: LIST_PAGE_ROWS, ...(continuationToken && { continuationToken }) });
          const { value } = await pages.next().catch((cause: unknown) => {
            if (statusOf(cause) === 404) throw new InvalidInputError(`There is no ${this.name}.`);
            throw cause;
          });
          return value;
        },
        this.access,
      );
      for (const { name, isDirectory, contentLength, lastModified } of page?.pathItems ?? []) {
        if (name === undefined || isDirectory) continue;
        const path = prefix === '' ? name : name.slice(prefix.length + 1);
        yield this.#file(name, path, contentLength ?? 0, lastModified ?? new Date(0));
      }
      continuationToken = page?.continuation === '' ? undefined : page?.continuation;
    } while (continuationToken !== undefined);
  }

  #file(location: string, path: string, bytes: number, modifiedAt: Date): FolderFile {
    const name = `${this.name.replace(/\/+$/, '')}/${path}`;
    let version: string | undefined;
    const changed = () => new InvalidInputError(`${name} changed while it was read: the export is being written anew.`);
    const read = (from: number, to: number) =>
      withLakeRetry(
        `Reading ${name}`,
        async (abortSignal) => {
          const answer = await this.#filesystem
            .getFileClient(location)
            .read(from, to - from, { abortSignal })
            .catch((cause: unknown) => {
              if ([404, 416].includes(statusOf(cause) ?? 0)) throw changed();
              throw cause;
            });
          version ??= answer.etag;
          const content = await buffer(answer.readableStreamBody!);
          if (answer.etag !== version || content.length !== to - from) throw changed();
          return content;
        },
        this.access,
      );
    return { name, path, bytes, modifiedAt, read: async (from, to) => (to > from ? read(from, to) : new Uint8Array()) };
  }
}

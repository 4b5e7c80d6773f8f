import { randomUUID } from 'node:crypto';
import type { DataLakeFileClient, DataLakeFileSystemClient } from '@azure/storage-file-datalake';
import { lakeFileSystem, type LakeAccess } from './lake-file-system.js';
import { statusOf, withLakeRetry } from './lake-retry.js';
import { compressPage, decompressPage, describePage, requireSamePage } from './page-codec.js';
import { requirePlainPath } from './raw-path.js';
import type { RawStore, StoredPage } from './raw-store.js';

/** A temporary file that cannot be removed in this time stays; it blocks nothing. */
const CLEAN_UP_TIMEOUT_MS = 10_000;

/** A raw store in a file system of Azure Data Lake Storage (or another host that speaks its protocol). */
export class LakeRawStore implements RawStore {
  readonly #filesystem: DataLakeFileSystemClient;
  #filesystemReady: Promise<void> | null = null;

  constructor(private readonly options: LakeAccess) {
    this.#filesystem = lakeFileSystem(options);
  }

  async write(path: string, page: Uint8Array): Promise<StoredPage> {
    const target = this.#locate(path);
    const compressed = await compressPage(page);
    return withLakeRetry(
      `Writing the raw page ${path}`,
      (abortSignal) => this.#writeOnce(path, target, page, compressed, abortSignal),
      this.options,
    );
  }

  async read(path: string): Promise<Uint8Array | null> {
    const file = this.#filesystem.getFileClient(this.#locate(path));
    const stored = await withLakeRetry(
      `Reading the raw page ${path}`,
      (abortSignal) =>
        file.readToBuffer(0, undefined, { abortSignal }).catch((error: unknown) => {
          if (statusOf(error) === 404) return null;
          throw error;
        }),
      this.options,
    );
    return stored && decompressPage(stored);
  }

  /**
   * Writes beside the target and renames, because an upload is three requests: one that breaks off would leave an
   * empty file under the final name for ever. The temporary name is new for every attempt, so leftovers block nothing;
   * it lies in the target's folder, since a rename does not create folders.
   */
  async #writeOnce(
    path: string,
    target: string,
    page: Uint8Array,
    compressed: Buffer,
    abortSignal: AbortSignal,
  ): Promise<StoredPage> {
    await this.#createFilesystemOnce();
    const folder = target.slice(0, target.lastIndexOf('/') + 1);
    const temporary = this.#filesystem.getFileClient(`${folder}.${randomUUID()}.tmp`);
    try {
      await temporary.create({ abortSignal });
      await temporary.append(compressed, 0, compressed.length, { abortSignal });
      await temporary.flush(compressed.length, { close: true, abortSignal });
      await this.#renameExclusively(temporary, target, abortSignal);
      return describePage(path, page, compressed.length);
    } catch (error) {
      await temporary.deleteIfExists(false, { abortSignal: AbortSignal.timeout(CLEAN_UP_TIMEOUT_MS) }).catch(() => {});
      if (statusOf(error) !== 409 && statusOf(error) !== 412) throw error;
    }
    // The name is taken: by an earlier attempt whose answer was lost, or by other content, which is a defect.
    const stored = await this.#filesystem.getFileClient(target).readToBuffer(0, undefined, { abortSignal });
    await requireSamePage(path, stored, page);
    return describePage(path, page, stored.length);
  }

  async #renameExclusively(temporary: DataLakeFileClient, target: string, abortSignal: AbortSignal): Promise<void> {
    const { accountInPath, filesystem } = this.options.location;
    // The SDK builds the destination from the host alone and would drop an account that stands in the path.
    const destination = accountInPath === null ? filesystem : `${accountInPath}/${filesystem}`;
    await temporary.move(destination, target, { destinationConditions: { ifNoneMatch: '*' }, abortSignal });
  }

  /** Creates the file system if need be; without the permission to, it must exist, and the first write tells. */
  #createFilesystemOnce(): Promise<void> {
    this.#filesystemReady ??= this.#filesystem
      .createIfNotExists({ abortSignal: AbortSignal.timeout(this.options.attemptTimeoutMs) })
      .then(
        () => {},
        (error: unknown) => {
          if (statusOf(error) === 403) return;
          this.#filesystemReady = null;
          throw error;
        },
      );
    return this.#filesystemReady;
  }

  #locate(path: string): string {
    const { prefix } = this.options.location;
    return prefix === '' ? requirePlainPath(path) : `${prefix}/${requirePlainPath(path)}`;
  }
}

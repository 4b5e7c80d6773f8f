import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import {
  DataLakeServiceClient,
  type DataLakeFileClient,
  type DataLakeFileSystemClient,
} from '@azure/storage-file-datalake';
import { InvariantError } from '#core/errors.js';
import { statusOf, withLakeRetry, type LakeRetryOptions } from './lake-retry.js';
import { compressPage, decompressPage, describePage, requireSamePage } from './page-codec.js';
import type { RawLocation } from './raw-location.js';
import { requirePlainPath } from './raw-path.js';
import type { RawStore, StoredPage } from './raw-store.js';

export interface LakeOptions extends LakeRetryOptions {
  location: Extract<RawLocation, { kind: 'lake' }>;
  /** Asked for tokens of Azure Storage on every request; it must remember them itself. */
  credential: TokenCredential;
}

/** A temporary file that cannot be removed in this time stays; it blocks nothing. */
const CLEAN_UP_TIMEOUT_MS = 10_000;

/** A raw store in a file system of Azure Data Lake Storage (or another host that speaks its protocol). */
export class LakeRawStore implements RawStore {
  readonly #filesystem: DataLakeFileSystemClient;
  #filesystemReady: Promise<void> | null = null;

  constructor(private readonly options: LakeOptions) {
    const { serviceUrl, filesystem } = options.location;
    const service = new DataLakeServiceClient(serviceUrl, withoutOwnMemory(options.credential), {
      retryOptions: { maxTries: 1 },
    });
    this.#filesystem = service.getFileSystemClient(filesystem);
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

  async read(path: string): Promise<Uint8Array> {
    const file = this.#filesystem.getFileClient(this.#locate(path));
    const stored = await withLakeRetry(
      `Reading the raw page ${path}`,
      (abortSignal) =>
        file.readToBuffer(0, undefined, { abortSignal }).catch((cause: unknown) => {
          if (statusOf(cause) === 404) throw new InvariantError(`There is no raw page ${path}.`, { cause });
          throw cause;
        }),
      this.options,
    );
    return decompressPage(stored);
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

/**
 * The SDK remembers tokens itself and renews them in the background, where a failure would end the process as an
 * unhandled rejection. Told that every token has expired, it asks each time and reports failures to its caller.
 */
function withoutOwnMemory(credential: TokenCredential): TokenCredential {
  return {
    async getToken(scopes, options) {
      const token = await credential.getToken(scopes, options);
      return (
        token && { token: token.token, expiresOnTimestamp: 0, ...(token.tokenType && { tokenType: token.tokenType }) }
      );
    },
  };
}

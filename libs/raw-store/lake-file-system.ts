import type { TokenCredential } from '@azure/core-auth';
import { DataLakeServiceClient, type DataLakeFileSystemClient } from '@azure/storage-file-datalake';
import type { LakeRetryOptions } from './lake-retry.js';
import type { RawLocation } from './raw-location.js';

/** What is needed to reach a file system of Azure Data Lake Storage. */
export interface LakeAccess extends LakeRetryOptions {
  location: Extract<RawLocation, { kind: 'lake' }>;
  /** Asked for tokens of Azure Storage on every request; it must remember them itself. */
  credential: TokenCredential;
}

/** The client of a file system, without a retry of its own; nothing is contacted yet. */
export function lakeFileSystem({ location, credential }: LakeAccess): DataLakeFileSystemClient {
  const service = new DataLakeServiceClient(location.serviceUrl, withoutOwnMemory(credential), {
    retryOptions: { maxTries: 1 },
  });
  return service.getFileSystemClient(location.filesystem);
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

import { isRestError } from '@azure/core-rest-pipeline';
import type { Clock } from '#core/clock.js';
import { CredentialError, PermissionError, SourceRejectedError, TransientSourceError } from '#core/errors.js';
import { heededMs } from '#core/stated-wait.js';

export interface LakeRetryOptions {
  clock: Clock;
  /** 0 ≤ r < 1; only ever lengthens a wait. */
  random: () => number;
  /** For all requests of one attempt together. */
  attemptTimeoutMs: number;
  /** For messages: what names the storage account, and the role it must grant. */
  storage: { namedBy: string; role: string };
}

const MAX_ATTEMPTS = 5;
const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Runs a whole write (or read) again while it fails in passing, at most five times. The storage SDK's own retry is
 * switched off in favour of this: it does not retry 429 and ignores `Retry-After`.
 */
export async function withLakeRetry<T>(
  what: string,
  attempt: (abortSignal: AbortSignal) => Promise<T>,
  { clock, random, attemptTimeoutMs, storage }: LakeRetryOptions,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt(AbortSignal.timeout(attemptTimeoutMs));
    } catch (error) {
      if (!isPassing(error)) throw lakeError(error, what, storage);
      if (count === MAX_ATTEMPTS) {
        throw new TransientSourceError(`${what} failed ${count} times: ${describe(error)}.`, { cause: error });
      }
      const backoff = BASE_DELAY_MS * 2 ** (count - 1) * (1 + random() / 4);
      await clock.sleep(statedWaitMs(error, clock.now()) ?? Math.min(MAX_DELAY_MS, Math.round(backoff)));
    }
  }
}

/** HTTP status of a storage error, or null when no answer came. */
export function statusOf(error: unknown): number | null {
  return isRestError(error) ? (error.statusCode ?? null) : null;
}

function isPassing(error: unknown): boolean {
  // Nothing but our own time limit aborts a storage request.
  if (error instanceof TransientSourceError || (error instanceof Error && error.name === 'AbortError')) return true;
  if (!isRestError(error)) return false;
  return error.statusCode === undefined || PASSING_STATUSES.has(error.statusCode);
}

function statedWaitMs(error: unknown, now: Date): number | null {
  const headers = isRestError(error) ? error.response?.headers : undefined;
  const milliseconds = Number(headers?.get('x-ms-retry-after-ms') ?? headers?.get('retry-after-ms') ?? Number.NaN);
  const text = headers?.get('retry-after');
  const seconds = Number(text ?? Number.NaN);
  const date = text === undefined ? Number.NaN : Date.parse(text) - now.getTime();
  const stated = [milliseconds, seconds * 1000, Number.isNaN(seconds) ? date : Number.NaN].filter((wait) => wait > 0);
  return stated.length === 0 ? null : heededMs(Math.max(...stated));
}

function lakeError(error: unknown, what: string, { namedBy, role }: LakeRetryOptions['storage']): unknown {
  if (!isRestError(error)) return error;
  const said = `${what} is refused: ${describe(error)}.`;
  if (error.statusCode === 401) {
    return new CredentialError(said, 'Check the credential of this process and the tenant of the storage account.', {
      cause: error,
    });
  }
  if (error.statusCode === 403) {
    return new PermissionError(said, role, `the storage account of ${namedBy}`, { cause: error });
  }
  return new SourceRejectedError(said, `Check ${namedBy}: account, file system and network rules.`, {
    cause: error,
  });
}

function describe(error: unknown): string {
  if (!isRestError(error)) return error instanceof Error ? error.message : 'unknown error';
  return [error.statusCode, error.code].filter((part) => part !== undefined).join(' ') || 'no answer';
}

import {
  ConflictError,
  CredentialError,
  PermissionError,
  SourceError,
  SourceRejectedError,
  ThrottledError,
  UnavailableError,
} from '#core/errors.js';
import { describeAway, isDatabaseAway } from '#db/away.js';
import { FencedError, type ClaimedWindow, type WindowOutcome } from '#db/repositories/ingestion-window.repository.js';

/** Attempts that may fail before the window does; waiting for quota, killed workers and an absent database do not count. */
const MAX_FAILURES = 3;
const FIRST_RETRY_MS = 5_000;

/**
 * How an attempt that threw ends: what lasts ends the window, what may pass gives it back with a delay.
 * Null when the window is no longer this worker's.
 */
export function outcomeOf(error: unknown, window: ClaimedWindow, signal: AbortSignal): WindowOutcome | null {
  if (error instanceof FencedError) return null;
  if (signal.aborted) return signal.reason instanceof FencedError ? null : { status: 'pending' };
  const reason = error instanceof Error ? error.message : String(error);
  const action = error instanceof SourceError ? error.action : null;
  if (error instanceof ThrottledError) {
    return { status: 'pending', reason, action, waitMs: error.retryAfterMs, continues: true };
  }
  // A missing role lasts until somebody grants it, and says so: nothing that could have worked has failed.
  if (error instanceof UnavailableError || error instanceof PermissionError) {
    const lasting = error instanceof UnavailableError && error.lasting;
    return { status: 'unavailable', reason, action, lasting };
  }
  if (error instanceof ConflictError) {
    return {
      status: 'unavailable',
      reason,
      action: 'Costs of this month were imported. Remove that import, or leave the month to it.',
    };
  }
  if (!(error instanceof SourceError) && isDatabaseAway(error)) {
    return {
      status: 'pending',
      reason: describeAway(error),
      action:
        'Nothing to do at once: the window is read again. If it persists, check that the database runs and has ' +
        'connections left for this many workers.',
      waitMs: FIRST_RETRY_MS,
    };
  }
  // A token may be refused before its time and is replaced by the next attempt, so only a second refusal lasts.
  const lasting = (error instanceof CredentialError && window.failures > 0) || error instanceof SourceRejectedError;
  if (lasting || window.failures + 1 >= MAX_FAILURES)
    return { status: 'failed', reason, action, countsAsFailure: true };
  const waitMs = FIRST_RETRY_MS * 4 ** window.failures;
  return { status: 'pending', reason, action, countsAsFailure: true, waitMs };
}

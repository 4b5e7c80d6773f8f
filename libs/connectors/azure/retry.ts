import { isThrottled, statedWait, type AnswerHeaders } from './throttling.js';

/** How often one request is sent at most, the first time included. */
const MAX_ATTEMPTS = 5;

const BASE_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;

/** Wait assumed for a throttled answer that states none: the longest window of Azure's short quotas is a minute. */
const UNSTATED_THROTTLE_MS = 60_000;

/** Throttling, and Azure's passing failures. */
const PASSING_STATUSES = new Set([408, 429, 500, 502, 503, 504, 529]);

/** How an attempt that did not succeed ended. `status` is null when no complete answer arrived. */
export interface FailedAttempt {
  attempt: number;
  status: number | null;
  headers: AnswerHeaders;
  now: Date;
}

/** What to do after a failed attempt. `throttled` hands the wait to the caller: it is too long to sit out here. */
export type RetryDecision =
  | { kind: 'wait'; waitMs: number }
  | { kind: 'refused' }
  | { kind: 'throttled'; retryAfterMs: number }
  | { kind: 'exhausted' };

/**
 * The one retry rule for Azure: passing failures are tried again, at most five times in all. A wait that the answer
 * states is kept to the millisecond, up to `inlineWaitLimitMs`; without one the delay doubles from one second to a
 * minute, and `random` (0 ≤ r < 1) only ever lengthens it.
 */
export function decideRetry(
  failed: FailedAttempt,
  { inlineWaitLimitMs, random }: { inlineWaitLimitMs: number; random: () => number },
): RetryDecision {
  const { attempt, status, headers, now } = failed;
  if (status !== null && !PASSING_STATUSES.has(status)) return { kind: 'refused' };
  const stated = status === null ? null : statedWait(status, headers, now);
  if (stated && stated.waitMs > inlineWaitLimitMs) return { kind: 'throttled', retryAfterMs: stated.waitMs };
  if (attempt >= MAX_ATTEMPTS) {
    return isThrottled(status)
      ? { kind: 'throttled', retryAfterMs: stated?.waitMs ?? UNSTATED_THROTTLE_MS }
      : { kind: 'exhausted' };
  }
  return { kind: 'wait', waitMs: stated?.waitMs ?? backoffMs(attempt, random) };
}

function backoffMs(attempt: number, random: () => number): number {
  const delay = BASE_DELAY_MS * 2 ** (attempt - 1);
  return Math.min(MAX_DELAY_MS, Math.round(delay * (1 + random() / 4)));
}

import type { ClaimedDelivery, DeliveryOutcome } from '#db/repositories/delivery-outbox.repository.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '#delivery/delivery-error.js';

const FIRST_RETRY_MS = 10_000;
const LONGEST_RETRY_MS = 3_600_000;

/** The wait after so many failures in a row: ten seconds, tripled each time up to an hour, and up to a quarter longer. */
export function backoffMs(failures: number, random: () => number): number {
  const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 3 ** (failures - 1));
  return Math.round(delay * (1 + random() / 4));
}

/**
 * How an attempt that threw ends: a refusal at once, anything else when it has been tried for a day. A receiver that asks
 * to be left alone is, for as long as it asks.
 */
export function outcomeOf(
  error: unknown,
  deliveries: readonly Pick<ClaimedDelivery, 'attempt' | 'expired'>[],
  random: () => number,
): DeliveryOutcome {
  if (error instanceof DeliveryRefusedError) {
    return { status: 'failed', reason: error.message, action: error.action, responseStatus: error.responseStatus };
  }
  const postponed =
    error instanceof DeliveryPostponedError
      ? error
      : new DeliveryPostponedError('The message could not be made; the log of the worker says why.');
  const { message: reason, responseStatus } = postponed;
  if (deliveries.some(({ expired }) => expired)) {
    return {
      status: 'failed',
      reason: `${reason} It has been tried for a day.`,
      action: 'Check that the receiver works and can be reached from the worker, then retry.',
      responseStatus,
    };
  }
  const attempts = Math.max(...deliveries.map(({ attempt }) => attempt));
  return {
    status: 'pending',
    reason,
    action: 'Nothing to do at once: it is tried again, up to a day.',
    responseStatus,
    retryAfterMs: Math.max(backoffMs(attempts, random), postponed.retryAfterMs ?? 0),
  };
}

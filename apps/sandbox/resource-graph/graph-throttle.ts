import type { Clock } from '#core/clock.js';
import { azureError } from '../http/exchange.js';
import { type RateLimit, RateWindows } from '../http/rate-window.js';

/** Queries per caller and tenant. */
const LIMIT: RateLimit = { units: 15, periodMs: 5_000 };
const RETRY_AFTER_SECONDS = 5;

/** The service's quota; it is reported on every answer and, once enabled, enforced in real time. */
export class GraphThrottle {
  isEnabled = false;
  private readonly windows: RateWindows;

  constructor(clock: Clock) {
    this.windows = new RateWindows(clock);
  }

  setEnabled(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    this.windows.clear();
  }

  /** Quota headers of an admitted query; throws the 429 of a refused one. `trail` is the support text of errors. */
  admit(callerKey: string, trail: string): Record<string, string> {
    if (!this.isEnabled) return quotaHeaders(LIMIT.units - 1);
    if (this.windows.waitMs(callerKey, 1, LIMIT) > 0) {
      throw rateLimiting(trail);
    }
    this.windows.consume(callerKey, 1, LIMIT.periodMs);
    return quotaHeaders(LIMIT.units - this.windows.consumed(callerKey, LIMIT.periodMs));
  }
}

function quotaHeaders(remaining: number): Record<string, string> {
  return {
    'x-ms-user-quota-remaining': String(Math.max(0, remaining)),
    'x-ms-user-quota-resets-after': '00:00:05',
    'x-ms-ratelimit-remaining-tenant-resource-requests': String(Math.max(0, remaining)),
  };
}

/** The service's 429. `trail` is the support text of errors. */
function rateLimiting(trail: string, retryAfterSeconds = RETRY_AFTER_SECONDS): Error {
  return azureError(429, 'RateLimiting', trail, {
    details: [
      {
        code: 'RateLimiting',
        message:
          'Client application has been throttled and should not attempt to repeat the request until an amount of time has elapsed.',
      },
    ],
    headers: {
      ...quotaHeaders(0),
      'x-ms-user-quota-resets-after': new Date(retryAfterSeconds * 1000).toISOString().slice(11, 19),
      'retry-after': String(retryAfterSeconds),
    },
  });
}

/** The 429 of a query that did not reach the service's own limits. */
export function tooManyGraphQueries(requestId: string, now: Date, retryAfterSeconds?: number): Error {
  return rateLimiting(supportText(requestId, now), retryAfterSeconds);
}

/** What every error of the service says first. */
export function supportText(requestId: string, now: Date): string {
  const timestamp = now.toISOString().replace('Z', '0000Z');
  return `Please provide below info when asking for support: timestamp = ${timestamp}, correlationId = ${requestId}.`;
}

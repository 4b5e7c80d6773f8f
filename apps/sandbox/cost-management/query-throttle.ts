import type { Clock } from '#core/clock.js';
import { countDays, splitByMonth } from '#core/day.js';
import type { DayRange } from '#core/day.js';
import { type SandboxRequest, azureError } from '../http/exchange.js';
import { type RateLimit, RateWindows } from '../http/rate-window.js';

const PREFIX = 'x-ms-ratelimit-microsoft.costmanagement';
const REMAINING = 'x-ms-ratelimit-remaining-microsoft.costmanagement';
const HOUR_MS = 3_600_000;

/** Query units per tenant, and requests per scope and per caller. */
const TENANT_UNITS: readonly (RateLimit & { readonly label: string })[] = [
  { label: 'QueriesPerHour', units: 600, periodMs: HOUR_MS },
  { label: 'QueriesPerMin', units: 60, periodMs: 60_000 },
  { label: 'QueriesPer10Sec', units: 12, periodMs: 10_000 },
];
const SCOPE_REQUESTS: RateLimit = { units: 4, periodMs: 60_000 };
const CALLER_REQUESTS: RateLimit = { units: 20, periodMs: 60_000 };

/** The service's limits. They are always reported in headers and, once enabled, enforced in real time. */
export class QueryThrottle {
  isEnabled = false;
  private readonly windows: RateWindows;

  constructor(clock: Clock) {
    this.windows = new RateWindows(clock);
  }

  setEnabled(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    this.windows.clear();
  }

  /** Headers of an admitted query; throws the 429 of a refused one. One unit is one month of data. */
  admit(
    request: SandboxRequest,
    tenantId: string,
    callerId: string,
    scope: string,
    range: DayRange,
  ): Record<string, string> {
    const units = countDays(range) === 0 ? 1 : splitByMonth(range).length;
    const clientType = request.headers['clienttype'];
    const client = typeof clientType === 'string' ? clientType : 'DefaultQuota';
    if (!this.isEnabled)
      return reportedHeaders(units, client, (limit) => limit.units - units, SCOPE_REQUESTS.units - 1);

    const tenantKey = `tenant/${tenantId}`;
    const scopeKey = `scope/${tenantId}/${scope}`;
    const callerKey = `caller/${tenantId}/${callerId}`;
    const waits = {
      qpu: Math.max(...TENANT_UNITS.map((limit) => this.windows.waitMs(tenantKey, units, limit))),
      entity: this.windows.waitMs(scopeKey, 1, SCOPE_REQUESTS),
      client: this.windows.waitMs(callerKey, 1, CALLER_REQUESTS),
    };
    if (Math.max(waits.qpu, waits.entity, waits.client) > 0) throw tooManyRequests(waits);
    this.windows.consume(tenantKey, units, HOUR_MS);
    this.windows.consume(scopeKey, 1, SCOPE_REQUESTS.periodMs);
    this.windows.consume(callerKey, 1, CALLER_REQUESTS.periodMs);
    return reportedHeaders(
      units,
      client,
      (limit) => limit.units - this.windows.consumed(tenantKey, limit.periodMs),
      SCOPE_REQUESTS.units - this.windows.consumed(scopeKey, SCOPE_REQUESTS.periodMs),
    );
  }
}

/** A 429 as the service sends it: code `"429"`, own headers in seconds and no `Retry-After`. */
function tooManyRequests(waitsMs: Readonly<Record<string, number>>): Error {
  const headers: Record<string, string> = {};
  for (const [name, waitMs] of Object.entries(waitsMs)) {
    if (waitMs > 0) headers[`${PREFIX}-${name}-retry-after`] = String(Math.ceil(waitMs / 1000));
  }
  return azureError(429, '429', 'Too many requests. Please retry.', { headers });
}

function reportedHeaders(
  units: number,
  client: string,
  remaining: (limit: RateLimit) => number,
  scopeRemaining: number,
): Record<string, string> {
  return {
    [`${PREFIX}-qpu-consumed`]: String(units),
    [`${PREFIX}-qpu-remaining`]: TENANT_UNITS.map((limit) => `${limit.label}:${Math.max(0, remaining(limit))}`).join(
      ',',
    ),
    [`${REMAINING}-entity-requests`]: `DefaultQuota:${Math.max(0, scopeRemaining)}`,
    [`${REMAINING}-tenant-requests`]: 'DefaultQuota:49',
    [`${REMAINING}-clienttype-requests`]: `${client}:1999`,
    // Present on successes too; only a 429 means them.
    [`${PREFIX}-entity-retry-after`]: '60',
    [`${PREFIX}-tenant-retry-after`]: '60',
  };
}

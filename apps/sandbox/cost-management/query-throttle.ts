import type { Clock } from '#core/clock.js';
import { type DayRange, countDays, splitByMonth } from '#core/day.js';
import { type SandboxRequest, azureError } from '../http/exchange.js';
import { type RateLimit, RateWindows } from '../http/rate-window.js';

const PREFIX = 'x-ms-ratelimit-microsoft.costmanagement';
const REMAINING = 'x-ms-ratelimit-remaining-microsoft.costmanagement';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Query units per tenant. */
const TENANT_UNITS: readonly (RateLimit & { readonly label: string })[] = [
  { label: 'QueriesPerHour', units: 600, periodMs: HOUR_MS },
  { label: 'QueriesPerMin', units: 60, periodMs: MINUTE_MS },
  { label: 'QueriesPer10Sec', units: 12, periodMs: 10_000 },
];
/** Requests: the service calls the scope an entity, and counts each caller under `tenant`. */
const REQUESTS = {
  entity: { units: 4, periodMs: MINUTE_MS },
  tenant: { units: 20, periodMs: MINUTE_MS },
  clienttype: { units: 2_000, periodMs: MINUTE_MS },
} as const;
type RequestQuota = keyof typeof REQUESTS;
const REQUEST_QUOTAS = Object.keys(REQUESTS) as RequestQuota[];

/** The service's limits. They are always reported in headers and, once enabled, enforced by the given clock. */
export class QueryThrottle {
  isEnabled = false;
  /** Requests a minute that other tools leave to callers who name no `ClientType`; 2,000 at most. */
  defaultClientTypeRemaining: number = REQUESTS.clienttype.units;
  private readonly windows: RateWindows;

  constructor(clock: Clock) {
    this.windows = new RateWindows(clock);
  }

  /** Switches the limits on or off, with every quota unused. */
  setEnabled(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    this.windows.clear();
  }

  /** Uses up units of a tenant's quota as other readers of the same costs would, the portal for instance. */
  consumeForOthers(tenantId: string, units: number): void {
    this.windows.consume(unitsKey(tenantId), units, HOUR_MS);
  }

  /** Headers of an admitted query; throws the 429 of a refused one. One unit is one started month of data. */
  admit(
    request: SandboxRequest,
    tenantId: string,
    callerId: string,
    scope: string,
    range: DayRange,
  ): Record<string, string> {
    const units = countDays(range) === 0 ? 1 : splitByMonth(range).length;
    const clientType = request.headers['clienttype'];
    const isNamed = typeof clientType === 'string' && clientType !== '';
    const tenantUnits = unitsKey(tenantId);
    const keys: Record<RequestQuota, string> = {
      entity: `entity/${tenantId}/${scope.toLowerCase()}`,
      tenant: `caller/${tenantId}/${callerId}`,
      clienttype: isNamed ? `client/${tenantId}/${clientType.toLowerCase()}` : `default-client/${tenantId}`,
    };
    const limitOf = (quota: RequestQuota): RateLimit =>
      quota === 'clienttype' && !isNamed
        ? { ...REQUESTS.clienttype, units: this.defaultClientTypeRemaining }
        : REQUESTS[quota];
    const left = (key: string, limit: RateLimit, own: number): number =>
      Math.max(0, limit.units - (this.isEnabled ? this.windows.consumed(key, limit.periodMs) : own));
    const reported = (): Record<string, string> => ({
      [`${PREFIX}-qpu-consumed`]: String(units),
      [`${PREFIX}-qpu-remaining`]: TENANT_UNITS.map(
        (limit) => `${limit.label}:${left(tenantUnits, limit, units)}`,
      ).join(','),
      ...Object.fromEntries(
        REQUEST_QUOTAS.map((quota) => [
          `${REMAINING}-${quota}-requests`,
          `DefaultQuota:${left(keys[quota], limitOf(quota), 1)}`,
        ]),
      ),
    });
    if (this.isEnabled) {
      const waits = [
        ['qpu', Math.max(...TENANT_UNITS.map((limit) => this.windows.waitMs(tenantUnits, units, limit)))] as const,
        ...REQUEST_QUOTAS.map((quota) => [quota, this.requestWaitMs(keys[quota], limitOf(quota))] as const),
      ].filter(([, waitMs]) => waitMs > 0);
      if (waits.length > 0) throw tooManyRequests(reported(), waits);
      this.windows.consume(tenantUnits, units, HOUR_MS);
      for (const quota of REQUEST_QUOTAS) this.windows.consume(keys[quota], 1, REQUESTS[quota].periodMs);
    }
    // Both waits stand on successes too; only a 429 means them.
    return { ...reported(), [`${PREFIX}-entity-retry-after`]: '60', [`${PREFIX}-tenant-retry-after`]: '60' };
  }

  /** A bucket that others keep empty has nothing to wait for but their next minute. */
  private requestWaitMs(key: string, limit: RateLimit): number {
    return limit.units === 0 ? limit.periodMs : this.windows.waitMs(key, 1, limit);
  }
}

/**
 * A 429 as the service sends it: code `"429"`, one wait in seconds per exhausted quota, of which the longest counts,
 * and no `Retry-After`.
 */
export function tooManyRequests(
  reported: Readonly<Record<string, string>>,
  waits: readonly (readonly [quota: string, waitMs: number])[],
): Error {
  const headers: Record<string, string> = { ...reported };
  for (const [quota, waitMs] of waits) headers[`${PREFIX}-${quota}-retry-after`] = String(Math.ceil(waitMs / 1000));
  return azureError(429, '429', 'Too many requests. Please retry.', { headers });
}

function unitsKey(tenantId: string): string {
  return `units/${tenantId}`;
}

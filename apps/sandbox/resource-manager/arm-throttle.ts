import type { Clock } from '#core/clock.js';
import { type SandboxRequest, azureError } from '../http/exchange.js';
import { type TokenBucket, TokenBuckets } from '../http/token-buckets.js';

type Operation = 'read' | 'write' | 'delete';
const BUCKETS: Readonly<Record<Operation, TokenBucket>> = {
  read: { size: 250, perSecond: 25 },
  write: { size: 200, perSecond: 10 },
  delete: { size: 200, perSecond: 10 },
};
/** All principals of a subscription together have that many times a single one's bucket. */
const GLOBAL_FACTOR = 15;

/** Who asks, as far as the token's claims tell. */
export interface Principal {
  readonly tenantId: string;
  readonly objectId: string;
}

/**
 * Resource Manager's own limits, in front of every resource provider: a token bucket per subscription (or tenant, for
 * paths above subscriptions) and principal. They are always reported and, once enabled, enforced.
 */
export class ArmThrottle {
  isEnabled = false;
  private readonly buckets: TokenBuckets;

  constructor(clock: Clock) {
    this.buckets = new TokenBuckets(clock);
  }

  setEnabled(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    this.buckets.clear();
  }

  /** The counters of an admitted request; throws the 429 of a refused one. */
  admit(request: SandboxRequest, principal: Principal | undefined): Record<string, string> {
    const operation = operationOf(request.method);
    const bucket = BUCKETS[operation];
    const subscription = /^\/subscriptions\/([^/]+)/i.exec(request.path)?.[1]?.toLowerCase();
    const level = subscription === undefined ? 'tenant' : 'subscription';
    const header = `x-ms-ratelimit-remaining-${level}`;
    // Who cannot be told apart is refused by authentication; nobody's bucket pays for it.
    if (!this.isEnabled || principal === undefined) return { [`${header}-${operation}s`]: String(bucket.size - 1) };

    const scope = subscription ?? principal.tenantId;
    const own = `${operation}/${level}/${scope}/${principal.tenantId}/${principal.objectId}`;
    const shared = `${operation}/${level}/${scope}`;
    const sharedBucket = { size: bucket.size * GLOBAL_FACTOR, perSecond: bucket.perSecond * GLOBAL_FACTOR };
    const waitSeconds = Math.max(
      this.buckets.waitSeconds(own, bucket),
      subscription === undefined ? 0 : this.buckets.waitSeconds(shared, sharedBucket),
    );
    if (waitSeconds > 0) throw tooManyArmRequests(operation, level, scope, principal.objectId, waitSeconds);
    this.buckets.take(own, bucket);
    const counters = { [`${header}-${operation}s`]: String(this.buckets.left(own, bucket)) };
    if (subscription === undefined) return counters;
    this.buckets.take(shared, sharedBucket);
    return { ...counters, [`${header}-global-${operation}s`]: String(this.buckets.left(shared, sharedBucket)) };
  }
}

/** Resource Manager's 429, with `Retry-After` in seconds. */
export function tooManyArmRequests(
  operation: Operation,
  level: 'subscription' | 'tenant',
  scope: string,
  actor: string,
  waitSeconds: number,
): Error {
  return azureError(
    429,
    level === 'subscription' ? 'SubscriptionRequestsThrottled' : 'TenantRequestsThrottled',
    `Number of '${operation}' requests for ${level} '${scope}' actor '${actor}' exceeded. Please try again after '${waitSeconds}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.`,
    { headers: { 'retry-after': String(waitSeconds), [`x-ms-ratelimit-remaining-${level}-${operation}s`]: '0' } },
  );
}

/** Resource Manager counts every POST as a write, also a query. */
function operationOf(method: string): Operation {
  if (method === 'DELETE') return 'delete';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}

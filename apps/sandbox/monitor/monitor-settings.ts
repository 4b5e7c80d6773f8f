import { METRICS_CALLS, MetricsThrottle } from './metrics-throttle.js';
import type { Clock } from '#core/clock.js';

/** Which tokens the metrics data plane takes. */
export type MetricsAudience = 'management' | 'metrics' | 'both';
/** What the application may do with a subscription's metrics. */
export type MetricsAccess = 'allowed' | 'no-reader' | 'provider-unregistered';

/** What the admin port decides about Monitor. */
export class MonitorSettings {
  audience: MetricsAudience = 'both';
  readonly throttle: MetricsThrottle;
  private readonly accessById = new Map<string, MetricsAccess>();

  constructor(clock: Clock) {
    this.throttle = new MetricsThrottle(clock, METRICS_CALLS);
  }

  accessTo(subscriptionId: string): MetricsAccess {
    return this.accessById.get(subscriptionId.toLowerCase()) ?? 'allowed';
  }

  setAccess(subscriptionId: string, access: MetricsAccess): void {
    this.accessById.set(subscriptionId.toLowerCase(), access);
  }
}

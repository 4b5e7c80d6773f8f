import type { Subscription } from '../estate/estate.js';
import type { Resource } from '../estate/resource.js';
import { isSwitchedOff, powerStateOf, runsInOfficeHours } from '../estate/utilization-profile.js';

const RETENTION_MINUTES = 93 * 24 * 60;

/** When a resource emits metrics, in minutes since 1970. */
export interface MetricLife {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly isOfficeHoursOnly: boolean;
  /** How silence looks for this resource: points without values, or no series at all. */
  readonly silence: 'gaps' | 'no-series';
}

/** The minutes for which there is data of a resource: since its creation, as long as kept, and while it runs. */
export function metricLifeOf(subscription: Subscription, resource: Resource, now: Date): MetricLife {
  const nowMinute = Math.floor(now.getTime() / 60_000);
  const created = resource.properties['timeCreated'] ?? resource.properties['creationTime'];
  const createdMinute = typeof created === 'string' ? Math.ceil(Date.parse(created) / 60_000) : 0;
  const isOff = powerStateOf(resource) === 'deallocated' || isSwitchedOff(subscription);
  return {
    fromMinute: Math.max(createdMinute, nowMinute - RETENTION_MINUTES),
    toMinute: isOff ? 0 : nowMinute,
    isOfficeHoursOnly: runsInOfficeHours(resource),
    silence: resource.seed % 2 === 0 ? 'gaps' : 'no-series',
  };
}

import type { Subscription } from './estate.js';
import type { Resource, UtilizationProfile } from './resource.js';
import { hash32 } from './seeded-random.js';

/** Power state of a machine: stopped keeps its host and its metrics, deallocated has neither. */
export type PowerState = 'running' | 'stopped' | 'deallocated';

/** Shares of a hundred machines. */
const SHARES: readonly (readonly [UtilizationProfile, number])[] = [
  ['idle', 22],
  ['underutilized', 22],
  ['memory-bound', 10],
  ['normal', 22],
  ['busy', 10],
  ['no-memory-data', 9],
  ['no-data', 5],
];

/** The profile of a machine, a function of its seed. */
export function utilizationProfileOf(resource: Resource): UtilizationProfile {
  if (resource.utilization) return resource.utilization;
  let draw = hash32(resource.seed, 'utilization') % 100;
  for (const [profile, share] of SHARES) {
    if (draw < share) return profile;
    draw -= share;
  }
  return 'no-data';
}

/** The power state a machine's properties state; anything that is no machine runs. */
export function powerStateOf(resource: Resource): PowerState {
  const extended = resource.properties['extended'] as { instanceView?: { powerState?: { code?: string } } } | undefined;
  const state = extended?.instanceView?.powerState?.code?.replace('PowerState/', '');
  return state === 'deallocated' || state === 'stopped' ? state : 'running';
}

/** True for a subscription whose machines all stand still. */
export function isSwitchedOff({ state }: Subscription): boolean {
  return state === 'Disabled' || state === 'Deleted';
}

/** True for machines that are billed for working hours only, because they are deallocated outside of them. */
export function runsInOfficeHours(resource: Resource): boolean {
  return (
    resource.type === 'Microsoft.Compute/virtualMachines' && resource.meters.some(({ pattern }) => pattern === 'office')
  );
}

import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { idOf, listAt } from './property.js';
import { isNamedByScaleSet } from './scale-set.js';

/** How many members the backend pools of a load balancer or application gateway have; `lists` name what holds them. */
export function backendCount(resource: InventoryResource, lists: readonly string[]): number {
  return listAt(resource, 'properties.backendAddressPools')
    .flatMap((_, pool) => lists.map((list) => `properties.backendAddressPools.${pool}.properties.${list}`))
    .reduce((count, path) => count + listAt(resource, path).length, 0);
}

/** Whether a scale set fills one of the pools as soon as it runs. */
export function isFilledByScaleSet(resource: InventoryResource, estate: Estate): boolean {
  return listAt(resource, 'properties.backendAddressPools').some((pool) => isNamedByScaleSet(idOf(pool) ?? '', estate));
}

/** That pools are empty, as a sentence. */
export function emptyPoolsReason(pools: number): string {
  if (pools === 0) return 'It has no backend pool.';
  return pools === 1 ? 'Its only backend pool is empty.' : `All its ${pools} backend pools are empty.`;
}

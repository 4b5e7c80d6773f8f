import type { Day } from '#core/day.js';
import type { Subscription } from './estate.js';
import type { ResourceGenerator } from './resource-generator.js';
import type { Resource } from './resource.js';

const MAX_INDEXED_SUBSCRIPTIONS = 32;

/** Finds resources by their id, whatever its casing. */
export class ResourceIndex {
  /** By subscription and day, least recently built first. */
  private readonly indexes = new Map<string, ReadonlyMap<string, Resource>>();

  constructor(private readonly generator: ResourceGenerator) {}

  /** The resource with that id on `day`. */
  find(subscription: Subscription, id: string, day: Day): Resource | undefined {
    const key = `${subscription.subscriptionId}/${day}`;
    let index = this.indexes.get(key);
    if (!index) {
      index = new Map(this.generator.resourcesOn(subscription, day).map((item) => [item.id.toLowerCase(), item]));
      const oldest = this.indexes.keys().next();
      if (this.indexes.size >= MAX_INDEXED_SUBSCRIPTIONS && !oldest.done) this.indexes.delete(oldest.value);
      this.indexes.set(key, index);
    }
    return index.get(id.toLowerCase());
  }
}

/** The parts of a resource id that tell where it is; undefined for text that is none. */
export function parseResourceId(id: string): { subscriptionId: string; type: string } | undefined {
  const match = /^\/subscriptions\/([^/]+)\/resourceGroups\/[^/]+\/providers\/([^/]+)\/(.+)$/i.exec(id);
  if (!match) return undefined;
  const [, subscriptionId = '', provider = '', tail = ''] = match;
  const segments = tail.split('/');
  if (segments.length % 2 !== 0 || segments.includes('')) return undefined;
  return {
    subscriptionId: subscriptionId.toLowerCase(),
    type: [provider, ...segments.filter((_, index) => index % 2 === 0)].join('/'),
  };
}

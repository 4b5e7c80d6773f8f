import type { InventoryResource, ResourceCost, SubscriptionFacts } from '#core/facts.js';
import type { MetricRecord } from '#core/records.js';
import type { Reference } from './reference.js';
import { monthlyCostOf, type MonthlyCost } from './savings.js';

/** The type that stands for the subscription itself. */
export const SUBSCRIPTION_TYPE = 'microsoft.resources/subscriptions';

/** Metrics older than this say nothing about today; Monitor's window ends when it was read. */
const METRIC_LASTS_MS = 3 * 86_400_000;

/** One subscription as rules see it: everything known of it, indexed. Ids may be given in any case. */
export class Estate {
  private readonly byId = new Map<string, InventoryResource>();
  private readonly byType = new Map<string, InventoryResource[]>();
  private readonly metricsById = new Map<string, MetricRecord[]>();
  private readonly chargesById = new Map<string | null, ResourceCost[]>();
  private readonly relations = new Map<string, ReadonlyMap<string, InventoryResource[]>>();

  constructor(
    readonly facts: SubscriptionFacts,
    readonly now: Date,
    readonly reference: Reference = { prices: null, sizes: null },
  ) {
    for (const resource of [subscriptionItself(facts), ...facts.resources]) {
      this.byId.set(resource.resourceId, resource);
      into(this.byType, resource.type, resource);
    }
    for (const metric of facts.metrics) into(this.metricsById, metric.resourceId, metric);
    for (const charge of facts.costs?.costs ?? []) into(this.chargesById, charge.resourceId, charge);
  }

  resource(id: string | undefined): InventoryResource | undefined {
    return id === undefined ? undefined : this.byId.get(id.toLowerCase());
  }

  ofType(type: string): readonly InventoryResource[] {
    return this.byType.get(type) ?? [];
  }

  /**
   * The resources of a type that refer to each id; `refersTo` answers the ids that one names. Built once for each
   * `relation`, which names it.
   */
  referringTo(
    id: string,
    relation: string,
    type: string,
    refersTo: (resource: InventoryResource) => readonly (string | undefined)[],
  ): readonly InventoryResource[] {
    let related = this.relations.get(relation);
    if (!related) {
      const map = new Map<string, InventoryResource[]>();
      for (const resource of this.ofType(type)) {
        for (const target of new Set(refersTo(resource))) if (target) into(map, target.toLowerCase(), resource);
      }
      this.relations.set(relation, (related = map));
    }
    return related.get(id.toLowerCase()) ?? [];
  }

  /** A metric's latest window; null where it was not read of late, or no point had a value. */
  metric(id: string, name: string): MetricRecord | null {
    const metric = this.metricsById.get(id.toLowerCase())?.find((candidate) => candidate.metric === name);
    if (!metric || !(metric.sampleCount > 0)) return null;
    return metric.to.getTime() >= this.now.getTime() - METRIC_LASTS_MS ? metric : null;
  }

  /** What a resource costs a month, all of it or what some charges of it amount to; null where that is unknown. */
  costOf(id: string, only?: (charge: ResourceCost) => boolean): MonthlyCost | null {
    return this.costOfAll([id], only);
  }

  /** What several resources cost a month together. */
  costOfAll(ids: readonly string[], only: (charge: ResourceCost) => boolean = () => true): MonthlyCost | null {
    const window = this.facts.costs;
    const charges = ids.flatMap((id) => this.chargesOf(id).filter(only));
    return window && monthlyCostOf(charges, window);
  }

  /** What a resource was charged for in the window; empty as well where costs are unknown. */
  chargesOf(id: string): readonly ResourceCost[] {
    return this.chargesById.get(id.toLowerCase()) ?? [];
  }

  /** What charges of the whole subscription amount to a month. */
  costWhere(only: (charge: ResourceCost) => boolean): MonthlyCost | null {
    const window = this.facts.costs;
    return window && monthlyCostOf(window.costs.filter(only), window);
  }
}

function subscriptionItself({
  subscriptionId,
  displayName,
  quotaId,
  inventoryAt,
}: SubscriptionFacts): InventoryResource {
  return {
    resourceId: `/subscriptions/${subscriptionId}`,
    originalId: `/subscriptions/${subscriptionId}`,
    subscriptionId,
    name: displayName,
    type: SUBSCRIPTION_TYPE,
    kind: null,
    location: null,
    resourceGroup: null,
    managedBy: null,
    tags: {},
    sku: null,
    properties: { quotaId },
    firstSeenAt: inventoryAt,
  };
}

function into<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

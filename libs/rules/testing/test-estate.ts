import { canonicalDecimal } from '#core/money.js';
import { decimal, plain } from '#core/decimal.js';
import type { CostWindow, InventoryResource, ResourceCost, SubscriptionFacts } from '#core/facts.js';
import type { MetricRecord } from '#core/records.js';
import { Estate } from '../estate.js';
import type { Reference } from '../reference.js';

export const NOW = new Date('2026-04-20T06:00:00Z');
const SUBSCRIPTION = '30000000-0000-4000-8000-000000000001';

type Draft = Partial<InventoryResource> & { properties?: Record<string, unknown> };
type Statistics = Partial<Pick<MetricRecord, 'average' | 'minimum' | 'maximum' | 'p05' | 'p95' | 'coverage' | 'to'>>;

/** A subscription made for one test: what exists in it, what it costs and how it is used. */
export class TestEstate {
  readonly resources: InventoryResource[] = [];
  private readonly metrics: MetricRecord[] = [];
  private readonly costs: ResourceCost[] = [];
  /** Null: nothing was published of its costs. */
  costsKnown = true;
  /** How many of the 30 days were published. */
  costDays = 30;
  amounts: CostWindow['amounts'] = 'effective';
  /** What is known beyond the estate. */
  reference: Reference = { prices: null, sizes: null };
  quotaId: string | null = 'EnterpriseAgreement_2014-09-01';

  /** The instant so many days before the estate's present, as Azure writes it. */
  daysAgo(days: number): string {
    return new Date(NOW.getTime() - days * 86_400_000).toISOString();
  }

  /** A resource of the type, e.g. `microsoft.compute/disks`; child types take `parent/child` names. */
  add(type: string, { name = 'x', resourceGroup = 'rg', ...draft }: Draft = {}): InventoryResource {
    const [provider, ...types] = type.split('/');
    const names = name.split('/');
    const path = types.map((segment, index) => `${segment}/${names[index]}`).join('/');
    const id = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${resourceGroup}/providers/${provider}/${path}`;
    const resource: InventoryResource = {
      resourceId: id.toLowerCase(),
      originalId: id,
      subscriptionId: SUBSCRIPTION,
      name,
      type,
      kind: null,
      location: 'westeurope',
      resourceGroup,
      managedBy: null,
      tags: {},
      sku: null,
      properties: {},
      firstSeenAt: new Date(NOW.getTime() - 100 * 86_400_000),
      ...draft,
    };
    this.resources.push(resource);
    return resource;
  }

  /** Charges of `monthly` in 30 equal days; null as the resource stands for the subscription itself. */
  charge(resource: InventoryResource | null, monthly: string, details: Partial<ResourceCost> = {}): void {
    const week = plain(decimal(monthly).times(7).div(30));
    this.costs.push({
      resourceId: resource?.resourceId ?? null,
      meterCategory: 'Storage',
      pricingModel: 'OnDemand',
      chargeType: 'Usage',
      currency: 'EUR',
      amount: canonicalDecimal(monthly),
      weeks: [week, week, week, week],
      firstDay: '2026-03-21',
      ...details,
    });
  }

  /** Two weeks of a metric, measured at every point unless said otherwise. */
  measure(resource: InventoryResource, metric: string, statistics: Statistics): void {
    this.metrics.push({
      resourceId: resource.resourceId,
      subscriptionId: SUBSCRIPTION,
      resourceType: resource.type,
      metric,
      unit: 'Percent',
      from: new Date(NOW.getTime() - 14 * 86_400_000),
      to: NOW,
      intervalMinutes: 60,
      average: null,
      minimum: null,
      maximum: null,
      p05: null,
      p95: null,
      sampleCount: 336,
      coverage: 1,
      ...statistics,
    });
  }

  build(): Estate {
    const facts: SubscriptionFacts = {
      subscriptionId: SUBSCRIPTION,
      displayName: 'Test',
      quotaId: this.quotaId,
      inventoryAt: NOW,
      resources: this.resources,
      metrics: this.metrics,
      costs: this.costsKnown
        ? { from: '2026-03-21', to: '2026-04-19', days: this.costDays, amounts: this.amounts, costs: this.costs }
        : null,
    };
    return new Estate(facts, NOW, this.reference);
  }
}

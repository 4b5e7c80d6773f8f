import type { Day } from '#core/day.js';
import type { Subscription } from '../estate/estate.js';
import { VM_SIZES, type VmSize } from '../estate/meters.js';
import type { Resource } from '../estate/resource.js';
import { hash32 } from '../estate/seeded-random.js';
import { isSwitchedOff, powerStateOf } from '../estate/utilization-profile.js';
import { type Recommendation, subscriptionRecommendation } from './recommendation.js';
import { COST_TYPES, type Impact } from './recommendation-types.js';
import { savingsFields } from './savings.js';

const HOURS_PER_YEAR = 8_760;
const MAX_RESERVED_SIZES = 2;
const TERMS = [
  { term: 'P1Y', reservation: 0.38, savingsPlan: 0.27 },
  { term: 'P3Y', reservation: 0.6, savingsPlan: 0.46 },
] as const;
/** A longer look back sees more of the past, in which less ran. */
const LOOK_BACKS = [
  { days: '7', share: 1 },
  { days: '30', share: 0.96 },
  { days: '60', share: 0.91 },
] as const;
const SCOPES = [
  { scope: 'Single', share: 0.94 },
  { scope: 'Shared', share: 1 },
] as const;

/** Machines of one size in one region that run all day at full price. */
interface Usage {
  readonly size: VmSize;
  readonly location: string;
  readonly count: number;
}

/**
 * What a subscription could commit to. One usage yields a recommendation per term, look-back and scope, and a savings
 * plan besides: they exclude each other, and their savings must never be added up.
 */
export function commitmentRecommendations(
  subscription: Subscription,
  resources: readonly Resource[],
  day: Day,
): Recommendation[] {
  if (isSwitchedOff(subscription)) return [];
  const usages = usagesOf(resources);
  const hourly = usages.reduce((sum, { size, count }) => sum + Number(size.hourly) * count, 0);
  if (hourly === 0) return [];
  const found: Recommendation[] = [];
  for (const terms of TERMS) {
    for (const lookBack of LOOK_BACKS) {
      for (const { scope, share } of SCOPES) {
        const used = lookBack.share * share;
        const common = { scope, term: terms.term, lookbackPeriod: lookBack.days, subId: subscription.subscriptionId };
        const variant = `${terms.term}/${lookBack.days}/${scope}`;
        for (const usage of usages.slice(0, MAX_RESERVED_SIZES)) {
          found.push(reservation(subscription, day, usage, used * terms.reservation, common, variant));
        }
        found.push(savingsPlan(subscription, day, hourly * used, terms.savingsPlan, common, variant));
      }
    }
  }
  return found;
}

type Common = Readonly<Record<'scope' | 'term' | 'lookbackPeriod' | 'subId', string>>;

function reservation(
  subscription: Subscription,
  day: Day,
  { size, location, count }: Usage,
  share: number,
  common: Common,
  variant: string,
): Recommendation {
  const annualUsd = Number(size.hourly) * HOURS_PER_YEAR * count * share;
  return subscriptionRecommendation(subscription, COST_TYPES.reservation, day, {
    variant: `${variant}/${size.name}/${location}`,
    impact: impactOf(annualUsd),
    extendedProperties: {
      reservedResourceType: 'virtualmachines',
      ...common,
      sku: size.name,
      qty: String(count),
      displayQty: String(count),
      region: location,
      location,
      targetResourceCount: String(count),
      vmSize: size.name,
      displaySKU: size.name,
      ...savingsFields(subscription, annualUsd, 'monthly-and-annual'),
    },
  });
}

function savingsPlan(
  subscription: Subscription,
  day: Day,
  hourlyUsd: number,
  discount: number,
  common: Common,
  variant: string,
): Recommendation {
  const annualUsd = hourlyUsd * HOURS_PER_YEAR * discount;
  const isBrief = hash32(subscription.seed, 'savings-plan', variant) % 4 === 0;
  return subscriptionRecommendation(subscription, COST_TYPES.savingsPlan, day, {
    variant,
    impact: impactOf(annualUsd),
    extendedProperties: {
      ...common,
      sku: 'Compute_Savings_Plan',
      commitment: (hourlyUsd * (1 - discount)).toFixed(3),
      ...savingsFields(subscription, annualUsd, isBrief ? 'annual-only' : 'monthly-and-annual'),
    },
  });
}

/** What runs without a break and is neither reserved nor spot, most expensive first. */
function usagesOf(resources: readonly Resource[]): Usage[] {
  const usages = new Map<string, Usage>();
  for (const resource of resources) {
    if (resource.type !== 'Microsoft.Compute/virtualMachines' || powerStateOf(resource) !== 'running') continue;
    const [compute] = resource.meters;
    const name = (resource.properties['hardwareProfile'] as { vmSize?: string } | undefined)?.vmSize;
    const size = VM_SIZES.find((candidate) => candidate.name === name);
    if (!size || !compute || compute.isReserved || compute.isSpot || compute.pattern !== 'steady') continue;
    const key = `${size.name}/${resource.location}`;
    usages.set(key, { size, location: resource.location, count: (usages.get(key)?.count ?? 0) + 1 });
  }
  return [...usages.values()].sort((a, b) => Number(b.size.hourly) * b.count - Number(a.size.hourly) * a.count);
}

function impactOf(annualUsd: number): Impact {
  return annualUsd > 2_000 ? 'High' : annualUsd > 600 ? 'Medium' : 'Low';
}

import { type Day, addDays } from '#core/day.js';
import type { Subscription } from '../estate/estate.js';
import type { Resource } from '../estate/resource.js';
import { guidOf, hash32, mix32 } from '../estate/seeded-random.js';
import type { Impact, RecommendationType } from './recommendation-types.js';

/** A recommendation before suppressions are looked at. */
export interface Recommendation {
  readonly id: string;
  readonly name: string;
  /** The assessed resource; the subscription itself for what is bought for all of it. */
  readonly resourceId: string;
  /** Empty for a subscription. */
  readonly resourceGroup: string;
  readonly type: RecommendationType;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/** What is particular to a recommendation. */
export interface RecommendationDetails {
  readonly impact?: Impact;
  /** Advisor's own name of the resource type, not always the resource's. */
  readonly impactedField?: string;
  readonly extendedProperties: Readonly<Record<string, string>>;
  /** Tells apart several recommendations of one kind for one resource. */
  readonly variant?: string;
}

/** A recommendation for a resource. */
export function resourceRecommendation(
  subscription: Subscription,
  resource: Resource,
  type: RecommendationType,
  day: Day,
  details: RecommendationDetails,
): Recommendation {
  return build(type, day, details, {
    resourceId: resource.id,
    resourceGroup: resource.resourceGroup,
    impactedField: resource.type,
    impactedValue: resource.name.slice(resource.name.lastIndexOf('/') + 1),
    seed: hash32(subscription.seed, resource.seed, type.typeId),
  });
}

/** A recommendation for a subscription as a whole. */
export function subscriptionRecommendation(
  subscription: Subscription,
  type: RecommendationType,
  day: Day,
  details: RecommendationDetails,
): Recommendation {
  return build(type, day, details, {
    resourceId: `/subscriptions/${subscription.subscriptionId}`,
    resourceGroup: '',
    impactedField: 'Microsoft.Subscriptions/subscriptions',
    impactedValue: subscription.subscriptionId,
    seed: hash32(subscription.seed, type.typeId, details.variant ?? ''),
  });
}

function build(
  type: RecommendationType,
  day: Day,
  details: RecommendationDetails,
  target: { resourceId: string; resourceGroup: string; impactedField: string; impactedValue: string; seed: number },
): Recommendation {
  const name = guidOf(target.seed, 'recommendation');
  return {
    id: `${target.resourceId}/providers/Microsoft.Advisor/recommendations/${name}`,
    name,
    resourceId: target.resourceId,
    resourceGroup: target.resourceGroup,
    type,
    seed: target.seed,
    properties: {
      category: type.category,
      impact: details.impact ?? type.impact,
      impactedField: details.impactedField ?? target.impactedField,
      impactedValue: target.impactedValue,
      lastUpdated: lastUpdated(target.seed, day),
      recommendationTypeId: type.typeId,
      shortDescription: { problem: type.problem, solution: type.solution },
      extendedProperties: details.extendedProperties,
      resourceMetadata: { resourceId: target.resourceId },
    },
  };
}

/** Recommendations are refreshed within two days, each at a time of its own. */
function lastUpdated(seed: number, day: Day): string {
  const draw = mix32(seed, 7);
  const second = draw % 86_400;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${addDays(day, -1 - (draw % 2))}T${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}.${String(draw % 10_000_000).padStart(7, '0')}Z`;
}

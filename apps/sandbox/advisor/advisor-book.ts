import type { Day } from '#core/day.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Subscription } from '../estate/estate.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { commitmentRecommendations } from './commitment-recommendations.js';
import type { Recommendation } from './recommendation.js';
import { recommendationsFor } from './resource-recommendations.js';
import { type Suppression, Suppressions } from './suppressions.js';

const MAX_REMEMBERED = 16;

/** An item as Resource Manager and Resource Graph both show it. */
export interface AdvisorItem {
  readonly id: string;
  readonly name: string;
  readonly type: 'Microsoft.Advisor/recommendations' | 'Microsoft.Advisor/suppressions';
  readonly properties: Readonly<Record<string, unknown>>;
  readonly recommendation: Recommendation;
}

/** Everything Advisor knows about the estate now. */
export class AdvisorBook {
  readonly suppressions = new Suppressions();
  private readonly remembered = new Map<string, readonly Recommendation[]>();

  constructor(
    private readonly generator: ResourceGenerator,
    private readonly clock: EstateClock,
  ) {}

  /** A subscription's recommendations, suppressed ones included: those only carry the ids of what suppresses them. */
  recommendations(subscription: Subscription): AdvisorItem[] {
    return this.list(subscription).map((recommendation) => this.item(recommendation));
  }

  /** The suppressions of a subscription's recommendations. */
  suppressionItems(subscription: Subscription): AdvisorItem[] {
    return this.list(subscription).flatMap((recommendation) =>
      this.suppressionsOf(recommendation).map((suppression) => suppressionItem(recommendation, suppression)),
    );
  }

  /** The recommendation with that id, whatever its casing. */
  find(subscription: Subscription, id: string): Recommendation | undefined {
    const wanted = id.toLowerCase();
    return this.list(subscription).find((recommendation) => recommendation.id.toLowerCase() === wanted);
  }

  /** A recommendation with the suppressions of now. */
  item(recommendation: Recommendation): AdvisorItem {
    const suppressions = this.suppressionsOf(recommendation);
    const { id, name, properties } = recommendation;
    return {
      id,
      name,
      type: 'Microsoft.Advisor/recommendations',
      properties:
        suppressions.length > 0
          ? { ...properties, suppressionIds: suppressions.map(({ suppressionId }) => suppressionId) }
          : properties,
      recommendation,
    };
  }

  suppressionsOf(recommendation: Recommendation): Suppression[] {
    return this.suppressions.of(recommendation, this.clock.today(), this.clock.now());
  }

  private list(subscription: Subscription): readonly Recommendation[] {
    const day = this.clock.today();
    const key = `${subscription.subscriptionId}/${day}/${subscription.state}`;
    let list = this.remembered.get(key);
    if (!list) {
      list = generate(this.generator, subscription, day);
      const oldest = this.remembered.keys().next();
      if (this.remembered.size >= MAX_REMEMBERED && !oldest.done) this.remembered.delete(oldest.value);
      this.remembered.set(key, list);
    }
    return list;
  }
}

/** A suppression as an item of its own. */
export function suppressionItem(recommendation: Recommendation, suppression: Suppression): AdvisorItem {
  const { name, ...properties } = suppression;
  return {
    id: `${recommendation.id}/suppressions/${name}`,
    name,
    type: 'Microsoft.Advisor/suppressions',
    properties,
    recommendation,
  };
}

function generate(generator: ResourceGenerator, subscription: Subscription, day: Day): Recommendation[] {
  const resources = generator.resourcesOn(subscription, day);
  return [
    ...resources.flatMap((resource) => recommendationsFor(subscription, resource, day)),
    ...commitmentRecommendations(subscription, resources, day),
  ];
}

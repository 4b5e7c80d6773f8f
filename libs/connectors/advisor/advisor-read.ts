import type { ReadProof } from '#core/connector.js';
import type { SourceError } from '#core/errors.js';
import type { RecommendationRecord } from '#core/records.js';
import { QueryProof } from '../resource-graph/query-proof.js';
import { toRecommendation } from './recommendation.mapper.js';

/** What one read of a tenant's recommendations has seen so far. */
export class AdvisorRead {
  /** What Resource Graph announced next to what came. */
  readonly graph = new QueryProof();
  #listedPages = 0;
  #listedRows = 0;
  readonly #covered = new Set<string>();
  readonly #refused = new Map<string, SourceError>();

  constructor(readonly subscriptions: readonly string[]) {}

  /** The new records of a page; what a page repeats is left out. */
  take(items: readonly unknown[]): RecommendationRecord[] {
    return items.flatMap((item) => {
      const record = toRecommendation(item);
      if (!record) this.graph.distrust('A recommendation has no id, or belongs to no subscription.');
      return record && this.graph.isNew(record.sourceId) ? [record] : [];
    });
  }

  /** As `take`, for a page of Advisor's own list. */
  takeListed(items: readonly unknown[]): RecommendationRecord[] {
    this.#listedPages += 1;
    this.#listedRows += items.length;
    return this.take(items);
  }

  /** The answer covers the subscription, whether or not it had recommendations. */
  cover(subscriptionId: string): void {
    this.#covered.add(subscriptionId.toLowerCase());
  }

  refuse(subscriptionId: string, error: SourceError): void {
    this.#refused.set(subscriptionId, error);
  }

  /** Throws the first refusal when no subscription was readable at all. */
  throwIfNothingCouldBeRead(): void {
    const [first] = this.#refused.values();
    if (first && this.#refused.size === this.subscriptions.length) throw first;
  }

  proof(): ReadProof {
    const [first] = this.#refused;
    const { pages, received, expected, incompleteReason } = this.graph;
    return {
      pages: pages + this.#listedPages,
      rows: received + this.#listedRows,
      // Advisor's own list announces no total.
      expected: this.#listedPages > 0 ? null : expected,
      complete: incompleteReason === null,
      incompleteReason,
      coveredDays: [],
      subscriptionsSeen: [...this.#covered].sort(),
      grain: null,
      amounts: null,
      unavailable: first
        ? {
            reason: `${this.#refused.size} of ${this.subscriptions.length} subscriptions could not be read, among them ${first[0]}: ${first[1].message}`,
            action: first[1].action,
          }
        : null,
    };
  }
}

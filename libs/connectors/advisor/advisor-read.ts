import type { ReadProof } from '#core/connector.js';
import type { SourceError } from '#core/errors.js';
import type { RecommendationRecord } from '#core/records.js';
import { toRecommendation } from './recommendation.mapper.js';

/** What one read of a tenant's recommendations has seen so far. */
export class AdvisorRead {
  pages = 0;
  expected: number | null = null;
  #rows = 0;
  #incompleteReason: string | null = null;
  readonly #seen = new Set<string>();
  readonly #covered = new Set<string>();
  readonly #refused = new Map<string, SourceError>();

  constructor(readonly subscriptions: readonly string[]) {}

  /** The new records of a page; what a page repeats is left out. */
  take(items: readonly unknown[]): RecommendationRecord[] {
    this.#rows += items.length;
    const records: RecommendationRecord[] = [];
    for (const item of items) {
      const record = toRecommendation(item);
      if (!record) this.distrust(`A recommendation of page ${this.pages} has no id or type.`);
      else if (this.#seen.has(record.sourceId)) {
        this.distrust(`The recommendation ${record.sourceId} came twice: the list changed while it was read.`);
      } else {
        this.#seen.add(record.sourceId);
        records.push(record);
      }
    }
    return records;
  }

  distrust(reason: string): void {
    this.#incompleteReason ??= reason;
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
    if (this.expected !== null && this.#rows !== this.expected) {
      this.distrust(`Azure announced ${this.expected} recommendations, but ${this.#rows} came.`);
    }
    const [first] = this.#refused;
    return {
      pages: this.pages,
      rows: this.#rows,
      expected: this.expected,
      complete: this.#incompleteReason === null,
      incompleteReason: this.#incompleteReason,
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

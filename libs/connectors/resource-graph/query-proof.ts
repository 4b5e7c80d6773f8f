import type { QueryPage } from './query-pages.js';

/** What a query's answers announced next to what came; the first reason to distrust them is kept. */
export class QueryProof {
  pages = 0;
  /** Rows that came, repeated ones included. */
  received = 0;
  /** Rows that Azure announced, over all batches of subscriptions. */
  expected = 0;
  duplicates = 0;
  /** Azure left something out: it cut an answer off, or looked at a part of the subscriptions only. */
  truncated = false;
  incompleteReason: string | null = null;
  readonly #ids = new Set<string>();
  #batch: { total: number | null; received: number } = { total: null, received: 0 };

  distrust(reason: string): void {
    this.incompleteReason ??= reason;
  }

  /** Every batch of subscriptions is a query of its own, with its own total. */
  beginBatch(): void {
    this.#batch = { total: null, received: 0 };
  }

  addPage({ rows, totalRecords, cutOff, subscriptionLimitHit }: QueryPage): void {
    const batch = this.#batch;
    this.pages += 1;
    this.received += rows.length;
    batch.received += rows.length;
    if (batch.total === null) {
      batch.total = totalRecords;
      this.expected += totalRecords;
    }
    if (totalRecords !== batch.total) {
      this.distrust(`The total changed from ${batch.total} to ${totalRecords} while the estate was read.`);
    }
    if (cutOff) this.distrust('Azure cut the answer off and gave no way to go on.');
    if (subscriptionLimitHit) this.distrust('The answer covers the first 10,000 subscriptions only.');
    this.truncated ||= cutOff || subscriptionLimitHit;
  }

  /** True the first time that the id is seen, in whatever case. */
  isNew(resourceId: string): boolean {
    const id = resourceId.toLowerCase();
    if (this.#ids.has(id)) {
      this.duplicates += 1;
      this.distrust(`The resource ${id} came twice: the estate changed while it was read.`);
      return false;
    }
    this.#ids.add(id);
    return true;
  }

  endBatch(): void {
    const { total, received } = this.#batch;
    if (received !== total) this.distrust(`Azure announced ${total} resources, but ${received} came.`);
  }
}

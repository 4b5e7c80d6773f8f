import type { TargetSubscription } from '#core/connector.js';

/** Resource Graph accepts this many subscriptions in one query. */
const SUBSCRIPTIONS_PER_QUERY = 1000;

/** The ids of the subscriptions, each once, cut into what one query may name; no batch for none. */
export function subscriptionBatches(subscriptions: readonly TargetSubscription[]): string[][] {
  const ids = [...new Set(subscriptions.map(({ subscriptionId }) => subscriptionId.toLowerCase()))].sort();
  const batches: string[][] = [];
  for (let start = 0; start < ids.length; start += SUBSCRIPTIONS_PER_QUERY) {
    batches.push(ids.slice(start, start + SUBSCRIPTIONS_PER_QUERY));
  }
  return batches;
}

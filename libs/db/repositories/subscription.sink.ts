import { oneTenant } from '#core/scope.js';
import type { SubscriptionRecord } from '#core/records.js';
import type { Database } from '../database.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';
import type { SubscriptionRepository } from './subscription.repository.js';

/** Discovered subscriptions: few enough to hold, published together. */
export async function openSubscriptionSink(
  database: Database,
  subscriptions: SubscriptionRepository,
  target: SinkTarget,
): Promise<RecordSink<'subscription'>> {
  const found: SubscriptionRecord[] = [];
  return {
    add: async (records) => void found.push(...records),
    publish: (proof, checkpoint) =>
      database.transaction(oneTenant(target.tenantId), async (tx) => {
        await subscriptions.storeDiscovered(tx, target.tenantId, found, proof.complete);
        const published = { rows: found.length, totals: [] };
        await checkpoint(tx, published);
        return published;
      }),
    discard: async () => undefined,
  };
}

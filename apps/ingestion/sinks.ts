import type { RecordKind } from '#core/records.js';
import type { Database } from '#db/database.js';
import type { CostLedger } from '#db/ledger/cost-ledger.js';
import { openCostSink } from '#db/ledger/cost-sink.js';
import type { SinkFactory } from '#db/record-sink.js';
import type { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import type { ResourceMetricRepository } from '#db/repositories/resource-metric.repository.js';
import type { ResourceRepository } from '#db/repositories/resource.repository.js';
import type { SubscriptionRepository } from '#db/repositories/subscription.repository.js';
import { openSubscriptionSink } from '#db/repositories/subscription.sink.js';

/** The one table that says where each kind of record goes. */
export type Sinks = { [K in RecordKind]: SinkFactory<K> };

export function createSinks(
  database: Database,
  subscriptions: SubscriptionRepository,
  resources: ResourceRepository,
  ledger: CostLedger,
  metrics: ResourceMetricRepository,
  recommendations: RecommendationRepository,
): Sinks {
  return {
    subscription: (target) => openSubscriptionSink(database, subscriptions, target),
    resource: (target) => resources.openSink(target),
    cost: (target) => openCostSink(ledger, target),
    metric: (target) => metrics.openSink(target),
    recommendation: (target) => recommendations.openSink(target),
  };
}

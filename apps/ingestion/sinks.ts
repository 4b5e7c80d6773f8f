import type { RecordKind } from '#core/records.js';
import type { AssessmentRepository } from '#db/repositories/assessment.repository.js';
import type { CostLedger } from '#db/ledger/cost-ledger.js';
import { openCostSink } from '#db/ledger/cost-sink.js';
import type { SinkFactory } from '#db/record-sink.js';
import type { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import type { ResourceMetricRepository } from '#db/repositories/resource-metric.repository.js';
import type { ResourceRepository } from '#db/repositories/resource.repository.js';
import type { RetailPriceRepository } from '#db/repositories/retail-price.repository.js';
import type { SubscriptionTargetRepository } from '#db/repositories/subscription-target.repository.js';
import type { VirtualMachineSizeRepository } from '#db/repositories/virtual-machine-size.repository.js';

/** The one table that says where each kind of record goes. */
export type Sinks = { [K in RecordKind]: SinkFactory<K> };

export function createSinks(
  subscriptions: SubscriptionTargetRepository,
  resources: ResourceRepository,
  ledger: CostLedger,
  metrics: ResourceMetricRepository,
  recommendations: RecommendationRepository,
  assessments: AssessmentRepository,
  prices: RetailPriceRepository,
  sizes: VirtualMachineSizeRepository,
): Sinks {
  return {
    subscription: (target) => subscriptions.openSink(target),
    resource: (target) => resources.openSink(target),
    cost: (target) => openCostSink(ledger, target),
    metric: (target) => metrics.openSink(target),
    recommendation: (target) => recommendations.openSink(target),
    assessment: (target) => assessments.openSink(target),
    price: (target) => prices.openSink(target),
    'virtual-machine-size': (target) => sizes.openSink(target),
  };
}

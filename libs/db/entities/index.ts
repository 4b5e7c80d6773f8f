import { AuditLog } from './audit-log.entity.js';
import { CostDailyTotal } from './cost-daily-total.entity.js';
import { CostsMonthly } from './costs-monthly.entity.js';
import { CostDataset } from './cost-dataset.entity.js';
import { CostDayRevision } from './cost-day-revision.entity.js';
import { CostExportRun } from './cost-export-run.entity.js';
import { CostDimension } from './cost-dimension.entity.js';
import { CostTenantTotal } from './cost-tenant-total.entity.js';
import { DataVersion } from './data-version.entity.js';
import { DeliveryChannel } from './delivery-channel.entity.js';
import { Delivery } from './delivery.entity.js';
import { IngestionRun } from './ingestion-run.entity.js';
import { IngestionWindow } from './ingestion-window.entity.js';
import { QuotaClosure } from './quota-closure.entity.js';
import { QuotaUse } from './quota-use.entity.js';
import { RawSnapshot } from './raw-snapshot.entity.js';
import { RecommendationEvent } from './recommendation-event.entity.js';
import { RecommendationExemption } from './recommendation-exemption.entity.js';
import { Recommendation } from './recommendation.entity.js';
import { ResourceMetric } from './resource-metric.entity.js';
import { Resource } from './resource.entity.js';
import { RetailPrice } from './retail-price.entity.js';
import { RuleEvaluation } from './rule-evaluation.entity.js';
import { RuleSetting } from './rule-setting.entity.js';
import { Subscription } from './subscription.entity.js';
import { Tenant } from './tenant.entity.js';
import { VirtualMachineSize } from './virtual-machine-size.entity.js';

/** Every table of the product. */
export const entities = [
  Tenant,
  Subscription,
  Resource,
  CostDataset,
  CostDimension,
  CostTenantTotal,
  CostsMonthly,
  CostDailyTotal,
  CostDayRevision,
  CostExportRun,
  Recommendation,
  RecommendationEvent,
  RecommendationExemption,
  RuleSetting,
  RuleEvaluation,
  DeliveryChannel,
  Delivery,
  AuditLog,
  IngestionRun,
  IngestionWindow,
  RawSnapshot,
  ResourceMetric,
  RetailPrice,
  VirtualMachineSize,
  QuotaUse,
  QuotaClosure,
  DataVersion,
];

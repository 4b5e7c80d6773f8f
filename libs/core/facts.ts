import type { Day } from './day.js';
import type { MetricRecord, ResourceRecord } from './records.js';

/** A resource of the inventory that still exists. */
export interface InventoryResource extends ResourceRecord {
  firstSeenAt: Date;
}

/** What a resource cost over the window of its subscription's costs, one currency, meter category and pricing model. */
export interface ResourceCost {
  /** Lower-cased; null for charges of the subscription itself. */
  resourceId: string | null;
  meterCategory: string | null;
  /** As billed: `OnDemand`, `Reservation`, `SavingsPlan`, `Spot`. */
  pricingModel: string | null;
  chargeType: string | null;
  currency: string;
  amount: string;
  /** The same for each of the window's last four weeks, oldest first. */
  weeks: readonly [string, string, string, string];
  /** First day of the window with a charge. */
  firstDay: Day;
}

/**
 * Pattern of the pricing models that a reservation or savings plan pays for, in any case; FOCUS calls both `Committed`.
 */
export const COMMITTED_PRICING = '^(reservation|savings ?plan|committed)$';

/** A subscription's costs of the last 30 days that are over and published. */
export interface CostWindow {
  from: Day;
  to: Day;
  /** How many of its days were published. */
  days: number;
  /** Effective (amortized) cost where it was published for every day that has costs, else billed cost. */
  amounts: 'effective' | 'billed';
  costs: readonly ResourceCost[];
}

/** Everything that is known of a subscription when rules judge it. */
export interface SubscriptionFacts {
  subscriptionId: string;
  displayName: string;
  /** Azure's offer; null where unknown. */
  quotaId: string | null;
  /** When the inventory was last read whole. */
  inventoryAt: Date;
  resources: readonly InventoryResource[];
  metrics: readonly MetricRecord[];
  /** Null where no costs were published lately. */
  costs: CostWindow | null;
}

/** Where a tenant departs from a rule's defaults. */
export interface RuleSetting {
  rule: string;
  enabled: boolean;
  thresholds: Readonly<Record<string, number>>;
}

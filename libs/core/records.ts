import type { Day } from './day.js';

/** A subscription as its provider lists it. Source: Azure Resource Manager `GET /subscriptions`. */
export interface SubscriptionRecord {
  /** The provider's id, lower-cased; a GUID for Microsoft. */
  subscriptionId: string;
  displayName: string;
  state: 'Enabled' | 'Warned' | 'PastDue' | 'Disabled' | 'Deleted' | 'Unknown';
  /** Azure's offer, e.g. `EnterpriseAgreement_2014-09-01`; decides which cost data exists. */
  quotaId: string | null;
  /** Entra tenant the subscription lives in; differs from the asked one for Lighthouse-delegated subscriptions. */
  homeTenantId: string | null;
}

/** One Azure resource. Source: Resource Graph table `Resources`. */
export interface ResourceRecord {
  /** Lower-cased: the join key between inventory, costs and metrics, whose casing differs on the wire. */
  resourceId: string;
  /** As Azure wrote it. */
  originalId: string;
  subscriptionId: string;
  name: string;
  type: string;
  kind: string | null;
  location: string | null;
  resourceGroup: string | null;
  tags: Record<string, string>;
  sku: Record<string, unknown> | null;
  properties: Record<string, unknown>;
}

/**
 * One day of one charge at the finest grain its source gave; absent dimensions are null, never guessed.
 * Decimal strings keep every digit received. Either amount is null where its dataset does not carry it.
 */
export interface CostRecord {
  day: Day;
  /** FOCUS ProviderName, e.g. `Microsoft`. */
  provider: string;
  billingAccountId: string | null;
  /** The provider's id, lower-cased; null for charges outside any subscription. */
  subscriptionId: string | null;
  /** Lower-cased. */
  resourceGroup: string | null;
  serviceName: string | null;
  meterCategory: string | null;
  chargeType: string | null;
  pricingModel: string | null;
  publisher: string | null;
  /** Lower-cased. */
  location: string | null;
  /** Lower-cased. */
  resourceId: string | null;
  /** ISO 4217 billing currency. */
  currency: string;
  /** Billed cost. */
  cost: string | null;
  /** Effective (amortized) cost. */
  amortizedCost: string | null;
}

/** What a connector can produce; each kind has exactly one repository that stores it. */
export interface RecordKinds {
  subscription: SubscriptionRecord;
  resource: ResourceRecord;
  cost: CostRecord;
}
export type RecordKind = keyof RecordKinds;

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
  /** Entra tenants that it is delegated to (Azure Lighthouse). */
  managedBy: readonly string[];
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
  /** Lower-cased id of what it belongs to, e.g. the machine of a disk. */
  managedBy: string | null;
  tags: Record<string, string>;
  sku: Record<string, unknown> | null;
  properties: Record<string, unknown>;
}

/**
 * Everything that describes a charge but its day, currency and amounts, at the finest grain its source gave; what is absent is
 * null, never guessed. Charges that agree in all of it mostly share one object.
 */
export interface CostDimension {
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
}

/**
 * One day of one charge. Decimal strings keep every digit received. Either amount, but not both, is null where its dataset
 * does not carry it.
 */
export interface CostRecord {
  day: Day;
  dimension: CostDimension;
  /** ISO 4217 billing currency. */
  currency: string;
  /** Billed cost. */
  cost: string | null;
  /** Effective (amortized) cost. */
  amortizedCost: string | null;
}

/** How one metric of a resource went over a look-back window. Source: Azure Monitor. */
export interface MetricRecord {
  /** Lower-cased. */
  resourceId: string;
  subscriptionId: string;
  /** Lower-cased. */
  resourceType: string;
  /** In Azure's own spelling, e.g. `Percentage CPU`. */
  metric: string;
  /** Azure's unit, e.g. `Percent`, `Bytes`. */
  unit: string;
  from: Date;
  to: Date;
  intervalMinutes: number;
  /** Null, like the other statistics, where no point had a value: absent is not zero. */
  average: number | null;
  minimum: number | null;
  maximum: number | null;
  p05: number | null;
  p95: number | null;
  /** Points that had a value. */
  sampleCount: number;
  /** Share of the points in the window that had a value, 0 to 1. */
  coverage: number;
}

/** How an amount of savings came about, from proof to guess. */
export type SavingsMethod = 'measured' | 'priced' | 'stated' | 'guessed';

/** What a recommendation asks for, in the order in which one thing makes the next pointless. */
export const RECOMMENDED_ACTIONS = [
  'remove',
  'stop',
  'resize',
  'retier',
  'relicense',
  'commit',
  'upgrade',
  'label',
] as const;
export type RecommendedAction = (typeof RECOMMENDED_ACTIONS)[number];
export type Level = 'low' | 'medium' | 'high';

/** A change that its source recommends. */
export interface RecommendationRecord {
  /** The source's own id, lower-cased. */
  sourceId: string;
  /** What was found, e.g. `unattached-disk` or `advisor/e10b1381-…`. */
  rule: string;
  category: string;
  title: string;
  /** Why, in a sentence; null where the source gives none. */
  reason: string | null;
  subscriptionId: string;
  /** Lower-cased; null for findings about a subscription. */
  resourceId: string | null;
  impact: 'High' | 'Medium' | 'Low' | null;
  action: RecommendedAction | null;
  /** What can go wrong in carrying it out; null where the source does not say. */
  risk: Level | null;
  effort: Level | null;
  /** Per month, a decimal string; null, like currency and method, where nobody knows. */
  estimatedMonthlySavings: string | null;
  savingsLow: string | null;
  savingsHigh: string | null;
  /** What the subject costs a month today; null where unknown. */
  monthlyCost: string | null;
  /** ISO 4217. */
  currency: string | null;
  savingsMethod: SavingsMethod | null;
  /** 0 to 1, a decimal string. */
  confidence: string;
  /** What the confidence is the product of; empty where the source states it whole. */
  confidenceParts: Readonly<Record<string, number>>;
  /** Findings that share it exclude each other; null for one that stands alone. */
  alternativeOf: string | null;
  /** Somebody has silenced it at its source. */
  suppressed: boolean;
  /** The values that it rests on. */
  evidence: Readonly<Record<string, unknown>>;
}

/** What one rule said about one subscription. */
export interface AssessmentRecord {
  rule: string;
  subscriptionId: string;
  /** Resources that the rule is about, whatever it said of them. */
  examined: number;
  found: readonly RecommendationRecord[];
  /** Resources that it could not judge, and why: nothing is concluded about them. */
  undecided: readonly { resourceId: string | null; reason: string }[];
}

/** One list price. Source: Azure Retail Prices. */
export interface RetailPriceRecord {
  /** ISO 4217. */
  currency: string;
  /** As Azure names it, e.g. `westeurope`; `global` for what costs the same everywhere. */
  region: string;
  serviceName: string;
  productName: string;
  skuName: string;
  /** As Resource Manager names it, e.g. `Standard_D4s_v5`; null for most of what is no machine. */
  armSkuName: string | null;
  meterId: string;
  meterName: string;
  /** What the price is for, e.g. `1 Hour`, `1/Month`. */
  unitOfMeasure: string;
  type: 'Consumption' | 'Reservation';
  /** `1 Year`, `3 Years`; null for consumption. A reservation's price is that of the whole term. */
  reservationTerm: string | null;
  /** Units from which on the price holds, a decimal string; `0` for the first one. */
  tierMinimumUnits: string;
  /** A decimal string. */
  retailPrice: string;
  /** Azure lists some meters twice; this one is meant for the region. Some have no such row at all. */
  isPrimaryMeterRegion: boolean;
}

/** What a size of virtual machine can do in a region. Source: Azure Resource Manager `Microsoft.Compute/skus`. */
export interface VirtualMachineSizeRecord {
  /** As Azure names it, e.g. `westeurope`. */
  region: string;
  /** As in `hardwareProfile.vmSize`, e.g. `Standard_D4s_v5`. */
  name: string;
  /** E.g. `standardDSv5Family`. */
  family: string;
  /** Cores that the machine may use. */
  vCpus: number;
  memoryGiB: number;
  /** Null, like the other limits, where Azure does not say. */
  maxDataDisks: number | null;
  maxNetworkInterfaces: number | null;
  premiumIo: boolean;
  acceleratedNetworking: boolean;
  ephemeralOsDisk: boolean;
  architecture: 'x64' | 'Arm64';
  /** Generations of Hyper-V: `V1`, `V2`. */
  generations: readonly string[];
  uncachedIops: number | null;
  uncachedBytesPerSecond: number | null;
  /** 0 for sizes without temporary storage. */
  temporaryDiskMiB: number | null;
  /** Not to be had in the region by the subscription that was asked. */
  isRestricted: boolean;
}

/** What a connector can produce; each kind has exactly one repository that stores it. */
export interface RecordKinds {
  subscription: SubscriptionRecord;
  resource: ResourceRecord;
  cost: CostRecord;
  metric: MetricRecord;
  recommendation: RecommendationRecord;
  assessment: AssessmentRecord;
  price: RetailPriceRecord;
  'virtual-machine-size': VirtualMachineSizeRecord;
}
export type RecordKind = keyof RecordKinds;

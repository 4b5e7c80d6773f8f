import type { CheckResult } from './check.js';
import type { Clock } from './clock.js';
import type { Day, DayRange } from './day.js';
import type { Logger } from './logger.js';
import type { QuotaDraw } from './quota.js';
import type { RecordKind, RecordKinds } from './records.js';

export type RunMode = 'full' | 'incremental';

/**
 * Discovery finds what later stages read: subscriptions, then their resources and costs, then how resources are used and
 * what their kind costs, then what all of that means. A stage is planned once the one before has ended.
 */
export const STAGES = ['discovery', 'estate', 'metrics', 'rules'] as const;
/** The source of what our own rules found. */
export const RULES_SOURCE = 'rules';
export type Stage = (typeof STAGES)[number];

/** The tenant to read, as registered. */
export interface TargetTenant {
  id: string;
  azureTenantId: string;
  /** Names configured credentials; null means the process's own. Never a secret. */
  credentialRef: string | null;
}

/** A registered, not removed subscription of the tenant, with what the planner knows of earlier reads. */
export interface TargetSubscription {
  subscriptionId: string;
  state: string;
  quotaId: string | null;
  /** Days whose costs were published by ingestion, under this tenant or another, oldest first. */
  costsCovered: readonly DayRange[];
  /** Days for which Azure said lately that it has no costs to serve. */
  costsUnavailable: readonly DayRange[];
  /** When ingestion last asked for its latest costs, whatever came of it (ISO 8601); null before the first time. */
  costsAskedAt: string | null;
  /** First days of the months whose costs came from elsewhere (imports) and are not ingestion's to write. */
  costMonthsOwnedElsewhere: readonly Day[];
}

/** A resource of the inventory that still exists. */
export interface TargetResource {
  /** Lower-cased. */
  resourceId: string;
  subscriptionId: string;
  /** Lower-cased. */
  type: string;
  /** As Azure names it, e.g. `westeurope`; null or `global` for resources without a region. */
  location: string | null;
}

/** What the planner asks a connector to cut into windows. */
export interface PlanRequest {
  mode: RunMode;
  now: Date;
  /** Asked explicitly by whoever triggered the run; replaces the default windows. */
  range: DayRange | null;
  tenant: TargetTenant;
  subscriptions: readonly TargetSubscription[];
  /** How many resources of the connector's `resourceTypes` the inventory holds, by subscription. */
  resources: ReadonlyMap<string, number>;
  /** Regions of those resources (`global` without one) with the subscriptions that hold them; empty unless the source is shared. */
  regions: ReadonlyMap<string, readonly string[]>;
  /** ISO 4217 currencies of the tenant's costs; empty unless the source is shared. */
  currencies: readonly string[];
  /** How many calls the source's quotas leave for this run; null when nothing limits them. */
  callsLeft: number | null;
  /** Whole months before the current one that a first read goes back. */
  backfillMonths: number;
}

/** The unit of retry, resume and proof: one connector over one scope and, for costs, one range within a month. */
export interface WindowSpec {
  /** `tenant`, or the subscription's id; of a shared source, what is read, e.g. `EUR westeurope`. */
  scope: string;
  subscriptionId: string | null;
  range: DayRange | null;
}

/** A source's answer to one request: the body exactly as received, and what else it said. */
export interface RawAnswer {
  body: Uint8Array;
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/** One answer to be kept, before anyone parsed it. */
export interface RawPage extends RawAnswer {
  /** What the page holds, for its file name: lower-case letters, digits and hyphens, e.g. `actual-0001`. */
  label: string;
  /** Tells the request from every other of the window. */
  requestHash: string;
}

export interface ReadContext {
  tenant: TargetTenant;
  /** Subscriptions that the read is expected to see (tenant-wide reads compare against them). */
  subscriptions: readonly TargetSubscription[];
  /** The inventory of the window's subscription, of the connector's `resourceTypes`. */
  resources: readonly TargetResource[];
  /** Stores the page immutably; must be awaited before the page's records are yielded. */
  keep(page: RawPage): Promise<void>;
  /**
   * The answer to the same request from an attempt that stopped a short while ago to wait for quota; null otherwise.
   * This is how a read goes on where it stopped: what was answered is not asked again.
   */
  recall(requestHash: string): Promise<RawAnswer | null>;
  clock: Clock;
  logger: Logger;
  signal: AbortSignal;
}

/** What a check is given: the context of a read whose pages are kept nowhere. */
export interface CheckContext extends ReadContext {
  /** Subscriptions that may be asked one by one; `resources` has one of each, requests across the tenant cover all of `subscriptions`. */
  sample: readonly TargetSubscription[];
}

/** What the source said existed, next to what was read. Only a complete read may replace or close anything. */
export interface ReadProof {
  pages: number;
  rows: number;
  /** Rows the source announced; null where it announces none. */
  expected: number | null;
  complete: boolean;
  /** Why `complete` is false; null otherwise. */
  incompleteReason: string | null;
  /** Days for which the source returned at least one row. */
  coveredDays: readonly Day[];
  /** Subscriptions that the answer covers; null where the window has a single one. */
  subscriptionsSeen: readonly string[] | null;
  /** Dimensions that the rows are grouped by; null where the source has one grain. */
  grain: readonly string[] | null;
  /** Amount columns that the source carried. Null for records that are not costs. */
  amounts: CostAmounts | null;
  /** A lasting reason why a part is missing although the window is published, with what to do; null otherwise. */
  unavailable: { reason: string; action: string } | null;
}

/** Which of the ledger's two amount columns a dataset owns. */
export type CostAmounts = 'actual' | 'amortized' | 'both';

/**
 * A data source. Knows no database: targets are passed in, records come out in batches, and the generator's
 * return value proves what was read. Errors are those of `errors.ts`.
 */
export interface Connector<K extends RecordKind = RecordKind> {
  readonly id: string;
  readonly title: string;
  readonly api: string;
  readonly apiVersion: string;
  /** Azure roles that the reading application needs, for documentation and error messages; none if nobody signs in. */
  readonly requiredRoles: readonly string[];
  /** Set if all tenants share what it reads: the days after which a scope is read again, for whichever tenant needs it. */
  readonly sharedForDays?: number;
  readonly stage: Stage;
  readonly produces: K;
  readonly modes: readonly RunMode[];
  /** Types of resources, lower-cased, whose inventory decides what there is to read. */
  readonly resourceTypes?: readonly string[];
  /** What one call draws on across the tenant, when an incremental run has to fit into what is left. */
  readonly tenantDraws?: readonly QuotaDraw[];
  windows(request: PlanRequest): WindowSpec[];
  read(window: WindowSpec, context: ReadContext): AsyncGenerator<readonly RecordKinds[K][], ReadProof>;
  /** Proves by the smallest real requests that the tenant's credential can read this source; never throws. */
  check(context: CheckContext): AsyncGenerator<CheckResult, void>;
}

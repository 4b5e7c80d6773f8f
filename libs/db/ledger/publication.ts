import type { CostAmounts } from '#core/connector.js';
import type { Day, DayRange } from '#core/day.js';

/** Everything that becomes visible at once. */
export interface LedgerChange {
  runId: string | null;
  publishedAt: Date;
  /** Staged charges carry the index of theirs. */
  publications: readonly Publication[];
  /** Takes subscription-months over from another source instead of refusing. */
  replaceOthers?: boolean;
  /** The subscription is read under one tenant at a time: what another one holds of the same days goes. */
  onlyReader?: boolean;
  /** An import checks many owners at once and must not race with windows of the same tenant. */
  exclusive?: boolean;
  /** Refuses to end a month earlier than what is published of it: an older or shorter read would erase its last days. */
  keepsLastDays?: boolean;
}

/** What one source publishes of one kind: its own datasets, on the days it speaks for. */
export interface Publication {
  source: string;
  kind: CostAmounts;
  /** Dimensions that rows are grouped by; null where the source has one grain. */
  grain: readonly string[] | null;
  datasets: readonly DatasetDays[];
}

/**
 * One dataset of a publication and the days it now speaks for. `whole` drops earlier days outside of them, too, and takes
 * charges of any day: a late one is billed in this month without telling anything about the month of its day.
 */
export interface DatasetDays {
  billingAccountId: string | null;
  subscriptionId: string | null;
  month: Day;
  days: DayRange;
  whole: boolean;
}

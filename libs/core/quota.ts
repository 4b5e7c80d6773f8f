/** One quota of a source, as it applies to one call. */
export interface QuotaDraw {
  /** Calls that share the quota share the key, e.g. `cost-management entity 1111…`; unique within a tenant. */
  key: string;
  /** What the call uses up. */
  units: number;
  /** Units usable in any period of `periodMs`; null where only refusals of the source count. */
  limit: number | null;
  periodMs: number;
}

/** The answer to a request for room in the quotas. */
export interface QuotaBooking {
  /** Time until the call may be sent; 0 for at once. */
  waitMs: number;
  /** Key of the quota that makes the call wait; null when none does. */
  key: string | null;
}

/** What an answer says about a quota that others (people in the portal, other tools) draw on as well. */
export interface QuotaReading {
  key: string;
  /** Units used in the running period by anyone, as the source counts them. */
  used: number;
  periodMs: number;
}

/**
 * What may still be asked of a source, shared by all workers of a tenant: spent before a call, corrected by what its
 * answer says, and closed for a while when the source refuses.
 */
export interface QuotaBudget {
  /**
   * Books a call at the earliest instant that exceeds none of its quotas. Nothing is booked when that is more than
   * `maxWaitMs` away: the caller comes back then and asks again.
   */
  book(tenantId: string, draws: readonly QuotaDraw[], maxWaitMs: number): Promise<QuotaBooking>;
  /** Takes over what the source counts where that is more than we know of. */
  correct(tenantId: string, readings: readonly QuotaReading[]): Promise<void>;
  /** Nothing is booked under the key for so long. */
  close(tenantId: string, key: string, ms: number): Promise<void>;
  /** How many calls with these draws fit into the quotas until `withinMs` from now; null when nothing limits them. */
  room(tenantId: string, draws: readonly QuotaDraw[], withinMs: number): Promise<number | null>;
}

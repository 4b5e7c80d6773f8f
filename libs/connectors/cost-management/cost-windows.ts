import type { PlanRequest, TargetSubscription, WindowSpec } from '#core/connector.js';
import { addDays, addMonths, dayOf, monthStart, splitByMonth, type Day, type DayRange } from '#core/day.js';

/** Charges of a closed month may still change until the fifth of the next one. Source: Cost Management data guide. */
const LAST_DAY_OF_RESTATEMENT = 6;

/**
 * The cost windows of a run: one subscription and at most one calendar month each, oldest month first; subscriptions
 * that were never read come first, then those whose costs are oldest. Disabled and deleted subscriptions keep their
 * cost history and are read like the others.
 */
export function costWindows(request: PlanRequest): WindowSpec[] {
  return [...request.subscriptions].sort(longestUnreadFirst).flatMap((subscription) =>
    splitByMonth(rangeToRead(request, subscription)).map((range) => ({
      scope: subscription.subscriptionId,
      subscriptionId: subscription.subscriptionId,
      range,
    })),
  );
}

function rangeToRead({ mode, now, range, backfillMonths }: PlanRequest, subscription: TargetSubscription): DayRange {
  if (range) return range;
  const today = dayOf(now);
  if (mode === 'incremental') return { from: addDays(today, -1), to: today };
  return { from: fullReadStart(today, subscription.costsReadUntil, backfillMonths), to: today };
}

function fullReadStart(today: Day, readUntil: Day | null, backfillMonths: number): Day {
  if (readUntil === null) return addMonths(today, -backfillMonths);
  const previousMonthStillMoves = Number(today.slice(8)) <= LAST_DAY_OF_RESTATEMENT;
  const usual = previousMonthStillMoves ? addMonths(today, -1) : monthStart(today);
  const afterGap = monthStart(readUntil);
  return afterGap < usual ? afterGap : usual;
}

function longestUnreadFirst(a: TargetSubscription, b: TargetSubscription): number {
  return (
    (a.costsReadUntil ?? '').localeCompare(b.costsReadUntil ?? '') || a.subscriptionId.localeCompare(b.subscriptionId)
  );
}

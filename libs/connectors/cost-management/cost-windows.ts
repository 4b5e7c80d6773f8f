import type { PlanRequest, TargetSubscription, WindowSpec } from '#core/connector.js';
import { addDays, addMonths, dayOf, monthStart, splitByMonth, type Day, type DayRange } from '#core/day.js';

/** Charges of a closed month may still change until the fifth of the next one. Source: Cost Management data guide. */
const LAST_DAY_OF_RESTATEMENT = 6;

/** One for each of the two datasets; more only for subscriptions with more than 5,000 rows a window. */
const CALLS_PER_WINDOW = 2;

/**
 * The cost windows of a run: one subscription and at most one calendar month each, oldest month first; subscriptions
 * that were asked for longest ago come first. Disabled and deleted subscriptions keep their cost history and are read
 * like the others. A run that has to fit into what is left of the quota leaves out the rest. Months that someone else's
 * files own are left to them, unless the run asks for a range.
 */
export function costWindows(request: PlanRequest): WindowSpec[] {
  const windows: WindowSpec[] = [];
  for (const subscription of [...request.subscriptions].sort(longestUnaskedFirst)) {
    const ranges = rangesToRead(request, subscription);
    const calls = (windows.length + ranges.length) * CALLS_PER_WINDOW;
    // The others come first in the next run: it is they who have then not been asked for longest.
    if (request.callsLeft !== null && calls > request.callsLeft) break;
    const { subscriptionId } = subscription;
    windows.push(...ranges.map((range) => ({ scope: subscriptionId, subscriptionId, range })));
  }
  return windows;
}

function rangesToRead({ mode, now, range, backfillMonths }: PlanRequest, subscription: TargetSubscription): DayRange[] {
  if (range) return splitByMonth(range);
  const today = dayOf(now);
  const ranges =
    mode === 'incremental'
      ? splitByMonth({ from: addDays(today, -1), to: today }).filter(isNotWithin(subscription.costsUnavailable))
      : monthsOfFullRead(today, subscription, backfillMonths);
  return ranges.filter(({ from }) => !subscription.costMonthsOwnedElsewhere.includes(monthStart(from)));
}

/**
 * The current month, the previous one while it still moves, whatever month was the last to be read before a pause, and
 * every month of the backfill that was not read whole: a first read, or one that failed in part. A closed month that
 * Azure could not serve lately is not asked for again.
 */
function monthsOfFullRead(
  today: Day,
  { costsCovered, costsUnavailable }: TargetSubscription,
  backfillMonths: number,
): DayRange[] {
  const previousMonthStillMoves = Number(today.slice(8)) <= LAST_DAY_OF_RESTATEMENT;
  const moving = previousMonthStillMoves ? addMonths(today, -1) : monthStart(today);
  const lastRead = costsCovered.at(-1)?.to;
  const reread = lastRead && monthStart(lastRead) < moving ? monthStart(lastRead) : moving;
  const backfill = addMonths(today, -backfillMonths);
  const isUnknown = isNotWithin([...costsCovered, ...costsUnavailable]);
  return splitByMonth({ from: reread < backfill ? reread : backfill, to: today }).filter(
    (month) => month.from >= reread || isUnknown(month),
  );
}

function isNotWithin(known: readonly DayRange[]): (range: DayRange) => boolean {
  return (range) => !known.some(({ from, to }) => from <= range.from && to >= range.to);
}

function longestUnaskedFirst(a: TargetSubscription, b: TargetSubscription): number {
  const asked = ({ costsAskedAt, costsCovered }: TargetSubscription) =>
    `${costsAskedAt ?? ''} ${costsCovered.at(-1)?.to ?? ''}`;
  return asked(a).localeCompare(asked(b)) || a.subscriptionId.localeCompare(b.subscriptionId);
}

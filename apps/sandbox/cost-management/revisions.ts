import { type Day, addMonths, dayOf, monthStart } from '#core/day.js';
import { mix32 } from '../estate/seeded-random.js';
import { dayNumber } from '../estate/workload.js';

/**
 * How charges become known and change: usage lands with a lag and in four-hourly refreshes, recent days are
 * estimates, and a month stays open until the fifth of the next. All of it is a function of the estate clock.
 */
export interface BillingTime {
  readonly today: Day;
  readonly todayNumber: number;
  /** Everything used before this instant has landed (epoch milliseconds). */
  readonly landedUntil: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const REFRESH_MS = 4 * HOUR_MS;
const LAG_MS = 12 * HOUR_MS;
/** A day's amounts are estimates until it is this many days old. */
const ESTIMATE_DAYS = 3;
const CLOSING_DAY_OF_MONTH = 5;

/** The billing view of an estate instant. */
export function billingTimeAt(now: Date): BillingTime {
  const today = dayOf(now);
  return {
    today,
    todayNumber: dayNumber(today),
    landedUntil: Math.floor(now.getTime() / REFRESH_MS) * REFRESH_MS - LAG_MS,
  };
}

/** How many of a day's 24 hours have landed. */
export function landedHours(time: BillingTime, number: number): number {
  const landedMs = time.landedUntil - number * DAY_MS;
  return Math.max(0, Math.min(24, Math.floor(landedMs / HOUR_MS)));
}

/** True until the fifth of the following month: the month's charges may still be re-rated. */
export function isMonthOpen(time: BillingTime, day: Day): boolean {
  const closing = `${addMonths(monthStart(day), 1).slice(0, 8)}0${CLOSING_DAY_OF_MONTH}`;
  return time.today < closing;
}

/** True while a day's charges are estimates. */
export function isEstimate(time: BillingTime, number: number): boolean {
  return time.todayNumber - number < ESTIMATE_DAYS;
}

/**
 * The factor, in thousandths, by which usage of a charge is shown at this time; 1000 is the final amount. About one
 * charge in sixteen is revised while its day is recent, and one in fifty when its month closes.
 */
export function revisionPermille(time: BillingTime, chargeSeed: number, number: number, day: Day): number {
  const draw = mix32(chargeSeed ^ 0x5bd1e995, number) % 100;
  if (draw < 6 && isEstimate(time, number)) {
    return 900 + (mix32(chargeSeed + draw, time.todayNumber - number) % 201);
  }
  if (draw >= 6 && draw < 8 && isMonthOpen(time, day)) return 950 + (mix32(chargeSeed + 1, draw) % 101);
  return 1000;
}

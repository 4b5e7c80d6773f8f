/** A UTC calendar day as `YYYY-MM-DD`. Days stay strings: a `Date` would drag a time zone along. */
export type Day = string;

/** An inclusive range of UTC days. */
export interface DayRange {
  from: Day;
  to: Day;
}

const DAY_MS = 86_400_000;
const DAY_PATTERN = /^\d{4}-\d{2}-\d{2}$/;

/** True for a real calendar day written `YYYY-MM-DD` (2026-02-30 is not one). */
export function isDay(text: string): text is Day {
  if (!DAY_PATTERN.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && dayOf(new Date(time)) === text;
}

/** The UTC day of an instant. */
export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10);
}

/** `day` moved by a number of days, which may be negative. */
export function addDays(day: Day, days: number): Day {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS));
}

/** Number of days in an inclusive range; 0 when it is empty. */
export function countDays({ from, to }: DayRange): number {
  return Math.max(0, Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS) + 1);
}

/** Every day of an inclusive range, in order. */
export function daysOf(range: DayRange): Day[] {
  return Array.from({ length: countDays(range) }, (_, index) => addDays(range.from, index));
}

/** First day of the month that `day` lies in. */
export function monthStart(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

/** First day of the month `months` after (or before) that of `day`. */
export function addMonths(day: Day, months: number): Day {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  return dayOf(new Date(Date.UTC(year, month - 1 + months, 1)));
}

/** Last day of the month that `day` lies in. */
export function monthEnd(day: Day): Day {
  return addDays(addMonths(day, 1), -1);
}

/** An inclusive range cut at month boundaries: one range per calendar month, oldest first. */
export function splitByMonth({ from, to }: DayRange): DayRange[] {
  const ranges: DayRange[] = [];
  for (let start = from; start <= to; start = addMonths(start, 1)) {
    const end = monthEnd(start);
    ranges.push({ from: start, to: end < to ? end : to });
  }
  return ranges;
}

import { addDays, type DayRange } from '#core/day.js';

/** PostgreSQL's `{[2026-10-01,2026-10-06)}` as inclusive ranges, oldest first. */
export function parseDayRanges(multirange: string): DayRange[] {
  return [...multirange.matchAll(/\[(\d{4}-\d{2}-\d{2}),(\d{4}-\d{2}-\d{2})\)/g)].map(([, from, end]) => ({
    from: from!,
    to: addDays(end!, -1),
  }));
}

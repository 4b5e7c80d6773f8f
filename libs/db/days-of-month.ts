import type { DayRange } from '#core/day.js';
import { Conditions } from './list.js';

/** An SQL array with a place for each day of a month. Written out, it takes two thirds of the time of a row for each day. */
export function arrayOfDays(expression: (day: number) => string): string {
  return `ARRAY[${Array.from({ length: 31 }, (_, index) => expression(index + 1)).join(', ')}]`;
}

/** Months of amounts added up day by day; of a period within one month only its days are. */
export function sumsByDay(amounts: string, { from, to }: Partial<DayRange>): string {
  const isOneMonth = from !== undefined && to !== undefined && from.slice(0, 7) === to.slice(0, 7);
  const [first, last] = isOneMonth ? [Number(from.slice(8)), Number(to.slice(8))] : [1, 31];
  return arrayOfDays((day) => (day < first || day > last ? 'NULL' : `sum(${amounts}[${day}])`));
}

/** The days of a period on which `m`, a month of charges, has some: rows of day, cost and amortized_cost. */
export function chargedDays({ from, to }: Partial<DayRange>, values: unknown[]): string {
  const day = 'm.month + a.place::integer - 1';
  const { where } = new Conditions(values)
    .add('(a.cost IS NOT NULL OR a.amortized_cost IS NOT NULL)')
    .add(`${day} >= ?::date`, from)
    .add(`${day} <= ?::date`, to);
  return `SELECT ${day} AS day, a.cost, a.amortized_cost
    FROM unnest(m.costs, m.amortized_costs) WITH ORDINALITY AS a (cost, amortized_cost, place) ${where}`;
}

/**
 * An SQL aggregate: on how many days of a period some of these months, all of the same `month`, have an amount. Days are
 * bits, so that nothing becomes a row for each of them.
 */
export function countOfDays(
  month: string,
  amounts: readonly string[],
  { from, to }: Partial<DayRange>,
  values: unknown[],
): string {
  const conditions = new Conditions(values);
  const first = from === undefined ? '0' : `greatest(${conditions.bind(from)}::date - ${month}, 0)`;
  const last = to === undefined ? '31' : `least(${conditions.bind(to)}::date - ${month} + 1, 31)`;
  const without = amounts.map(
    (each) => `CASE WHEN ${each} IS NULL THEN ${EVERY_DAY} ELSE
      coalesce((SELECT sum(1 << p.place - 1) FROM unnest(array_positions(${each}, NULL)) AS p (place)), 0) END`,
  );
  const asked = `((1::bigint << ${last}) - (1::bigint << ${first}))`;
  return `bit_count((~bit_and(${without.join(' & ')}) & ${asked})::bit(31))`;
}

/** A bit for each day. */
const EVERY_DAY = '2147483647';

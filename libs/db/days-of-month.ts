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

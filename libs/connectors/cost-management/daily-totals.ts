import type { Day } from '#core/day.js';
import type { CostRecord } from '#core/records.js';

/** Azure rounds each row on its own: what differs by less, or by less than a thousandth, does not differ. */
const HUNDREDTH = 0.01;
const THOUSANDTH = 0.001;

/**
 * Totals per day and currency of one dataset. They only prove completeness and are never published; and where a
 * thousandth is no difference, floating point is exact enough.
 */
export class DailyTotals {
  readonly #totals = new Map<Day, Map<string, { sum: number }>>();

  get days(): ReadonlySet<Day> {
    return new Set(this.#totals.keys());
  }

  add(records: readonly CostRecord[]): void {
    for (let index = 0; index < records.length; index += 1) {
      const { day, currency, cost, amortizedCost } = records[index]!;
      let ofDay = this.#totals.get(day);
      if (!ofDay) this.#totals.set(day, (ofDay = new Map()));
      let total = ofDay.get(currency);
      if (!total) ofDay.set(currency, (total = { sum: 0 }));
      total.sum += Number(cost ?? amortizedCost ?? 0);
    }
  }

  /**
   * The first day and currency (`2026-04-01 EUR`) whose total here is not that of `announced`; null when none. A day
   * without any row is a difference, unless nothing was charged.
   */
  firstDifference(announced: DailyTotals): string | null {
    for (const [day, currencies] of announced.#totals) {
      for (const [currency, { sum: total }] of currencies) {
        const ours = this.#totals.get(day)?.get(currency)?.sum;
        const difference = Math.abs(total - (ours ?? 0));
        const isMissing = ours === undefined && total !== 0;
        if (isMissing || (difference > HUNDREDTH && difference > THOUSANDTH * Math.abs(total))) {
          return `${day} ${currency}`;
        }
      }
    }
    return null;
  }
}

import type { Day } from '#core/day.js';
import { canonicalDecimal } from '#core/money.js';
import type { CostRecord } from '#core/records.js';

/** Digits kept after the point: more than any currency or meter price has. */
const SCALE = 20;
const HUNDREDTH = 10n ** BigInt(SCALE - 2);

/** Totals per day and currency of one dataset, kept exactly. They only prove completeness and are never published. */
export class DailyTotals {
  readonly #totals = new Map<string, bigint>();
  readonly #days = new Set<Day>();

  get days(): ReadonlySet<Day> {
    return this.#days;
  }

  add(records: readonly CostRecord[]): void {
    for (const { day, currency, cost, amortizedCost } of records) {
      const key = `${day} ${currency}`;
      this.#days.add(day);
      this.#totals.set(key, (this.#totals.get(key) ?? 0n) + scaled(cost ?? amortizedCost ?? '0'));
    }
  }

  /**
   * The first day and currency (`2026-04-01 EUR`) whose total here is not that of `announced`; null when none. Azure
   * rounds each row on its own, so a hundredth, or a thousandth of the total, is no difference; a day without any row
   * is one, unless nothing was charged.
   */
  firstDifference(announced: DailyTotals): string | null {
    for (const [key, total] of announced.#totals) {
      const ours = this.#totals.get(key);
      if (ours === undefined && total !== 0n) return key;
      const difference = magnitude(total - (ours ?? 0n));
      if (difference > HUNDREDTH && difference * 1000n > magnitude(total)) return key;
    }
    return null;
  }
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = canonicalDecimal(decimal).split('.');
  const digits = BigInt(`${whole.replace('-', '')}${fraction.padEnd(SCALE, '0').slice(0, SCALE)}`);
  return whole.startsWith('-') ? -digits : digits;
}

import { describe, expect, it } from 'vitest';
import type { CostRecord } from '#core/records.js';
import { DailyTotals } from './daily-totals.js';

const totals = (...amounts: [day: string, cost: string, currency?: string][]) => {
  const sum = new DailyTotals();
  sum.add(amounts.map(([day, cost, currency = 'EUR']) => ({ day, cost, amortizedCost: null, currency }) as CostRecord));
  return sum;
};

describe('DailyTotals', () => {
  it('adds exactly, exponents and refunds included', () => {
    const rows = totals(['2026-04-01', '1.5E-05'], ['2026-04-01', '-0.5'], ['2026-04-01', '1000000000000']);
    expect(rows.firstDifference(totals(['2026-04-01', '999999999999.500015']))).toBeNull();
  });

  it.each([
    [totals(['2026-04-01', '10.00']), null],
    [totals(['2026-04-01', '10.01']), null],
    [totals(['2026-04-01', '10.02']), '2026-04-01 EUR'],
    [totals(['2026-04-01', '10', 'USD']), '2026-04-01 USD'],
    [totals(['2026-04-01', '10'], ['2026-04-02', '0.001']), '2026-04-02 EUR'],
    [totals(['2026-04-01', '10'], ['2026-04-02', '0.0']), null],
  ])('compares with what Azure announces', (announced, difference) => {
    expect(totals(['2026-04-01', '10']).firstDifference(announced)).toBe(difference);
  });

  it('leaves a thousandth of large totals to rounding', () => {
    const rows = totals(['2026-04-01', '100000']);
    expect(rows.firstDifference(totals(['2026-04-01', '100099']))).toBeNull();
    expect(rows.firstDifference(totals(['2026-04-01', '100110']))).toBe('2026-04-01 EUR');
  });
});

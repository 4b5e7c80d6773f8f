import { describe, expect, it } from 'vitest';
import { charge } from '../../../test/harness/ledger.js';
import type { KnownDimension } from './cost-dimensions.js';
import { CostSeries } from './cost-series.js';

const dimension = (id: number): KnownDimension => ({
  tenantId: 't',
  dimension: charge({}).dimension,
  id: String(id),
  rollup: { provider: 'Microsoft', billingAccountId: null, subscriptionId: 's1', serviceName: null },
});
const VM = dimension(7);

function linesOf(fill: (series: CostSeries) => void): string[] {
  const series = new CostSeries();
  fill(series);
  return Buffer.concat([...series.lines()])
    .toString()
    .split('\n')
    .slice(0, -1);
}
/** As a line has it: amounts by day, all others absent, or a few days alone. */
function month(amounts: Record<number, string>): string {
  const days = Object.keys(amounts).map(Number);
  const [first, last] = [Math.min(...days), Math.max(...days)];
  const list = (from: number, to: number) =>
    `{${Array.from({ length: to - from + 1 }, (_, index) => amounts[from + index] ?? 'NULL').join(',')}}`;
  return last - first < 7 ? `[${first}:${last}]=${list(first, last)}` : list(1, 31);
}

describe('charges gathered into months', () => {
  it('are one line for a dimension, month and currency, with a place for each day', () => {
    const lines = linesOf((series) => {
      series.add(0, VM, charge({ day: '2026-04-01', cost: '1.50', amortizedCost: null }));
      series.add(0, VM, charge({ day: '2026-04-30', cost: '-2', amortizedCost: '3' }));
      series.add(0, VM, charge({ day: '2026-04-01', cost: null, amortizedCost: '1.5E-05' }));
    });
    expect(lines).toEqual([
      `0\t7\t2026-04-01\tUSD\t${month({ 1: '1.50', 30: '-2' })}\t${month({ 1: '1.5E-05', 30: '3' })}`,
    ]);
  });

  it('are written without the other days where there are few', () => {
    const lines = linesOf((series) => {
      for (const [day, cost] of [
        ['05', '5'],
        ['11', '11'],
      ]) {
        series.add(0, VM, charge({ day: `2026-04-${day}`, cost, amortizedCost: day === '05' ? '6' : null }));
      }
    });
    expect(lines).toEqual(['0\t7\t2026-04-01\tUSD\t[5:11]={5,NULL,NULL,NULL,NULL,NULL,11}\t[5:5]={6}']);
  });

  it('leave out a column that none of them has', () => {
    const lines = linesOf((series) => series.add(3, VM, charge({ day: '2026-03-31', cost: null, amortizedCost: '4' })));
    expect(lines).toEqual([`3\t7\t2026-03-01\tUSD\t\\N\t${month({ 31: '4' })}`]);
  });

  it('are kept apart by slice, dimension, month and currency', () => {
    const lines = linesOf((series) => {
      for (const [slice, of, changes] of [
        [0, VM, {}],
        [1, VM, {}],
        [0, dimension(8), {}],
        [0, VM, { day: '2026-05-01' }],
        [0, VM, { currency: 'EUR' }],
      ] as const) {
        series.add(slice, of, charge({ day: '2026-04-01', cost: '1', ...changes }));
      }
    });
    expect(lines.map((line) => line.split('\t').slice(0, 4).join(' ')).sort()).toEqual([
      '0 7 2026-04-01 EUR',
      '0 7 2026-04-01 USD',
      '0 7 2026-05-01 USD',
      '0 8 2026-04-01 USD',
      '1 7 2026-04-01 USD',
    ]);
  });

  it('are added up to the last digit when they come again', () => {
    const lines = linesOf((series) => {
      for (const cost of ['12345678901234567890.000000000000000000001', '-0.5', '1E-25', '0.5']) {
        series.add(0, VM, charge({ day: '2026-04-09', cost, amortizedCost: null }));
      }
    });
    expect(lines).toEqual([
      `0\t7\t2026-04-01\tUSD\t${month({ 9: '12345678901234567890.0000000000000000000010001' })}\t\\N`,
    ]);
  });

  it('may be many, and long', () => {
    const amounts = Array.from({ length: 3_000 }, (_, index) => `${index}.${'7'.repeat(index % 90)}1`);
    const lines = linesOf((series) => {
      for (const [index, cost] of amounts.entries()) {
        series.add(0, dimension(index), charge({ day: '2026-04-09', cost, amortizedCost: null }));
      }
    });
    expect(lines).toHaveLength(3_000);
    expect(lines.map((line) => line.split('\t')[4])).toEqual(amounts.map((amount) => month({ 9: amount })));
  });

  it('of a single amount longer than a chunk are written whole', () => {
    const cost = '9'.repeat(400_000);
    expect(linesOf((series) => series.add(0, VM, charge({ day: '2026-04-01', cost, amortizedCost: null })))).toEqual([
      `0\t7\t2026-04-01\tUSD\t${month({ 1: cost })}\t\\N`,
    ]);
  });

  it('say how much they hold', () => {
    const series = new CostSeries();
    expect([series.isEmpty, series.bytes]).toEqual([true, 1]);
    series.add(0, VM, charge({ day: '2026-04-01', cost: '1' }));
    const one = series.bytes;
    series.add(0, VM, charge({ day: '2026-04-02', cost: '1'.repeat(1_000) }));
    expect(series.bytes - one).toBeGreaterThan(1_000);
    expect(series.isEmpty).toBe(false);
  });
});

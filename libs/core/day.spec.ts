import { describe, expect, it } from 'vitest';
import { addDays, addMonths, countDays, dayOf, daysOf, isDay, monthEnd, monthStart, splitByMonth } from './day.js';

describe('a day', () => {
  it.each([
    ['2026-02-28', true],
    ['2024-02-29', true],
    ['2026-02-29', false],
    ['2026-13-01', false],
    ['2026-4-1', false],
    ['2026-04-01T00:00:00Z', false],
    ['', false],
  ])('%s: %s', (text, real) => expect(isDay(text)).toBe(real));

  it('is that of UTC, whatever the offset of an instant', () => {
    expect(dayOf(new Date('2026-04-01T01:30:00+02:00'))).toBe('2026-03-31');
  });

  it('moves over months, years, leap days and changes of clocks', () => {
    expect([addDays('2026-03-28', 2), addDays('2024-02-28', 1), addDays('2026-01-01', -1)]).toEqual([
      '2026-03-30',
      '2024-02-29',
      '2025-12-31',
    ]);
    expect([addMonths('2026-01-31', 1), addMonths('2026-01-15', -1), addMonths('2026-04-01', 13)]).toEqual([
      '2026-02-01',
      '2025-12-01',
      '2027-05-01',
    ]);
    expect([monthStart('2026-02-17'), monthEnd('2024-02-17'), monthEnd('2026-12-01')]).toEqual([
      '2026-02-01',
      '2024-02-29',
      '2026-12-31',
    ]);
  });

  it('is counted in ranges that include both ends', () => {
    expect(daysOf({ from: '2026-02-27', to: '2026-03-01' })).toEqual(['2026-02-27', '2026-02-28', '2026-03-01']);
    expect([
      countDays({ from: '2026-04-01', to: '2026-04-01' }),
      countDays({ from: '2026-04-02', to: '2026-04-01' }),
    ]).toEqual([1, 0]);
  });

  it('ranges are cut at the ends of months', () => {
    expect(splitByMonth({ from: '2025-12-30', to: '2026-02-01' })).toEqual([
      { from: '2025-12-30', to: '2025-12-31' },
      { from: '2026-01-01', to: '2026-01-31' },
      { from: '2026-02-01', to: '2026-02-01' },
    ]);
    expect(splitByMonth({ from: '2026-02-02', to: '2026-02-01' })).toEqual([]);
  });
});

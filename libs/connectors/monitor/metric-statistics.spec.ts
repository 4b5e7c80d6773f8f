import { describe, expect, it } from 'vitest';
import { statisticsOf } from './metric-statistics.js';

const levels = (...averages: number[]) => averages.map((average) => ({ average }));
const oneTo = (count: number) => levels(...Array.from({ length: count }, (_, index) => index + 1));

describe('statisticsOf', () => {
  it('is the mean of what stood in the intervals, and the extremes inside them', () => {
    const points = [
      { average: 10, minimum: 1, maximum: 90 },
      { average: 20, minimum: 15, maximum: 25 },
    ];
    expect(statisticsOf(points, 'average', 2)).toEqual({
      average: 15,
      minimum: 1,
      maximum: 90,
      p05: 10,
      p95: 20,
      sampleCount: 2,
      coverage: 1,
    });
  });

  it('of amounts takes the totals, whose extremes are their own', () => {
    const points = [
      { total: 100, minimum: 0, maximum: 3 },
      { total: 300, minimum: 0, maximum: 9 },
    ];
    expect(statisticsOf(points, 'total', 2)).toMatchObject({ average: 200, minimum: 100, maximum: 300 });
  });

  // The smallest value that at least that share of all values do not exceed.
  it.each([
    [1, 1, 1],
    [2, 1, 2],
    [10, 1, 10],
    [19, 1, 19],
    [20, 1, 19],
    [21, 2, 20],
    [100, 5, 95],
    [336, 17, 320],
  ])('of the numbers 1 to %i has the percentiles %i and %i, by nearest rank', (count, p05, p95) => {
    expect(statisticsOf(oneTo(count).toReversed(), 'average', count)).toMatchObject({ p05, p95 });
  });

  it('does not take an absent value for zero', () => {
    const points = [{ average: 40 }, {}, { maximum: 100 }, { average: 0 }];
    expect(statisticsOf(points, 'average', 4)).toMatchObject({
      average: 20,
      minimum: 0,
      maximum: 40,
      sampleCount: 2,
      coverage: 0.5,
    });
  });

  it('of nothing is null, not zero', () => {
    for (const points of [[], [{}], [{ total: 5 }]]) {
      expect(statisticsOf(points, 'average', 336)).toEqual({
        average: null,
        minimum: null,
        maximum: null,
        p05: null,
        p95: null,
        sampleCount: 0,
        coverage: 0,
      });
    }
  });

  it('covers no more than everything, and nothing where nothing was asked', () => {
    expect(statisticsOf(oneTo(3), 'average', 2).coverage).toBe(1);
    expect(statisticsOf(oneTo(3), 'average', 0).coverage).toBe(0);
  });
});

import type { MetricRecord } from '#core/records.js';

/** The values that Azure gave for one interval; a value that it did not give is undefined, which is not zero. */
export interface MetricPoint {
  average?: number;
  minimum?: number;
  maximum?: number;
  total?: number;
}

type Statistics = Pick<MetricRecord, 'average' | 'minimum' | 'maximum' | 'p05' | 'p95' | 'sampleCount' | 'coverage'>;

/**
 * Statistics over the intervals that have a value: the mean and the 5th and 95th percentile (nearest rank) of their
 * averages or totals, and the lowest and highest value inside them. `expected` is how many intervals were asked for.
 */
export function statisticsOf(points: readonly MetricPoint[], value: 'average' | 'total', expected: number): Statistics {
  const values: number[] = [];
  let minimum: number | null = null;
  let maximum: number | null = null;
  for (const point of points) {
    const current = point[value];
    if (current === undefined) continue;
    values.push(current);
    // Within an interval a level has extremes of its own; a total is one number.
    const low = value === 'average' ? (point.minimum ?? current) : current;
    const high = value === 'average' ? (point.maximum ?? current) : current;
    minimum = minimum === null ? low : Math.min(minimum, low);
    maximum = maximum === null ? high : Math.max(maximum, high);
  }
  values.sort((a, b) => a - b);
  const sampleCount = values.length;
  return {
    average: sampleCount === 0 ? null : values.reduce((sum, each) => sum + each, 0) / sampleCount,
    minimum,
    maximum,
    p05: percentile(values, 0.05),
    p95: percentile(values, 0.95),
    sampleCount,
    coverage: expected === 0 ? 0 : Math.min(1, sampleCount / expected),
  };
}

/** Nearest rank in ascending values: the smallest value that at least the share of all do not exceed. */
function percentile(ascending: readonly number[], share: number): number | null {
  if (ascending.length === 0) return null;
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)]!;
}

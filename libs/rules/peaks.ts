import type { Estate } from './estate.js';
import { LEAST_COVERAGE } from './utilisation.js';

/** How high metrics stood 95 % of the time. */
export interface Peaks<N extends string> {
  p95: Readonly<Record<N, number>>;
  /** Of the metric that least is known of, 0 to 1. */
  coverage: number;
}

/** The peaks of all the metrics, or why they cannot be told: one that is missing may be the one that is high. */
export function peaksOf<const N extends string>(
  estate: Estate,
  id: string,
  names: readonly N[],
): Peaks<N> | 'no_metrics' | 'low_coverage' {
  const p95: Partial<Record<N, number>> = {};
  let coverage = 1;
  for (const name of names) {
    const metric = estate.metric(id, name);
    if (metric?.p95 == null) return 'no_metrics';
    p95[name] = metric.p95;
    coverage = Math.min(coverage, metric.coverage);
  }
  return coverage >= LEAST_COVERAGE ? { p95: p95 as Record<N, number>, coverage } : 'low_coverage';
}

/** How sure two weeks of metrics make: never of the month's end, and less the less was measured. */
export function peakCertaintyOf(coverage: number): number {
  return 0.6 + 0.25 * coverage;
}

/** Shown with one decimal. */
export function percent(value: number): string {
  return `${Math.round(value * 10) / 10} %`;
}

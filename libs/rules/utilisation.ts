import type { MetricRecord } from '#core/records.js';
import type { Estate } from './estate.js';

/** Share of a window's points that must have a value: a machine of office hours has 0.3. */
export const LEAST_COVERAGE = 0.25;
const MIB = 1024 ** 2;

/** A metric all of whose statistics are known. */
export type Measured = MetricRecord & { average: number; maximum: number; p05: number; p95: number };

/** A resource's metrics in the order of their names, or the reason why it cannot be judged by them. */
export function metricsOf(
  estate: Estate,
  resourceId: string,
  names: readonly string[],
): readonly Measured[] | 'no_metrics' | 'low_coverage' {
  const metrics = names.map((name) => estate.metric(resourceId, name)).filter((metric) => isMeasured(metric));
  if (metrics.length < names.length) return 'no_metrics';
  return metrics.every(({ coverage }) => coverage >= LEAST_COVERAGE) ? metrics : 'low_coverage';
}

function isMeasured(metric: MetricRecord | null): metric is Measured {
  return [metric?.average, metric?.maximum, metric?.p05, metric?.p95].every((value) => Number.isFinite(value));
}

/** How sure what metrics tell is, 0.6 to 0.9 by the share of their window that was measured. */
export function certaintyOf(metrics: readonly Pick<MetricRecord, 'coverage'>[]): number {
  return 0.6 + 0.3 * Math.min(1, ...metrics.map(({ coverage }) => coverage));
}

/** An ordinary day's total, in MiB, of a metric that counts bytes in each interval. */
export function mebibytesADay({ average, intervalMinutes }: Measured): number {
  return (average * ((24 * 60) / intervalMinutes)) / MIB;
}

/** A level's statistics as evidence. */
export function levelEvidence({ average, p95, maximum, coverage, from, to }: MetricRecord): Record<string, unknown> {
  return { average: shown(average), p95: shown(p95), maximum: shown(maximum), coverage: shown(coverage), from, to };
}

/** As evidence and sentences show a number: two places at most. */
export function shown(value: number | null): number | null {
  return value === null ? null : Math.round(value * 100) / 100;
}

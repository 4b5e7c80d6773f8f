import type { Aggregation, MetricDefinition } from './metric-definitions.js';
import type { MetricLife } from './metric-life.js';
import type { MetricQuery, MetricSpan } from './metric-query.js';
import { MetricSeries } from './metric-series.js';
import { type Signal, signalOf } from './metric-signal.js';
import type { Resource } from '../estate/resource.js';

/** A resource whose metrics are asked for; one that no longer exists has an id alone. */
export interface MetricSource {
  /** In the caller's casing. */
  readonly id: string;
  readonly resource?: Resource;
  readonly life?: MetricLife;
}

/** Buckets of a query, prepared once for all its resources and metrics. */
interface Buckets {
  readonly starts: readonly number[];
  /** The opening of each point's JSON. */
  readonly openings: readonly string[];
  readonly toMinute: number;
  readonly grainMinutes: number;
}

const THOUSANDTHS = Array.from({ length: 1000 }, (_, value) =>
  value === 0 ? '' : `.${String(value).padStart(3, '0').replace(/0+$/, '')}`,
);

/**
 * The JSON texts of the `value` arrays of some resources, in their order. Text is built directly: fifty resources with
 * a fortnight of hours are a hundred thousand points.
 */
export function metricValues(query: MetricQuery, sources: readonly MetricSource[]): string[] {
  const buckets = bucketsOf(query.span, query.grainMinutes);
  return sources.map(
    (source) => `[${query.metrics.map((metric) => metricText(query, buckets, source, metric)).join(',')}]`,
  );
}

/** What a query costs: a unit for every minute of a metric but the last. */
export function costOf({ span, metrics }: MetricQuery): number {
  return metrics.length * Math.max(0, span.toMinute - span.fromMinute - 1);
}

/** An instant as Monitor writes it: without a fraction unless there is one. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}

function metricText(query: MetricQuery, buckets: Buckets, source: MetricSource, metric: MetricDefinition): string {
  const head = JSON.stringify({
    id: `${source.id}/providers/Microsoft.Insights/metrics/${metric.name}`,
    type: 'Microsoft.Insights/metrics',
    name: { value: metric.name, localizedValue: metric.localizedName },
    displayDescription: metric.description,
    unit: metric.unit,
  });
  return `${head.slice(0, -1)},"timeseries":[${seriesText(query, buckets, source, metric)}],"errorCode":"Success"}`;
}

function seriesText(query: MetricQuery, buckets: Buckets, source: MetricSource, metric: MetricDefinition): string {
  const { resource, life } = source;
  const signal = resource && signalOf(resource, metric);
  if (!signal || !life) return '';
  const isSilent = life.fromMinute >= buckets.toMinute || life.toMinute <= (buckets.starts[0] ?? 0);
  if (isSilent && life.silence === 'no-series') return '';
  // One instance, one unit number: a dimension splits nothing here, it only gets its name.
  const labels = query.dimensions.map((name) => ({ name: { value: name, localizedValue: name }, value: '0' }));
  const wanted = query.aggregations.length > 0 ? query.aggregations : [metric.primary];
  const answered = wanted.filter((aggregation) => metric.aggregations.includes(aggregation));
  const series = new MetricSeries(signal, life);
  return `{"metadatavalues":${JSON.stringify(labels)},"data":[${pointsText(series, signal, buckets, answered)}]}`;
}

function pointsText(
  series: MetricSeries,
  { scale }: Signal,
  { starts, openings, toMinute, grainMinutes }: Buckets,
  wanted: readonly Aggregation[],
): string {
  const [average, minimum, maximum, total, count] = (['average', 'minimum', 'maximum', 'total', 'count'] as const).map(
    (name) => wanted.includes(name),
  );
  let text = '';
  for (let index = 0; index < starts.length; index++) {
    const start = starts[index] as number;
    series.read(start, Math.min(start + grainMinutes, toMinute));
    text += openings[index] as string;
    // A bucket without a value has a time and nothing else; absent is not zero.
    if (series.count > 0) {
      if (average) text += `,"average":${numberText(series.sum / series.count, scale)}`;
      if (minimum) text += `,"minimum":${numberText(series.minimum, scale)}`;
      if (maximum) text += `,"maximum":${numberText(series.maximum, scale)}`;
      if (total) text += `,"total":${numberText(series.sum, scale)}`;
      if (count) text += `,"count":${series.count}`;
    }
    text += '}';
  }
  return text;
}

/** A value given in units of `1 / scale`; whole thousandths are put together from ready texts. */
function numberText(value: number, scale: number): string {
  if (scale === 1) return String(value);
  if (!Number.isInteger(value)) return String(value / scale);
  const whole = Math.floor(value / 1000);
  return `${whole}${THOUSANDTHS[value - whole * 1000] as string}`;
}

function bucketsOf({ fromMinute, toMinute }: MetricSpan, grainMinutes: number): Buckets {
  const starts: number[] = [];
  const openings: string[] = [];
  for (let start = fromMinute; start < toMinute; start += grainMinutes) {
    openings.push(`${starts.length > 0 ? ',' : ''}{"timeStamp":"${instantText(new Date(start * 60_000))}"`);
    starts.push(start);
  }
  return { starts, openings, toMinute, grainMinutes };
}

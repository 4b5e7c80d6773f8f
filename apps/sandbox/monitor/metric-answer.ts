import type { JsonBytes } from './json-bytes.js';
import { AGGREGATIONS, type Aggregation, type MetricDefinition } from './metric-definition.js';
import type { MetricLife } from './metric-life.js';
import type { MetricQuery, MetricSpan } from './metric-query.js';
import { MetricSeries } from './metric-series.js';
import { signalOf } from './metric-signal.js';
import type { Resource } from '../estate/resource.js';

/** A resource whose metrics are asked for; one that no longer exists has an id alone. */
export interface MetricSource {
  /** In the caller's casing. */
  readonly id: string;
  readonly resource?: Resource;
  readonly life?: MetricLife;
}

/** A point in time of the answer. */
interface Bucket {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** The beginning of its JSON, a comma before all but the first included. */
  readonly opening: Uint8Array;
}

const LABELS = AGGREGATIONS.map((name) => ({ name, label: Buffer.from(`,"${name}":`) }));
const CLOSING = Buffer.from('}');
const MAX_REMEMBERED_BUCKETS = 8;

/** Buckets of recent queries: a reader asks for one span again and again, for other resources each time. */
const remembered = new Map<string, readonly Bucket[]>();

/** Writes the `value` arrays of an answer; what all resources have in common is prepared once. */
export class MetricAnswer {
  private readonly buckets: readonly Bucket[];

  constructor(
    private readonly query: MetricQuery,
    private readonly json: JsonBytes,
  ) {
    this.buckets = bucketsOf(query.span, query.grainMinutes);
  }

  /** Writes the array of one resource's metrics. */
  write(source: MetricSource): void {
    for (const [index, metric] of this.query.metrics.entries()) {
      const head = JSON.stringify({
        id: `${source.id}/providers/Microsoft.Insights/metrics/${metric.name}`,
        type: 'Microsoft.Insights/metrics',
        name: { value: metric.name, localizedValue: metric.localizedName },
        displayDescription: metric.description,
        unit: metric.unit,
      });
      this.json.text(`${index === 0 ? '[' : ','}${head.slice(0, -1)},"timeseries":[`);
      this.writeSeries(source, metric);
      this.json.text('],"errorCode":"Success"}');
    }
    this.json.text(']');
  }

  private writeSeries({ resource, life }: MetricSource, metric: MetricDefinition): void {
    const { span, dimensions, aggregations } = this.query;
    const signal = resource && signalOf(resource, metric);
    if (!signal || !life) return;
    const isSilent = life.fromMinute >= span.toMinute || life.toMinute <= span.fromMinute;
    if (isSilent && life.silence === 'no-series') return;
    // One instance, one unit number: a dimension splits nothing here, it only gets its name.
    const labels = dimensions.map((name) => ({ name: { value: name, localizedValue: name }, value: '0' }));
    this.json.text(`{"metadatavalues":${JSON.stringify(labels)},"data":[`);
    const wanted = aggregations.length > 0 ? aggregations : [metric.primary];
    this.writePoints(
      new MetricSeries(signal, life),
      signal.scale,
      LABELS.filter(({ name }) => wanted.includes(name) && metric.aggregations.includes(name)),
    );
    this.json.text(']}');
  }

  private writePoints(series: MetricSeries, scale: 1 | 1000, wanted: typeof LABELS): void {
    const { json, buckets } = this;
    // Millions of points pass here: no iterators, no destructuring.
    for (let index = 0; index < buckets.length; index++) {
      const bucket = buckets[index] as Bucket;
      series.read(bucket.fromMinute, bucket.toMinute);
      json.piece(bucket.opening);
      // A bucket without a value has a time and nothing else; absent is not zero.
      for (let at = 0; series.count > 0 && at < wanted.length; at++) {
        const { name, label } = wanted[at] as (typeof LABELS)[number];
        json.piece(label);
        json.number(valueOf(series, name), name === 'count' ? 1 : scale);
      }
      json.piece(CLOSING);
    }
  }
}

/** About how long the answer about one resource is. */
export function expectedBytes({ span, grainMinutes, metrics, aggregations }: MetricQuery): number {
  const points = Math.ceil((span.toMinute - span.fromMinute) / grainMinutes);
  return metrics.length * (500 + points * (40 + 22 * Math.max(1, aggregations.length)));
}

/** What a query costs: a unit for every minute of a metric but the last. */
export function costOf({ span, metrics }: MetricQuery): number {
  return metrics.length * Math.max(0, span.toMinute - span.fromMinute - 1);
}

/** An instant as Monitor writes it: without a fraction unless there is one. */
export function instantText(instant: Date): string {
  return instant.toISOString().replace('.000Z', 'Z');
}

function valueOf(series: MetricSeries, aggregation: Aggregation): number {
  switch (aggregation) {
    case 'average':
      return series.sum / series.count;
    case 'minimum':
      return series.minimum;
    case 'maximum':
      return series.maximum;
    case 'total':
      return series.sum;
    case 'count':
      return series.count;
  }
}

function bucketsOf({ fromMinute, toMinute }: MetricSpan, grainMinutes: number): readonly Bucket[] {
  const key = `${fromMinute}/${toMinute}/${grainMinutes}`;
  const known = remembered.get(key);
  if (known) return known;
  const buckets: Bucket[] = [];
  for (let start = fromMinute; start < toMinute; start += grainMinutes) {
    const time = instantText(new Date(start * 60_000));
    buckets.push({
      fromMinute: start,
      toMinute: Math.min(start + grainMinutes, toMinute),
      opening: Buffer.from(`${start === fromMinute ? '' : ','}{"timeStamp":"${time}"`),
    });
  }
  const oldest = remembered.keys().next();
  if (remembered.size >= MAX_REMEMBERED_BUCKETS && !oldest.done) remembered.delete(oldest.value);
  remembered.set(key, buckets);
  return buckets;
}

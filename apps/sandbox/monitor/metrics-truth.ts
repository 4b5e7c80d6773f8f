import { z } from 'zod';
import { AdminError } from '../admin/admin-error.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import { type ResourceIndex, parseResourceId } from '../estate/resource-index.js';
import { powerStateOf, utilizationProfileOf } from '../estate/utilization-profile.js';
import { metricNamespace } from './metric-namespaces.js';
import { type MetricLife, metricLifeOf } from './metric-life.js';
import { MetricSeries } from './metric-series.js';
import { type Signal, signalOf } from './metric-signal.js';

const instant = z.iso.datetime({ offset: true }).or(z.iso.date());
export const truthSchema = z.object({
  resource: z.string(),
  from: instant,
  /** Exclusive. */
  to: instant,
});

/** Says what metrics of a resource must come to, from the values themselves and not from an answer. */
export class MetricsTruth {
  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly index: ResourceIndex,
  ) {}

  /** Every metric of the resource over the range; `null` where no minute has a value. */
  of({ resource: id, from, to }: z.infer<typeof truthSchema>): object {
    const subscription = this.estate.findSubscription(parseResourceId(id)?.subscriptionId ?? '');
    const resource = subscription && this.index.find(subscription, id, this.clock.today());
    const namespace = resource && metricNamespace(resource.type);
    if (!namespace) throw new AdminError(404, `the estate has no resource ${id} with metrics`);
    const life = metricLifeOf(subscription, resource, this.clock.now());
    const range = { from: minuteOf(from), to: minuteOf(to) };
    return {
      resource: resource.id,
      from,
      to,
      profile: utilizationProfileOf(resource),
      powerState: powerStateOf(resource),
      metrics: Object.fromEntries(
        namespace.metrics.map((metric) => [metric.name, totalsOf(signalOf(resource, metric), life, range)]),
      ),
    };
  }
}

function totalsOf(
  signal: Signal | undefined,
  life: MetricLife,
  { from, to }: { from: number; to: number },
): object | null {
  if (!signal) return null;
  const series = new MetricSeries(signal, life);
  // Hour by hour too: hourly points are what most readers average.
  let hours = 0;
  let averages = 0;
  for (let start = from; start < to; start += 60) {
    series.read(start, Math.min(start + 60, to));
    if (series.count === 0) continue;
    hours++;
    averages += series.sum / series.count;
  }
  series.read(from, to);
  if (series.count === 0) return null;
  return {
    average: series.sum / series.count / signal.scale,
    minimum: series.minimum / signal.scale,
    maximum: series.maximum / signal.scale,
    total: series.sum / signal.scale,
    minutes: series.count,
    hours,
    averageOfHours: averages / hours / signal.scale,
  };
}

function minuteOf(text: string): number {
  return Math.floor(Date.parse(text) / 60_000);
}

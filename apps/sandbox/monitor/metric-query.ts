import type { SandboxRequest } from '../http/exchange.js';
import { AGGREGATIONS, type Aggregation, type MetricDefinition } from './metric-definition.js';
import { type MetricNamespace, findMetric } from './metric-namespaces.js';

/** Intervals with their minutes, shortest first. */
const GRAINS: ReadonlyMap<string, number> = new Map([
  ['PT1M', 1],
  ['PT5M', 5],
  ['PT15M', 15],
  ['PT30M', 30],
  ['PT1H', 60],
  ['PT6H', 360],
  ['PT12H', 720],
  ['P1D', 1440],
]);
const DEFAULT_SPAN_MS = 3_600_000;
const MAX_POINTS = 2_000_000;
const ORDER = /^(average|minimum|maximum|total|count|sum)(\s+(asc|desc))?$/i;

/** The range of a query; the minutes are what its buckets are counted from. */
export interface MetricSpan {
  readonly start: Date;
  readonly end: Date;
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** A checked query for metrics of one resource type. */
export interface MetricQuery {
  readonly span: MetricSpan;
  /** As answered; may differ from what was asked for. */
  readonly interval: string;
  readonly grainMinutes: number;
  readonly metrics: readonly MetricDefinition[];
  /** None stands for each metric's primary one. */
  readonly aggregations: readonly Aggregation[];
  /** Dimensions the filter names, in lower case. */
  readonly dimensions: readonly string[];
}

/** What differs between the two services that answer metrics. */
export interface QueryDialect {
  readonly filterName: string;
  /** Makes the service's 400 with this message. */
  readonly refuse: (message: string) => Error;
}

/** Checks the parameters both services share. Throws the dialect's 400. */
export function readMetricQuery(
  request: SandboxRequest,
  namespace: MetricNamespace,
  span: MetricSpan,
  resources: number,
  { filterName, refuse }: QueryDialect,
): MetricQuery {
  const { query } = request;
  const metrics = metricsOf(query.get('metricnames'), namespace, refuse);
  const aggregations = aggregationsOf(query.get('aggregation'), refuse);
  const canAdjust = /^true$/i.test(query.get('autoadjusttimegrain') ?? '');
  const { interval, grainMinutes } = grainOf(query.get('interval'), span, metrics, canAdjust, refuse);
  if (Math.ceil((span.toMinute - span.fromMinute) / grainMinutes) * metrics.length * resources > MAX_POINTS) {
    throw refuse('The query asks for too many data points; shorten the time span or lengthen the interval.');
  }
  const top = query.get('top') ?? query.get('$top');
  if (top !== undefined && !/^[1-9]\d*$/.test(top)) throw refuse(`The value '${top}' of top is invalid.`);
  const orderBy = query.get('orderby') ?? query.get('$orderby');
  if (orderBy !== undefined && !ORDER.test(orderBy)) throw refuse(`The value '${orderBy}' of orderby is invalid.`);
  return {
    span,
    interval,
    grainMinutes,
    metrics,
    aggregations,
    dimensions: dimensionsOf(query.get(filterName), metrics, refuse),
  };
}

/** The span between two instants as text; the last hour when there is none. Throws the dialect's 400. */
export function spanOf(
  startText: string | undefined,
  endText: string | undefined,
  now: Date,
  refuse: QueryDialect['refuse'],
): MetricSpan {
  if (startText === undefined && endText !== undefined) throw refuse('The start time is required with an end time.');
  const end = endText === undefined ? now : instantOf(endText, refuse);
  const start = startText === undefined ? new Date(now.getTime() - DEFAULT_SPAN_MS) : instantOf(startText, refuse);
  if (start >= end) throw refuse('The start time must be earlier than the end time.');
  const fromMinute = Math.floor(start.getTime() / 60_000);
  return { start, end, fromMinute, toMinute: Math.max(fromMinute + 1, Math.floor(end.getTime() / 60_000)) };
}

function instantOf(text: string, refuse: QueryDialect['refuse']): Date {
  const instant = new Date(/^\d{4}-\d\d-\d\dT[\d:.]+$/.test(text) ? `${text}Z` : text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(instant.getTime())) {
    throw refuse(`Detected invalid time range input: '${text}' is not a valid ISO 8601 instant.`);
  }
  return instant;
}

function metricsOf(
  text: string | undefined,
  namespace: MetricNamespace,
  refuse: QueryDialect['refuse'],
): MetricDefinition[] {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (names.length === 0) return namespace.metrics.slice(0, 1);
  const [provider, ...type] = namespace.name.split('/');
  return [...new Set(names)].map((name) => {
    const found = findMetric(namespace, name);
    if (found) return found;
    throw refuse(
      `Failed to find metric configuration for provider: ${provider}, resource Type: ${type.join('/')}, metric: ${name}, Valid metrics: ${namespace.metrics.map((metric) => metric.name).join(',')}`,
    );
  });
}

function aggregationsOf(text: string | undefined, refuse: QueryDialect['refuse']): Aggregation[] {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  const unknown = names.find((name) => name !== 'none' && !AGGREGATIONS.some((known) => known === name));
  if (unknown !== undefined) {
    throw refuse(`Invalid aggregation type: ${unknown}. Valid values are: ${AGGREGATIONS.join(', ')}`);
  }
  return AGGREGATIONS.filter((known) => names.includes(known));
}

function grainOf(
  text: string | undefined,
  { fromMinute, toMinute }: MetricSpan,
  metrics: readonly MetricDefinition[],
  canAdjust: boolean,
  refuse: QueryDialect['refuse'],
): { interval: string; grainMinutes: number } {
  const spanMinutes = toMinute - fromMinute;
  if (text?.toUpperCase() === 'FULL') return { interval: 'FULL', grainMinutes: spanMinutes };
  const minimum = Math.max(...metrics.map(({ minimumGrain }) => minimumGrain));
  const supported = [...GRAINS].filter(([, minutes]) => minutes >= minimum);
  const [shortest = 'PT1M', shortestMinutes = 1] = supported[0] ?? [];
  if (text === undefined || text === '') return { interval: shortest, grainMinutes: shortestMinutes };
  const asked = minutesOf(text);
  const exact = supported.find(([, minutes]) => minutes === asked);
  if (exact && !(canAdjust && exact[1] > spanMinutes)) return { interval: exact[0], grainMinutes: exact[1] };
  if (!canAdjust || asked === undefined) {
    throw refuse(
      `Detected invalid time grain input: ${text}, supported ones are: ${supported.map(([name]) => name).join(',')}`,
    );
  }
  const fitting = supported.findLast(([, minutes]) => minutes <= asked && minutes <= spanMinutes);
  const [interval, grainMinutes] = fitting ?? [shortest, shortestMinutes];
  return { interval, grainMinutes };
}

function minutesOf(duration: string): number | undefined {
  const parts = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/i.exec(duration);
  const minutes = parts ? Number(parts[1] ?? 0) * 1440 + Number(parts[2] ?? 0) * 60 + Number(parts[3] ?? 0) : 0;
  return minutes > 0 ? minutes : undefined;
}

function dimensionsOf(
  text: string | undefined,
  metrics: readonly MetricDefinition[],
  refuse: QueryDialect['refuse'],
): string[] {
  if (text === undefined || text.trim() === '') return [];
  const named = text
    .split(/\s+(?:and|or)\s+/i)
    .map((clause) => /^\s*\(*(\w+)\s+eq\s+'[^']*'\)*\s*$/i.exec(clause)?.[1]);
  return [
    ...new Set(
      named.map((name) => {
        if (name === undefined) throw refuse(`The filter '${text}' is invalid.`);
        const lacking = metrics.find(({ dimension }) => dimension?.toLowerCase() !== name.toLowerCase());
        if (lacking) throw refuse(`Metric: ${lacking.name} does not support requested dimension combination: ${name}`);
        return name.toLowerCase();
      }),
    ),
  ];
}

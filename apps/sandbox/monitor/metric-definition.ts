/** Aggregations in the spelling of an answer's points. */
export const AGGREGATIONS = ['average', 'minimum', 'maximum', 'total', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** What a metric measures; its values are generated per resource from this. */
export type SignalName =
  | 'cpu'
  | 'memory-bytes'
  | 'memory-percent'
  | 'network'
  | 'disk-bytes'
  | 'disk-operations'
  | 'load-percent'
  | 'data-disk-percent'
  | 'cpu-credits'
  | 'availability'
  | 'dtu-percent'
  | 'space-percent'
  | 'space-bytes'
  | 'queue-length'
  | 'requests'
  | 'milliseconds';

/** A metric of a resource type. */
export interface MetricDefinition {
  /** Canonical casing; requests may use any. */
  readonly name: string;
  readonly localizedName: string;
  readonly description: string;
  readonly unit: 'Percent' | 'Bytes' | 'BytesPerSecond' | 'Count' | 'CountPerSecond' | 'MilliSeconds';
  /** Answered when a request names no aggregation. */
  readonly primary: Aggregation;
  readonly aggregations: readonly Aggregation[];
  /** Shortest interval in minutes. */
  readonly minimumGrain: 1 | 60;
  readonly dimension?: string;
  readonly signal: SignalName;
}

type Options = Partial<Pick<MetricDefinition, 'localizedName' | 'aggregations' | 'minimumGrain' | 'dimension'>>;

/** A metric with every aggregation, in minutes, unless the options say otherwise. */
export function metric(
  signal: SignalName,
  name: string,
  unit: MetricDefinition['unit'],
  primary: Aggregation,
  description: string,
  options: Options = {},
): MetricDefinition {
  return {
    name,
    localizedName: name,
    description,
    unit,
    primary,
    aggregations: AGGREGATIONS,
    minimumGrain: 1,
    signal,
    ...options,
  };
}

import type { TargetResource } from '#core/connector.js';
import { IncompleteReadError, TransientSourceError } from '#core/errors.js';
import type { MetricRecord } from '#core/records.js';
import { isObject, textOrNull, type JsonObject } from '../azure/json-body.js';
import { statisticsOf, type MetricPoint } from './metric-statistics.js';
import type { MetricProfile } from './metric-profiles.js';

/** What is asked of Monitor. */
export interface MetricQuestion {
  profile: MetricProfile;
  from: Date;
  to: Date;
}

/** Azure's grain of an hour. */
export const INTERVAL = 'PT1H';
const MINUTE_MS = 60_000;

/** Monitor's values are ordinary numbers; a reviver for large integers would take longer than all the rest. */
export function parseMetrics(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (cause) {
    throw new TransientSourceError(`Monitor answered ${body.length} bytes that are not valid JSON.`, { cause });
  }
}

/** The answers of a batch by lower-cased resource id. */
export function batchAnswers(body: unknown): Map<string, JsonObject> {
  const values = isObject(body) ? body['values'] : null;
  if (!Array.isArray(values)) throw malformed('the batch has no values');
  return new Map(
    values.map((value: unknown) => {
      const id = isObject(value) ? textOrNull(value['resourceid']) : null;
      if (!isObject(value) || id === null) throw malformed('an answer of the batch names no resource');
      return [id.toLowerCase(), value];
    }),
  );
}

/**
 * One resource's answer as records, one per metric that Monitor could serve; `refused` is told of the others. Azure may
 * answer at a coarser interval than asked for, and leaves values out of points rather than writing zero.
 */
export function toMetricRecords(
  answer: JsonObject,
  resource: TargetResource,
  { profile, from, to }: MetricQuestion,
  refused: (metric: string, reason: string) => void,
): MetricRecord[] {
  const metrics = answer['value'];
  if (!Array.isArray(metrics)) throw malformed(`there are no metrics of ${resource.resourceId}`);
  const intervalMinutes = minutesOf(answer['interval']);
  const expected = Math.round((to.getTime() - from.getTime()) / MINUTE_MS / intervalMinutes);
  const byName = new Map(profile.metrics.map((spec) => [spec.name.toLowerCase(), spec]));
  const records: MetricRecord[] = [];
  for (const metric of metrics as unknown[]) {
    const name = isObject(metric) && isObject(metric['name']) ? textOrNull(metric['name']['value']) : null;
    if (!isObject(metric) || name === null) throw malformed(`a metric of ${resource.resourceId} has no name`);
    const spec = byName.get(name.toLowerCase());
    if (!spec) continue;
    const code = textOrNull(metric['errorCode']);
    if (code !== null && code !== 'Success') {
      refused(spec.name, textOrNull(metric['errorMessage']) ?? code);
      continue;
    }
    records.push({
      resourceId: resource.resourceId,
      subscriptionId: resource.subscriptionId,
      resourceType: resource.type,
      metric: spec.name,
      unit: textOrNull(metric['unit']) ?? 'Unspecified',
      from,
      to,
      intervalMinutes,
      ...statisticsOf(pointsOf(metric['timeseries']), spec.value, expected),
    });
  }
  return records;
}

/** The points of all series; without a dimension there is one, and for a resource without data none. */
function pointsOf(timeseries: unknown): MetricPoint[] {
  const series = Array.isArray(timeseries) ? (timeseries as unknown[]) : [];
  return series.flatMap((each) => (isObject(each) && Array.isArray(each['data']) ? each['data'] : [])).map(toPoint);
}

function toPoint(point: unknown): MetricPoint {
  const { average, minimum, maximum, total } = isObject(point) ? point : {};
  return {
    ...(typeof average === 'number' && { average }),
    ...(typeof minimum === 'number' && { minimum }),
    ...(typeof maximum === 'number' && { maximum }),
    ...(typeof total === 'number' && { total }),
  };
}

/** `PT1H`, `PT15M`, `P1D` as minutes; what was asked for where the answer does not say. */
function minutesOf(interval: unknown): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(textOrNull(interval) ?? INTERVAL);
  const [days, hours, minutes] = (match?.slice(1) ?? []).map((part) => Number(part ?? 0));
  return (days ?? 0) * 1440 + (hours ?? 0) * 60 + (minutes ?? 0) || 60;
}

function malformed(reason: string): IncompleteReadError {
  return new IncompleteReadError(
    `The metrics are not usable: ${reason}.`,
    'Nothing to do at once: the window is tried again.',
  );
}

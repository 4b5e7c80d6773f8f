import type { ReadContext, ReadProof, TargetResource } from '#core/connector.js';
import {
  CredentialError,
  IncompleteReadError,
  PermissionError,
  SourceError,
  SourceRejectedError,
  TransientSourceError,
} from '#core/errors.js';
import type { MetricRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import type { JsonObject } from '../azure/json-body.js';
import { MetricRefusedError } from '../azure/refusals.js';
import { toMetricRecords, type MetricQuestion } from './metric-answer.js';
import { BATCH_RESOURCES, MetricClient, MONITOR_ID } from './metric-client.js';
import type { MetricProfile } from './metric-profiles.js';

export const HOUR_MS = 3_600_000;
/** Long enough to see a fortnight's rhythm; Monitor keeps 93 days. */
const LOOK_BACK_DAYS = 14;

/** What could not be read, as one reason: one resource's trouble is nobody else's. */
class Refusals {
  readonly #reasons = new Map<string, string>();
  #action = 'Nothing to do: the others were read.';

  add(what: string, reason: string, action?: string): void {
    this.#reasons.set(what, reason);
    if (action) this.#action = action;
  }

  summary(total: number): ReadProof['unavailable'] {
    const [first] = this.#reasons;
    if (!first) return null;
    const reason = `${this.#reasons.size} of ${total} resources were read in part or not at all, among them ${first[0]}: ${first[1]}`;
    return { reason, action: this.#action };
  }
}

/**
 * Reads fourteen days of hourly metrics of one subscription's resources, fifty of a type and region per call. Where the
 * batch endpoint does not serve (its role is missing, it is out of reach, it refuses), resources are read one by one.
 */
export async function* readMetrics(
  api: AzureApi,
  profiles: readonly MetricProfile[],
  context: ReadContext,
): AsyncGenerator<MetricRecord[], ReadProof> {
  // Whole hours: Azure aligns its intervals to the start that is asked for.
  const to = new Date(Math.floor(context.clock.now().getTime() / HOUR_MS) * HOUR_MS);
  const from = new Date(to.getTime() - LOOK_BACK_DAYS * 24 * HOUR_MS);
  const refusals = new Refusals();
  let rows = 0;
  let pages = 0;
  const keep: ReadContext['keep'] = (page) => {
    pages += 1;
    return context.keep(page);
  };
  const client = new MetricClient(api, { ...context, keep });
  for (const [index, batch] of batchesOf(context.resources, profiles).entries()) {
    const question = { profile: batch.profile, from, to };
    const records = await readBatch(
      client,
      batch,
      question,
      `batch-${String(index + 1).padStart(4, '0')}`,
      refusals,
      context,
    );
    rows += records.length;
    if (records.length > 0) yield records;
  }
  return {
    pages,
    rows,
    expected: null,
    complete: true,
    incompleteReason: null,
    coveredDays: [],
    subscriptionsSeen: null,
    grain: null,
    amounts: null,
    unavailable: refusals.summary(context.resources.length),
  };
}

interface Batch {
  profile: MetricProfile;
  region: string;
  resources: TargetResource[];
}

/** The region whose data plane serves the resource, as its address names it. */
export function regionOf({ location }: TargetResource): string {
  return location?.replaceAll(' ', '').toLowerCase() || 'global';
}

/** Resources of one type and region, fifty at a time, in a stable order. */
function batchesOf(resources: readonly TargetResource[], profiles: readonly MetricProfile[]): Batch[] {
  return profiles.flatMap((profile) => {
    const ofType = resources.filter(({ type }) => type === profile.resourceType);
    const byRegion = Map.groupBy(ofType, regionOf);
    return [...byRegion]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([region, found]) => {
        const ordered = found.toSorted((a, b) => (a.resourceId < b.resourceId ? -1 : 1));
        return Array.from({ length: Math.ceil(ordered.length / BATCH_RESOURCES) }, (_, index) => ({
          profile,
          region,
          resources: ordered.slice(index * BATCH_RESOURCES, (index + 1) * BATCH_RESOURCES),
        }));
      });
  });
}

async function readBatch(
  client: MetricClient,
  { profile, region, resources }: Batch,
  question: MetricQuestion,
  label: string,
  refusals: Refusals,
  context: ReadContext,
): Promise<MetricRecord[]> {
  const answers = await withoutRefusedMetrics(profile, question, refusals, (asked) =>
    client.batch(resources, region, asked, label),
  ).catch((error: unknown) => {
    if (!servesOneByOne(error)) throw error;
    context.logger.warn({ connector: MONITOR_ID, region, reason: error.message }, 'reading metrics one by one');
    return new Map<string, JsonObject>();
  });
  const records: MetricRecord[] = [];
  for (const [index, resource] of resources.entries()) {
    try {
      const answer =
        answers.get(resource.resourceId) ??
        (await withoutRefusedMetrics(profile, question, refusals, (asked) =>
          client.single(resource, asked, `${label}-single-${String(index + 1).padStart(2, '0')}`),
        ));
      const refused = (metric: string, reason: string) => refusals.add(resource.resourceId, `${metric}: ${reason}`);
      records.push(...toMetricRecords(answer, resource, question, refused));
    } catch (error) {
      if (!isOneResourcesTrouble(error)) throw error;
      refusals.add(resource.resourceId, error.message, error.action);
    }
  }
  return records;
}

/** One unknown name makes Monitor refuse the whole question, so it is asked again without that metric. */
async function withoutRefusedMetrics<T>(
  profile: MetricProfile,
  question: MetricQuestion,
  refusals: Refusals,
  ask: (question: MetricQuestion) => Promise<T>,
): Promise<T> {
  let { metrics } = profile;
  for (;;) {
    try {
      return await ask({ ...question, profile: { ...profile, metrics } });
    } catch (error) {
      if (!(error instanceof MetricRefusedError)) throw error;
      const left = metrics.filter(({ name }) => name.toLowerCase() !== error.metric.toLowerCase());
      if (left.length === metrics.length || left.length === 0) throw error;
      refusals.add(`${error.metric} of ${profile.resourceType}`, 'Monitor does not know this metric here.');
      metrics = left;
    }
  }
}

/** The batch endpoint has a role, an address and an audience of its own; Resource Manager may serve nevertheless. */
export function servesOneByOne(error: unknown): error is SourceError {
  return (
    error instanceof PermissionError ||
    error instanceof CredentialError ||
    error instanceof TransientSourceError ||
    error instanceof SourceRejectedError
  );
}

/** A machine that was deleted meanwhile, or that Monitor refuses, as opposed to trouble that all would meet. */
function isOneResourcesTrouble(error: unknown): error is SourceError {
  return error instanceof SourceRejectedError || error instanceof IncompleteReadError;
}

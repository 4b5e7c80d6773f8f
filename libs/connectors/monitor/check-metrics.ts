import { checked, concernsAll, notAsked, refused, subscriptionScope, type CheckResult } from '#core/check.js';
import type { CheckContext, TargetResource } from '#core/connector.js';
import { PermissionError, UnavailableError, type SourceError } from '#core/errors.js';
import type { AzureApi } from '../azure/azure-api.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { virtualMachines } from '../resource-graph/queries/virtual-machines.query.js';
import { queryPages } from '../resource-graph/query-pages.js';
import { subscriptionBatches } from '../resource-graph/subscription-batches.js';
import type { MetricQuestion } from './metric-answer.js';
import { MetricClient, MONITOR_ID } from './metric-client.js';
import type { MetricProfile } from './metric-profiles.js';
import { HOUR_MS, regionOf, servesOneByOne } from './read-metrics.js';

/** One metric of one resource of each subscription, over one hour: at once where that is allowed, else by itself. */
export async function* checkMetrics(
  api: AzureApi,
  profiles: readonly MetricProfile[],
  context: CheckContext,
): AsyncGenerator<CheckResult, void> {
  const found: { resources: readonly TargetResource[] } = { resources: context.resources };
  if (found.resources.length === 0 && context.sample.length > 0) {
    // Before the first run the inventory is empty.
    const [first] = context.sample;
    const question = { subject: '', scope: subscriptionScope(first!.subscriptionId) };
    const search = await checked(question, context, async (limited) => {
      found.resources = await someMachines(api, limited);
      return '';
    });
    if (search.outcome !== 'ok') return yield search;
  }
  let asked = 0;
  for (const resource of found.resources) {
    const profile = profiles.find(({ resourceType }) => resourceType === resource.type);
    if (!profile) continue;
    asked += 1;
    const result = await checkResource(api, resource, profile, context);
    yield result;
    if (concernsAll(result)) return;
  }
  if (asked === 0) yield notAsked('', 'No resource with metrics is known.');
}

async function checkResource(
  api: AzureApi,
  resource: TargetResource,
  profile: MetricProfile,
  context: CheckContext,
): Promise<CheckResult> {
  const { subscriptionId } = resource;
  const to = new Date(Math.floor(context.clock.now().getTime() / HOUR_MS) * HOUR_MS);
  const question: MetricQuestion = {
    profile: { ...profile, metrics: profile.metrics.slice(0, 1) },
    from: new Date(to.getTime() - HOUR_MS),
    to,
  };
  const target = { subject: `subscription ${subscriptionId}`, scope: subscriptionScope(subscriptionId) };
  const told: { refusal: SourceError | null } = { refusal: null };
  const batch = await checked(target, context, async (limited) => {
    const client = new MetricClient(api, limited);
    await client.batch([resource], regionOf(resource), question, 'check-batch').catch((error: unknown) => {
      if (servesOneByOne(error)) told.refusal = error;
      throw error;
    });
    return 'Metrics are readable through the batch endpoint.';
  });
  if (told.refusal === null) return batch;
  const single = await checked(target, context, async (limited) => {
    await new MetricClient(api, limited).single(resource, question, 'check-single');
    return '';
  });
  if (single.outcome !== 'ok') {
    // Both fail: what the way without a role of its own says is the plainer reason.
    const reason = `${single.reason} The batch endpoint does not answer either: ${batch.reason}`;
    return { ...single, grant: single.grant ?? batch.grant, reason };
  }
  const reason = `One by one works, the batch endpoint does not: ${told.refusal.message}`;
  if (told.refusal instanceof PermissionError) return { ...batch, reason };
  const lasting = new UnavailableError(reason, batch.action ?? told.refusal.action);
  return refused(target, lasting, context.clock.now());
}

/** A machine of each subscription of the sample that has one, as Resource Graph knows it now. */
async function someMachines(api: AzureApi, context: CheckContext): Promise<TargetResource[]> {
  const [batch = []] = subscriptionBatches(context.sample);
  const pages = queryPages(api.forTenant(context.tenant), virtualMachines.kql, batch, 'machines', context, MONITOR_ID);
  const { value: page } = await pages.next();
  const machines = new Map<string, TargetResource>();
  for (const row of page?.rows ?? []) {
    const resourceId = isObject(row) ? textOrNull(row['id'])?.toLowerCase() : null;
    const subscriptionId = isObject(row) ? textOrNull(row['subscriptionId'])?.toLowerCase() : null;
    if (!isObject(row) || !resourceId || !subscriptionId || machines.has(subscriptionId)) continue;
    const type = 'microsoft.compute/virtualmachines';
    machines.set(subscriptionId, { resourceId, subscriptionId, type, location: textOrNull(row['location']) });
  }
  return [...machines.values()];
}

import type { Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import type { RecommendationRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import { AdvisorRead } from './advisor-read.js';
import { checkRecommendations } from './check-recommendations.js';
import { ADVISOR_ID, listedPages } from './recommendation-list.js';
import { graphPages } from './recommendation-query.js';
import { isRefusal } from './refusal.js';

const ROLE = 'Reader';

/** Reads Azure's own cost recommendations, for all subscriptions of a tenant at once. */
export function advisorConnector(api: AzureApi): Connector<'recommendation'> {
  return {
    id: ADVISOR_ID,
    title: 'Advisor',
    api: 'Azure Resource Graph, table AdvisorResources; else Azure Advisor Recommendations - List',
    apiVersion: '2022-10-01',
    requiredRoles: [ROLE],
    stage: 'estate',
    produces: 'recommendation',
    modes: ['full'],
    windows: ({ subscriptions }) =>
      subscriptions.length === 0 ? [] : [{ scope: 'tenant', subscriptionId: null, range: null }],
    read: (_window: WindowSpec, context: ReadContext) => readRecommendations(api, context),
    check: (context) => checkRecommendations(api, context),
  };
}

/**
 * One query through Resource Graph; where that is not allowed, the list of each subscription. A subscription that may
 * not be read is named in the proof and stops no other.
 */
async function* readRecommendations(
  api: AzureApi,
  context: ReadContext,
): AsyncGenerator<RecommendationRecord[], ReadProof> {
  const client = api.forTenant(context.tenant);
  const read = new AdvisorRead(context.subscriptions.map(({ subscriptionId }) => subscriptionId.toLowerCase()).sort());
  try {
    yield* graphPages(client, read, context);
    return read.proof();
  } catch (error) {
    // Nothing has been yielded yet when the first page is refused, and a refusal comes with the first page or not at all.
    if (!isRefusal(error) || read.graph.pages > 0) throw error;
    context.logger.warn({ connector: ADVISOR_ID, reason: error.message }, 'reading Advisor without Resource Graph');
  }
  for (const subscriptionId of read.subscriptions) {
    try {
      yield* listedPages(client, subscriptionId, read, context);
      read.cover(subscriptionId);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      read.refuse(subscriptionId, error);
    }
  }
  read.throwIfNothingCouldBeRead();
  return read.proof();
}

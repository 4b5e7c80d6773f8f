import { checked, subscriptionScope, tenantScope, type CheckQuestion, type CheckResult } from '#core/check.js';
import type { CheckContext } from '#core/connector.js';
import type { AzureApi } from '../azure/azure-api.js';
import { advisorCostRecommendations } from '../resource-graph/queries/advisor-cost-recommendations.query.js';
import { queryPages } from '../resource-graph/query-pages.js';
import { subscriptionBatches } from '../resource-graph/subscription-batches.js';
import { AdvisorRead } from './advisor-read.js';
import { isRefusal } from './refusal.js';
import { ADVISOR_ID, listedPages } from './recommendation-list.js';

/** One row through Resource Graph, or one page of a subscription's own list where that is how the read would go. */
export async function* checkRecommendations(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const client = api.forTenant(context.tenant);
  const [first] = context.sample;
  const question: CheckQuestion = { subject: '', scope: tenantScope(context.tenant.azureTenantId) };
  yield await checked(question, context, async (limited) => {
    try {
      const [batch = []] = subscriptionBatches(limited.subscriptions);
      const { kql } = advisorCostRecommendations;
      const { value: page } = await queryPages(client, kql, batch, 'check', limited, ADVISOR_ID, 1).next();
      return `${page?.totalRecords ?? 0} cost recommendations are readable.`;
    } catch (error) {
      if (!isRefusal(error) || !first) throw error;
      question.scope = subscriptionScope(first.subscriptionId);
      await listedPages(client, first.subscriptionId, new AdvisorRead([first.subscriptionId]), limited).next();
      return `Advisor's own list answers; Resource Graph does not: ${error.message}`;
    }
  });
}

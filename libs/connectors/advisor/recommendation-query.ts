import type { ReadContext } from '#core/connector.js';
import type { RecommendationRecord } from '#core/records.js';
import type { AzureClient } from '../azure/azure-client.js';
import { readCoverage } from '../resource-graph/coverage.js';
import { advisorCostRecommendations } from '../resource-graph/queries/advisor-cost-recommendations.query.js';
import { queryPages } from '../resource-graph/query-pages.js';
import { subscriptionBatches } from '../resource-graph/subscription-batches.js';
import type { AdvisorRead } from './advisor-read.js';
import { ADVISOR_ID } from './recommendation-list.js';

/** The cost recommendations of all subscriptions through Resource Graph, up to 1,000 subscriptions per query. */
export async function* graphPages(
  client: AzureClient,
  read: AdvisorRead,
  context: ReadContext,
): AsyncGenerator<RecommendationRecord[], void> {
  const { kql } = advisorCostRecommendations;
  for (const [index, subscriptions] of subscriptionBatches(context.subscriptions).entries()) {
    read.graph.beginBatch();
    for await (const page of queryPages(client, kql, subscriptions, `advisor-${index + 1}`, context, ADVISOR_ID)) {
      read.graph.addPage(page);
      const records = read.take(page.rows);
      if (records.length > 0) yield records;
    }
    read.graph.endBatch();
    const covered = await readCoverage(client, subscriptions, `coverage-${index + 1}`, context, ADVISOR_ID);
    read.graph.pages += covered.pages;
    for (const id of covered.subscriptions) read.cover(id);
  }
}

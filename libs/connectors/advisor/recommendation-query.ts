import type { ReadContext } from '#core/connector.js';
import type { RecommendationRecord } from '#core/records.js';
import type { AzureClient } from '../azure/azure-client.js';
import { readCoverage } from '../resource-graph/coverage.js';
import { queryPages, SUBSCRIPTIONS_PER_QUERY } from '../resource-graph/query-pages.js';
import { ADVISOR_QUERY } from '../resource-graph/resource-graph.queries.js';
import type { AdvisorRead } from './advisor-read.js';
import { ADVISOR_ID } from './recommendation-list.js';

/** The cost recommendations of all subscriptions through Resource Graph, up to 1,000 subscriptions per query. */
export async function* graphPages(
  client: AzureClient,
  read: AdvisorRead,
  context: ReadContext,
): AsyncGenerator<RecommendationRecord[], void> {
  for (let start = 0, batch = 1; start < read.subscriptions.length; start += SUBSCRIPTIONS_PER_QUERY, batch++) {
    const subscriptions = read.subscriptions.slice(start, start + SUBSCRIPTIONS_PER_QUERY);
    let total: number | null = null;
    for await (const page of queryPages(
      client,
      ADVISOR_QUERY,
      subscriptions,
      `advisor-${batch}`,
      context,
      ADVISOR_ID,
    )) {
      read.pages += 1;
      total ??= page.totalRecords;
      if (page.cutOff) read.distrust('Azure cut the answer off and gave no way to go on.');
      const records = read.take(page.rows);
      if (records.length > 0) yield records;
    }
    read.expected = (read.expected ?? 0) + (total ?? 0);
    read.pages += await readCoverage(
      client,
      subscriptions,
      `coverage-${batch}`,
      context,
      (id) => read.cover(id),
      ADVISOR_ID,
    );
  }
}

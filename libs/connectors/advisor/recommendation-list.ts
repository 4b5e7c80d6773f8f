import type { ReadContext } from '#core/connector.js';
import { IncompleteReadError } from '#core/errors.js';
import type { RecommendationRecord } from '#core/records.js';
import type { AzureClient } from '../azure/azure-client.js';
import type { AzureAnswer } from '../azure/azure-request.js';
import { isObject, parsePlainBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import type { AdvisorRead } from './advisor-read.js';

export const ADVISOR_ID = 'advisor';
const API_VERSION = '2023-01-01';

/** The cost recommendations of one subscription by Advisor's own list, page by page. */
export async function* listedPages(
  client: AzureClient,
  subscriptionId: string,
  read: AdvisorRead,
  context: ReadContext,
): AsyncGenerator<RecommendationRecord[], void> {
  const guard = client.paging();
  let next: string | null =
    `/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Advisor/recommendations`;
  for (let page = 1; next !== null; page++) {
    const answer: AzureAnswer = await client.read(
      {
        method: 'GET',
        target: next,
        ...(page === 1 && { query: { 'api-version': API_VERSION, $filter: "Category eq 'Cost'" } }),
        parse: parsePlainBody,
        connector: ADVISOR_ID,
        quota: { service: 'resource-manager', scope: subscriptionId },
        need: { role: 'Reader', scope: `subscription ${subscriptionId}` },
      },
      pageLabel(`list-${subscriptionId}`, page),
      context,
    );
    const items = isObject(answer.json) ? answer.json['value'] : null;
    if (!isObject(answer.json) || !Array.isArray(items)) {
      throw new IncompleteReadError(
        `Page ${page} of the recommendations of subscription ${subscriptionId} is not a list.`,
        'Nothing to do at once: the window is tried again.',
      );
    }
    const records = read.takeListed(items);
    if (records.length > 0) yield records;
    next = guard.nextLink(answer.json['nextLink']);
    // The list announces no total, so a page whose rows were lost on the way shows by this alone.
    if (items.length === 0 && next !== null) {
      read.graph.distrust(`Page ${page} of subscription ${subscriptionId} is empty, but leads on.`);
    }
  }
}

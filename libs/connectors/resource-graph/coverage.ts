import type { ReadContext } from '#core/connector.js';
import { SourceRejectedError } from '#core/errors.js';
import type { AzureClient } from '../azure/azure-client.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { queryPages, RESOURCE_GRAPH_ID } from './query-pages.js';
import { SUBSCRIPTIONS_QUERY } from './resource-graph.queries.js';

/**
 * Calls `cover` for each of the subscriptions that Azure could read although no row may be theirs; answers the number
 * of pages. Resource Graph silently leaves out subscriptions that the credential may not read, so only this tells an
 * empty one from an unreadable one.
 */
export async function readCoverage(
  client: AzureClient,
  subscriptions: readonly string[],
  label: string,
  context: ReadContext,
  cover: (subscriptionId: string) => void,
  connector = RESOURCE_GRAPH_ID,
): Promise<number> {
  let pages = 0;
  try {
    for await (const page of queryPages(client, SUBSCRIPTIONS_QUERY, subscriptions, label, context, connector)) {
      pages += 1;
      for (const row of page.rows) {
        const id = isObject(row) ? textOrNull(row['subscriptionId']) : null;
        if (id) cover(id.toLowerCase());
      }
    }
  } catch (error) {
    // Coverage is then what the rows themselves show: fewer subscriptions, never wrong ones.
    if (!(error instanceof SourceRejectedError)) throw error;
    context.logger.warn({ connector, reason: error.message }, 'subscription coverage is not known');
  }
  return pages;
}

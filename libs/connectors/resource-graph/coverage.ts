import type { ReadContext } from '#core/connector.js';
import { SourceRejectedError } from '#core/errors.js';
import type { AzureClient } from '../azure/azure-client.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { queryPages, RESOURCE_GRAPH_ID } from './query-pages.js';
import { subscriptions as coverage } from './queries/subscriptions.query.js';

/**
 * The subscriptions that Azure could read, whether or not they hold anything. Resource Graph silently leaves out those
 * that the credential may not read, so only this tells an empty one from an unreadable one.
 */
export async function readCoverage(
  client: AzureClient,
  subscriptions: readonly string[],
  label: string,
  context: ReadContext,
  connector = RESOURCE_GRAPH_ID,
): Promise<{ pages: number; subscriptions: ReadonlySet<string> }> {
  let pages = 0;
  const seen = new Set<string>();
  try {
    for await (const page of queryPages(client, coverage.kql, subscriptions, label, context, connector)) {
      pages += 1;
      for (const row of page.rows) {
        const id = isObject(row) ? textOrNull(row['subscriptionId']) : null;
        if (id) seen.add(id.toLowerCase());
      }
    }
  } catch (error) {
    // Coverage is then what the rows themselves show: fewer subscriptions, never wrong ones.
    if (!(error instanceof SourceRejectedError)) throw error;
    context.logger.warn({ connector, reason: error.message }, 'subscription coverage is not known');
  }
  return { pages, subscriptions: seen };
}

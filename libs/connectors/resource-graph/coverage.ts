import type { ReadContext } from '#core/connector.js';
import { SourceRejectedError } from '#core/errors.js';
import type { AzureClient } from '../azure/azure-client.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { queryPages, RESOURCE_GRAPH_ID } from './query-pages.js';
import { subscriptions as coverage } from './queries/subscriptions.query.js';

/** What Azure could read of the subscriptions that a query named. */
export interface Coverage {
  pages: number;
  /** Lower-cased. */
  subscriptions: ReadonlySet<string>;
}

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
): Promise<Coverage> {
  const covered = { pages: 0, subscriptions: new Set<string>() };
  try {
    await coverInto(covered, client, subscriptions, label, context, connector);
  } catch (error) {
    // Coverage is then what the rows themselves show: fewer subscriptions, never wrong ones.
    if (!(error instanceof SourceRejectedError)) throw error;
    context.logger.warn({ connector, reason: error.message }, 'subscription coverage is not known');
  }
  return covered;
}

/** The same for whoever has no rows to fall back on: a refusal is thrown. No subscriptions means all readable ones. */
export async function requireCoverage(
  client: AzureClient,
  subscriptions: readonly string[],
  label: string,
  context: ReadContext,
): Promise<Coverage> {
  const covered = { pages: 0, subscriptions: new Set<string>() };
  await coverInto(covered, client, subscriptions, label, context, RESOURCE_GRAPH_ID);
  return covered;
}

async function coverInto(
  covered: { pages: number; subscriptions: Set<string> },
  client: AzureClient,
  subscriptions: readonly string[],
  label: string,
  context: ReadContext,
  connector: string,
): Promise<void> {
  for await (const page of queryPages(client, coverage.kql, subscriptions, label, context, connector)) {
    covered.pages += 1;
    for (const row of page.rows) {
      const id = isObject(row) ? textOrNull(row['subscriptionId']) : null;
      if (id) covered.subscriptions.add(id.toLowerCase());
    }
  }
}

import type { Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import { SourceRejectedError } from '#core/errors.js';
import type { ResourceRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import type { AzureClient } from '../azure/azure-client.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { queryPages, RESOURCE_GRAPH_API_VERSION, RESOURCE_GRAPH_ID, RESOURCE_GRAPH_ROLE } from './query-pages.js';
import { allResources } from './queries/all-resources.query.js';
import { subscriptions as coverage } from './queries/subscriptions.query.js';
import { QueryProof } from './query-proof.js';
import { toResource } from './resource.mapper.js';
import { subscriptionBatches } from './subscription-batches.js';

/** Reads the inventory of a tenant's registered subscriptions, up to 1,000 of them per query. */
export function resourceGraphConnector(api: AzureApi): Connector<'resource'> {
  return {
    id: RESOURCE_GRAPH_ID,
    title: 'Inventory',
    api: 'Azure Resource Graph, table Resources',
    apiVersion: RESOURCE_GRAPH_API_VERSION,
    requiredRoles: [RESOURCE_GRAPH_ROLE],
    stage: 'estate',
    produces: 'resource',
    modes: ['full'],
    windows: ({ subscriptions }) =>
      subscriptions.length === 0 ? [] : [{ scope: 'tenant', subscriptionId: null, range: null }],
    read: (_window: WindowSpec, context: ReadContext) => readResources(api, context),
  };
}

/**
 * An inventory read that contradicts itself still yields what it saw, but is not complete: nothing may be taken as
 * deleted because of it.
 */
async function* readResources(api: AzureApi, context: ReadContext): AsyncGenerator<ResourceRecord[], ReadProof> {
  const proof = new QueryProof();
  const seen = new Set<string>();
  const batches = subscriptionBatches(context.subscriptions);
  for (const [index, subscriptions] of batches.entries()) {
    const client = api.forTenant(context.tenant);
    yield* readBatch(client, subscriptions, index + 1, proof, seen, context);
    await readCoverage(client, subscriptions, index + 1, proof, seen, context);
  }
  return {
    pages: proof.pages,
    rows: proof.received,
    expected: proof.expected,
    complete: proof.incompleteReason === null,
    incompleteReason: proof.incompleteReason,
    coveredDays: [],
    subscriptionsSeen: [...seen].sort(),
    grain: null,
    amounts: null,
    unavailable: null,
  };
}

async function* readBatch(
  client: AzureClient,
  subscriptions: readonly string[],
  batch: number,
  proof: QueryProof,
  seen: Set<string>,
  context: ReadContext,
): AsyncGenerator<ResourceRecord[], void> {
  proof.beginBatch();
  for await (const page of queryPages(client, allResources.kql, subscriptions, `resources-${batch}`, context)) {
    proof.addPage(page);
    const records: ResourceRecord[] = [];
    for (const row of page.rows) {
      const record = toResource(row);
      if (!record) proof.distrust(`A row of page ${proof.pages} has no resource id.`);
      else if (proof.isNew(record.resourceId)) {
        seen.add(record.subscriptionId);
        records.push(record);
      }
    }
    if (records.length > 0) yield records;
  }
  proof.endBatch();
}

/**
 * Adds the subscriptions that Azure could read although they hold no resource. Subscriptions that the credential may
 * not read are left out silently by Resource Graph, so only this tells an empty one from an unreadable one.
 */
async function readCoverage(
  client: AzureClient,
  subscriptions: readonly string[],
  batch: number,
  proof: QueryProof,
  seen: Set<string>,
  context: ReadContext,
): Promise<void> {
  try {
    for await (const page of queryPages(client, coverage.kql, subscriptions, `coverage-${batch}`, context)) {
      proof.pages += 1;
      for (const row of page.rows) {
        const id = isObject(row) ? textOrNull(row['subscriptionId']) : null;
        if (id) seen.add(id.toLowerCase());
      }
    }
  } catch (error) {
    // Coverage is then what the rows themselves show: fewer subscriptions, never wrong ones.
    if (!(error instanceof SourceRejectedError)) throw error;
    context.logger.warn({ connector: RESOURCE_GRAPH_ID, reason: error.message }, 'subscription coverage is not known');
  }
}

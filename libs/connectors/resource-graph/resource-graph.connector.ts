import type { Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import type { ResourceRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import type { AzureClient } from '../azure/azure-client.js';
import { checkInventory } from './check-inventory.js';
import { readCoverage } from './coverage.js';
import { queryPages, RESOURCE_GRAPH_API_VERSION, RESOURCE_GRAPH_ID, RESOURCE_GRAPH_ROLE } from './query-pages.js';
import { allResources } from './queries/all-resources.query.js';
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
    check: (context) => checkInventory(api, context),
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
    const covered = await readCoverage(client, subscriptions, `coverage-${index + 1}`, context);
    proof.pages += covered.pages;
    for (const id of covered.subscriptions) seen.add(id);
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

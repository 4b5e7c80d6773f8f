import type { Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import { SourceRejectedError } from '#core/errors.js';
import type { ResourceRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import type { AzureClient } from '../azure/azure-client.js';
import { isObject, textOrNull } from '../azure/json-body.js';
import { queryPages, RESOURCE_GRAPH_API_VERSION, RESOURCE_GRAPH_ID, RESOURCE_GRAPH_ROLE } from './query-pages.js';
import { allResources } from './queries/all-resources.query.js';
import { subscriptions as coverage } from './queries/subscriptions.query.js';
import { toResource } from './resource.mapper.js';

/** Resource Graph accepts this many subscriptions in one query. */
const SUBSCRIPTIONS_PER_QUERY = 1000;

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

/** What a read has seen so far; the first reason to distrust it is kept. */
class InventoryProof {
  pages = 0;
  rows = 0;
  expected = 0;
  incompleteReason: string | null = null;
  readonly subscriptions = new Set<string>();
  readonly #resourceIds = new Set<string>();

  distrust(reason: string): void {
    this.incompleteReason ??= reason;
  }

  /** True the first time that the id is seen. */
  isNew(resourceId: string): boolean {
    if (this.#resourceIds.has(resourceId)) {
      this.distrust(`The resource ${resourceId} came twice: the estate changed while it was read.`);
      return false;
    }
    this.#resourceIds.add(resourceId);
    return true;
  }
}

/**
 * An inventory read that contradicts itself still yields what it saw, but is not complete: nothing may be taken as
 * deleted because of it.
 */
async function* readResources(api: AzureApi, context: ReadContext): AsyncGenerator<ResourceRecord[], ReadProof> {
  const proof = new InventoryProof();
  const ids = [...new Set(context.subscriptions.map(({ subscriptionId }) => subscriptionId.toLowerCase()))].sort();
  const client = ids.length > 0 ? api.forTenant(context.tenant) : null;
  for (let start = 0, batch = 1; client && start < ids.length; start += SUBSCRIPTIONS_PER_QUERY, batch++) {
    const subscriptions = ids.slice(start, start + SUBSCRIPTIONS_PER_QUERY);
    yield* readBatch(client, subscriptions, batch, proof, context);
    await readCoverage(client, subscriptions, batch, proof, context);
  }
  return {
    pages: proof.pages,
    rows: proof.rows,
    expected: proof.expected,
    complete: proof.incompleteReason === null,
    incompleteReason: proof.incompleteReason,
    coveredDays: [],
    subscriptionsSeen: [...proof.subscriptions].sort(),
    grain: null,
    amounts: null,
    unavailable: null,
  };
}

async function* readBatch(
  client: AzureClient,
  subscriptions: readonly string[],
  batch: number,
  proof: InventoryProof,
  context: ReadContext,
): AsyncGenerator<ResourceRecord[], void> {
  let rows = 0;
  let total: number | null = null;
  for await (const page of queryPages(client, allResources.kql, subscriptions, `resources-${batch}`, context)) {
    proof.pages += 1;
    rows += page.rows.length;
    total ??= page.totalRecords;
    if (page.totalRecords !== total) {
      proof.distrust(`The total changed from ${total} to ${page.totalRecords} while the estate was read.`);
    }
    if (page.cutOff) proof.distrust('Azure cut the answer off and gave no way to go on.');
    if (page.subscriptionLimitHit) proof.distrust('The answer covers the first 10,000 subscriptions only.');
    const records: ResourceRecord[] = [];
    for (const row of page.rows) {
      const record = toResource(row);
      if (!record) proof.distrust(`A row of page ${proof.pages} has no resource id.`);
      else if (proof.isNew(record.resourceId)) {
        proof.subscriptions.add(record.subscriptionId);
        records.push(record);
      }
    }
    if (records.length > 0) yield records;
  }
  proof.rows += rows;
  proof.expected += total ?? 0;
  if (rows !== total) proof.distrust(`Azure announced ${total} resources, but ${rows} came.`);
}

/**
 * Adds the subscriptions that Azure could read although they hold no resource. Subscriptions that the credential may
 * not read are left out silently by Resource Graph, so only this tells an empty one from an unreadable one.
 */
async function readCoverage(
  client: AzureClient,
  subscriptions: readonly string[],
  batch: number,
  proof: InventoryProof,
  context: ReadContext,
): Promise<void> {
  try {
    for await (const page of queryPages(client, coverage.kql, subscriptions, `coverage-${batch}`, context)) {
      proof.pages += 1;
      for (const row of page.rows) {
        const id = isObject(row) ? textOrNull(row['subscriptionId']) : null;
        if (id) proof.subscriptions.add(id.toLowerCase());
      }
    }
  } catch (error) {
    // Coverage is then what the rows themselves show: fewer subscriptions, never wrong ones.
    if (!(error instanceof SourceRejectedError)) throw error;
    context.logger.warn({ connector: RESOURCE_GRAPH_ID, reason: error.message }, 'subscription coverage is not known');
  }
}

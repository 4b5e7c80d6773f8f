import { checked, tenantScope, type CheckResult } from '#core/check.js';
import type { CheckContext, Connector, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import { IncompleteReadError, PermissionError } from '#core/errors.js';
import type { SubscriptionRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import { isObject, parsePlainBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import { toSubscription } from './subscription.mapper.js';

const ID = 'subscriptions';
const API_VERSION = '2022-12-01';
const ROLE = 'Reader';

/** Finds the subscriptions that a tenant's credential can see, Lighthouse-delegated ones included. */
export function subscriptionsConnector(api: AzureApi): Connector<'subscription'> {
  return {
    id: ID,
    title: 'Subscriptions',
    api: 'Azure Resource Manager GET /subscriptions',
    apiVersion: API_VERSION,
    requiredRoles: [ROLE],
    stage: 'discovery',
    produces: 'subscription',
    modes: ['full', 'incremental'],
    windows: () => [{ scope: 'tenant', subscriptionId: null, range: null }],
    read: (_window: WindowSpec, context: ReadContext) => readSubscriptions(api, context),
    check: (context) => checkSubscriptions(api, context),
  };
}

/** Lists them: an application without any role gets an empty list instead of a refusal. */
async function* checkSubscriptions(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const { azureTenantId } = context.tenant;
  yield await checked({ subject: '', scope: tenantScope(azureTenantId) }, context, async (limited) => {
    let visible = 0;
    for await (const records of readSubscriptions(api, limited)) visible += records.length;
    if (visible > 0) return `${visible} ${visible === 1 ? 'subscription is' : 'subscriptions are'} listed.`;
    throw new PermissionError(
      `No subscription of tenant ${azureTenantId} is listed for the credential.`,
      ROLE,
      'the subscriptions (or their management group)',
    );
  });
}

async function* readSubscriptions(
  api: AzureApi,
  context: ReadContext,
): AsyncGenerator<SubscriptionRecord[], ReadProof> {
  const { tenant } = context;
  const client = api.forTenant(tenant);
  const guard = client.paging();
  const seen = new Set<string>();
  let pages = 0;
  let rows = 0;
  let incompleteReason: string | null = null;
  let next: string | null = '/subscriptions';
  while (next !== null) {
    pages += 1;
    const answer = await client.read(
      {
        method: 'GET',
        target: next,
        ...(pages === 1 && { query: { 'api-version': API_VERSION } }),
        parse: parsePlainBody,
        connector: ID,
        quota: { service: 'resource-manager', scope: 'tenant' },
        need: { role: ROLE, scope: `the subscriptions of tenant ${tenant.azureTenantId}` },
      },
      pageLabel('subscriptions', pages),
      context,
    );
    const page = answer.json;
    if (!isObject(page) || !Array.isArray(page['value'])) throw malformed(`page ${pages} has no list of subscriptions`);
    const records: SubscriptionRecord[] = [];
    for (const item of page['value']) {
      const record = toSubscription(item);
      if (!record) throw malformed(`page ${pages} holds a subscription without an id`);
      rows += 1;
      // A subscription delegated twice (directly and through a group) may be listed twice.
      if (!seen.has(record.subscriptionId)) records.push(record);
      seen.add(record.subscriptionId);
    }
    if (records.length > 0) yield records;
    next = guard.nextLink(page['nextLink']);
    incompleteReason ??= distrusted(pages, page['value'].length, records.length, next !== null);
  }
  return {
    pages,
    rows,
    expected: null,
    complete: incompleteReason === null,
    incompleteReason,
    coveredDays: [],
    subscriptionsSeen: [...seen],
    grain: null,
    amounts: null,
    // An application without any role gets an empty list instead of a refusal.
    unavailable:
      seen.size > 0
        ? null
        : {
            reason: `The credential sees no subscription in tenant ${tenant.azureTenantId}.`,
            action: `Grant the role "${ROLE}" on the subscriptions (or their management group) to the application that AzCops uses.`,
          },
  };
}

/**
 * Why a page may stand in for another one; null otherwise. The list announces no total that could tell, and what a whole
 * list lacks is taken for gone.
 */
function distrusted(page: number, rows: number, newRows: number, leadsOn: boolean): string | null {
  if (rows === 0 && leadsOn) return `Page ${page} of the list of subscriptions is empty, but leads on.`;
  if (rows > 0 && newRows === 0) return `Page ${page} of the list of subscriptions repeats what came before.`;
  return null;
}

function malformed(reason: string): IncompleteReadError {
  return new IncompleteReadError(
    `The list of subscriptions is not usable: ${reason}.`,
    'Nothing to do at once: the window is tried again.',
  );
}

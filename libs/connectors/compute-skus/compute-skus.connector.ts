import { checked, notAsked, subscriptionScope, type CheckResult } from '#core/check.js';
import type { CheckContext, Connector, PlanRequest, ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import type { VirtualMachineSizeRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import { COMPUTE_SKUS_API_VERSION, COMPUTE_SKUS_ID, COMPUTE_SKUS_ROLE, skuPages } from './sku-pages.js';

/** Where nothing is known of the tenant's regions yet. */
const SOME_REGION = 'westeurope';
/** Subscriptions in these states can start no machine, so all sizes are restricted for them. */
const SWITCHED_OFF: ReadonlySet<string> = new Set(['Disabled', 'Deleted']);

/** Reads what sizes of virtual machines there are, of the regions that a tenant has machines in. */
export function computeSkusConnector(api: AzureApi): Connector<'virtual-machine-size'> {
  return {
    id: COMPUTE_SKUS_ID,
    title: 'Virtual machine sizes',
    api: 'Azure Resource Manager GET …/providers/Microsoft.Compute/skus',
    apiVersion: COMPUTE_SKUS_API_VERSION,
    requiredRoles: [COMPUTE_SKUS_ROLE],
    sharedForDays: 7,
    stage: 'metrics',
    produces: 'virtual-machine-size',
    modes: ['full'],
    resourceTypes: ['microsoft.compute/virtualmachines', 'microsoft.compute/virtualmachinescalesets'],
    windows: sizeWindows,
    read: (window, context) => readSizes(api, window, context),
    check: (context) => checkSizes(api, context),
  };
}

/** Sizes differ by region; which subscription is asked for them decides only what is restricted. */
function sizeWindows({ regions, subscriptions }: PlanRequest): WindowSpec[] {
  const usable = new Set(
    subscriptions.filter(({ state }) => !SWITCHED_OFF.has(state)).map(({ subscriptionId }) => subscriptionId),
  );
  return [...regions].flatMap(([region, holders]) => {
    const subscriptionId = holders.find((holder) => usable.has(holder));
    return subscriptionId ? [{ scope: region, subscriptionId, range: null }] : [];
  });
}

async function* readSizes(
  api: AzureApi,
  { scope: region, subscriptionId }: WindowSpec,
  context: ReadContext,
): AsyncGenerator<readonly VirtualMachineSizeRecord[], ReadProof> {
  let pages = 0;
  let rows = 0;
  const question = { subscriptionId: subscriptionId!, region, label: 'sizes' };
  for await (const sizes of skuPages(api, question, context)) {
    pages += 1;
    rows += sizes.length;
    if (sizes.length > 0) yield sizes;
  }
  return {
    pages,
    rows,
    expected: null,
    complete: true,
    incompleteReason: null,
    coveredDays: [],
    subscriptionsSeen: null,
    grain: null,
    amounts: null,
    unavailable: null,
  };
}

/** One region of one subscription: a list has a megabyte or more. */
async function* checkSizes(api: AzureApi, context: CheckContext): AsyncGenerator<CheckResult, void> {
  const known = context.resources.find(({ location }) => location !== null);
  const subscriptionId = known?.subscriptionId ?? context.sample[0]?.subscriptionId;
  if (subscriptionId === undefined) return yield notAsked('', 'No subscription is known.');
  const region = known?.location ?? SOME_REGION;
  const question = { subject: `subscription ${subscriptionId}`, scope: subscriptionScope(subscriptionId) };
  yield await checked(question, context, async (limited) => {
    let sizes = 0;
    for await (const page of skuPages(api, { subscriptionId, region, label: 'check' }, limited)) sizes += page.length;
    return `${sizes} sizes of virtual machines are listed in ${region}.`;
  });
}

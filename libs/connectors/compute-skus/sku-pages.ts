import type { ReadContext } from '#core/connector.js';
import { IncompleteReadError } from '#core/errors.js';
import type { VirtualMachineSizeRecord } from '#core/records.js';
import type { AzureApi } from '../azure/azure-api.js';
import { isObject, parsePlainBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import { toVirtualMachineSize } from './virtual-machine-size.mapper.js';

export const COMPUTE_SKUS_ID = 'compute-skus';
export const COMPUTE_SKUS_API_VERSION = '2021-07-01';
export const COMPUTE_SKUS_ROLE = 'Reader';

/**
 * The sizes of virtual machines that a subscription is told of in a region, page by page. Throws `IncompleteReadError`
 * for pages that cannot be the whole answer.
 */
export async function* skuPages(
  api: AzureApi,
  { subscriptionId, region, label }: { subscriptionId: string; region: string; label: string },
  context: ReadContext,
): AsyncGenerator<readonly VirtualMachineSizeRecord[], void> {
  const client = api.forTenant(context.tenant);
  const guard = client.paging();
  const seen = new Set<string>();
  let next: string | null = `/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.Compute/skus`;
  for (let page = 1; next !== null; page += 1) {
    const { json } = await client.read(
      {
        method: 'GET',
        target: next,
        ...(page === 1 && {
          query: { 'api-version': COMPUTE_SKUS_API_VERSION, $filter: `location eq '${region.replaceAll("'", "''")}'` },
        }),
        parse: parsePlainBody,
        connector: COMPUTE_SKUS_ID,
        quota: { service: 'resource-manager', scope: subscriptionId },
        need: { role: COMPUTE_SKUS_ROLE, scope: `subscription ${subscriptionId}` },
      },
      pageLabel(label, page),
      context,
    );
    if (!isObject(json) || !Array.isArray(json['value'])) throw unusable(`page ${page} has no list of sizes`);
    const items: readonly unknown[] = json['value'];
    const sizes = items.flatMap((item) => toVirtualMachineSize(item, region) ?? []);
    const fresh = sizes.filter(({ name }) => !seen.has(name));
    next = guard.nextLink(json['nextLink']);
    if (items.length === 0 && next !== null) throw unusable(`page ${page} is empty, but leads on`);
    if (sizes.length > 0 && fresh.length === 0) throw unusable(`page ${page} repeats what came before`);
    for (const { name } of fresh) seen.add(name);
    yield fresh;
  }
  if (seen.size === 0) throw unusable(`it names none in ${region}`);
}

function unusable(reason: string): IncompleteReadError {
  return new IncompleteReadError(
    `The list of virtual machine sizes is not usable: ${reason}.`,
    'Nothing to do at once: the window is tried again.',
  );
}

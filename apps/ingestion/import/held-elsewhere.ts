import { someOf } from '#core/some-of.js';
import type { ImportParts } from './import-parts.js';
import type { ImportedDatasets } from './imported-datasets.js';

/** Sub-accounts that a remark names. */
const NAMED = 3;

/**
 * A remark for each other tenant that holds costs of what was imported: one enrollment may have the subscriptions of several
 * tenants, and which of them shall keep their costs is not for us to decide.
 */
export async function remarkHeldElsewhere(
  { subscriptions }: ImportParts,
  tenantId: string,
  datasets: ImportedDatasets,
  remark: (text: string) => void,
): Promise<void> {
  const imported = datasets.subscriptions();
  for (const { from, to } of datasets.periods()) {
    for (const { tenant, subscription_ids } of await subscriptions.heldElsewhere(tenantId, imported, { from, to })) {
      remark(
        `The tenant ${tenant} holds costs of ${someOf(subscription_ids, NAMED)} between ${from} and ${to} as well: sums over all tenants ` +
          'count them twice. Let one of the two have them.',
      );
    }
  }
}

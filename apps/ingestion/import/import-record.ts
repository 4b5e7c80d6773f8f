import type { Transaction } from '#db/database.js';
import { accountName } from '../account-name.js';
import type { ImportParts } from './import-parts.js';
import type { ImportedDatasets } from './imported-datasets.js';

/** What an import leaves beside its charges, in their transaction: the sub-accounts it mentions, and who did it. */
export async function recordImport(
  { subscriptions, auditLogs }: ImportParts,
  tx: Transaction,
  tenantId: string,
  datasets: ImportedDatasets,
  changes: Record<string, unknown>,
): Promise<void> {
  await subscriptions.storeImported(tx, tenantId, datasets.subscriptions());
  await auditLogs.append(
    tx,
    { tenantId: null, id: 'command-line', name: accountName(), correlationId: null },
    { tenantId, action: 'costs.import', objectType: 'tenant', objectId: tenantId, changes },
  );
}

import { systemClock } from '#core/clock.js';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { CostLedger } from '#db/ledger/cost-ledger.js';
import { AuditLogRepository } from '#db/repositories/audit-log.repository.js';
import { CostExportRunRepository } from '#db/repositories/cost-export-run.repository.js';
import { RawSnapshotRepository } from '#db/repositories/raw-snapshot.repository.js';
import { SubscriptionTargetRepository } from '#db/repositories/subscription-target.repository.js';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import { LocalRawStore } from '#raw-store/local-raw-store.js';
import { parseRawLocation } from '#raw-store/raw-location.js';
import { connectDatabase } from '../connect-database.js';
import type { Parts } from '../parts.js';

/** What an import is made of. */
export type ImportParts = Pick<
  Parts,
  'clock' | 'tenants' | 'subscriptions' | 'rawSnapshots' | 'ledger' | 'auditLogs' | 'exportRuns' | 'rawStore' | 'close'
> & {
  /** Null where everything lies on disks. */
  azure: Pick<Parts['azure'], 'processCredential'> | null;
};

/**
 * Connects to the database and builds the rest. Where nothing lies in a storage account, Azure's libraries and the queue
 * stay away, because loading and starting them takes longer than a file of fifty thousand rows.
 */
export async function connectImportParts(
  config: Config,
  logger: Logger,
  { readsAzure }: { readsAzure: boolean },
): Promise<ImportParts> {
  const location = parseRawLocation(config.rawStorageUrl);
  if (readsAzure || location.kind !== 'folder') {
    const { connectParts } = await import('../parts.js');
    return connectParts(config, logger);
  }
  const database = await connectDatabase(config);
  const auditLogs = new AuditLogRepository(database);
  return {
    clock: systemClock,
    tenants: new TenantRepository(database, auditLogs),
    subscriptions: new SubscriptionTargetRepository(database),
    rawSnapshots: new RawSnapshotRepository(database),
    ledger: new CostLedger(database),
    auditLogs,
    exportRuns: new CostExportRunRepository(database),
    rawStore: new LocalRawStore(location.folder),
    azure: null,
    close: () => database.close(),
  };
}

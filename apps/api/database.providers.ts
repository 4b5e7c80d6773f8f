import type { Provider } from '@nestjs/common';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { ALL_TENANTS_ROLE, Database } from '#db/database.js';
import { createPool } from '#db/pool.js';
import { refuseUnsafeLogin } from '#db/process-login.js';
import { JobQueue } from '#db/queue/job-queue.js';
import { AuditLogRepository } from '#db/repositories/audit-log.repository.js';
import { CostSummaryRepository } from '#db/repositories/cost-summary.repository.js';
import { CostRepository } from '#db/repositories/cost.repository.js';
import { DataVersionRepository } from '#db/repositories/data-version.repository.js';
import { DeliveryChannelRepository } from '#db/repositories/delivery-channel.repository.js';
import { DeliveryRepository } from '#db/repositories/delivery.repository.js';
import { ExemptionRepository } from '#db/repositories/exemption.repository.js';
import { IngestionRunRepository } from '#db/repositories/ingestion-run.repository.js';
import { IngestionWindowRepository } from '#db/repositories/ingestion-window.repository.js';
import { RecommendationDecisionRepository } from '#db/repositories/recommendation-decision.repository.js';
import { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import { ResourceMetricRepository } from '#db/repositories/resource-metric.repository.js';
import { ResourceRepository } from '#db/repositories/resource.repository.js';
import { RuleRepository } from '#db/repositories/rule.repository.js';
import { SavingsSummaryRepository } from '#db/repositories/savings-summary.repository.js';
import { SubscriptionRepository } from '#db/repositories/subscription.repository.js';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import { VirtualMachineUtilisationRepository } from '#db/repositories/virtual-machine-utilisation.repository.js';
import { CONFIG, LOGGER } from './tokens.js';

/** A reader waits no longer than this; what takes longer is answered with 503 instead of piling up. */
const STATEMENT_TIMEOUT_MS = 15_000;

/** The database, the queue's sending side, and one repository per noun. */
export function databaseProviders({
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
}: {
  statementTimeoutMs?: number;
}): Provider[] {
  return [
    {
      provide: Database,
      inject: [CONFIG],
      useFactory: async (config: Config) => {
        const common = { url: config.databaseUrl!, statementTimeoutMs };
        const pool = createPool({ ...common, applicationName: 'azcops-api', poolSize: 10 });
        const control = createPool({ ...common, applicationName: 'azcops-api-control', poolSize: 1 });
        const database = new Database(pool, ALL_TENANTS_ROLE, control);
        await refuseUnsafeLogin(database, 'azcops_api');
        return database;
      },
    },
    {
      provide: JobQueue,
      inject: [Database, LOGGER],
      useFactory: (database: Database, logger: Logger) => JobQueue.forSending(database.pool, logger),
    },
    repository(AuditLogRepository, [Database]),
    repository(TenantRepository, [Database, AuditLogRepository]),
    repository(SubscriptionRepository, [Database, AuditLogRepository]),
    repository(ResourceRepository, [Database]),
    repository(ResourceMetricRepository, [Database]),
    repository(VirtualMachineUtilisationRepository, [Database]),
    repository(CostRepository, [Database]),
    repository(CostSummaryRepository, [Database]),
    repository(DataVersionRepository, [Database]),
    repository(RecommendationRepository, [Database]),
    repository(SavingsSummaryRepository, [Database]),
    repository(DeliveryChannelRepository, [Database, AuditLogRepository]),
    repository(DeliveryRepository, [Database, AuditLogRepository]),
    repository(RecommendationDecisionRepository, [Database, AuditLogRepository]),
    repository(ExemptionRepository, [Database, AuditLogRepository]),
    repository(RuleRepository, [Database, AuditLogRepository]),
    repository(IngestionRunRepository, [Database, AuditLogRepository, JobQueue]),
    repository(IngestionWindowRepository, [Database]),
  ];
}

/** Repositories know no Nest, so their constructors are wired here. */
function repository<Arguments extends unknown[], T extends object>(
  type: new (...dependencies: Arguments) => T,
  inject: { [Index in keyof Arguments]: abstract new (...never: never[]) => Arguments[Index] } | unknown[],
): Provider {
  return {
    provide: type,
    inject: inject as never[],
    useFactory: (...dependencies: Arguments) => new type(...dependencies),
  };
}

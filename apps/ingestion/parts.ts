import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { AzureApi } from '#connectors/azure/azure-api.js';
import { SOURCE_IDS } from '#connectors/connector-ids.js';
import { createConnectors } from '#connectors/registry.js';
import { systemClock, type Clock } from '#core/clock.js';
import type { Config } from '#core/config.js';
import type { Connector } from '#core/connector.js';
import type { Logger } from '#core/logger.js';
import type { QuotaBudget } from '#core/quota.js';
import type { Database } from '#db/database.js';
import { DatabaseQuotaBudget } from '#db/quota/database-quota-budget.js';
import { CostLedger } from '#db/ledger/cost-ledger.js';
import { JobQueue } from '#db/queue/job-queue.js';
import { AssessmentRepository } from '#db/repositories/assessment.repository.js';
import { AuditLogRepository } from '#db/repositories/audit-log.repository.js';
import { CostExportRunRepository } from '#db/repositories/cost-export-run.repository.js';
import { DeliveryMessageRepository } from '#db/repositories/delivery-message.repository.js';
import { DeliveryOutboxRepository } from '#db/repositories/delivery-outbox.repository.js';
import { IngestionPlanRepository } from '#db/repositories/ingestion-plan.repository.js';
import { IngestionRunRepository } from '#db/repositories/ingestion-run.repository.js';
import { IngestionStateRepository } from '#db/repositories/ingestion-state.repository.js';
import { IngestionWindowRepository } from '#db/repositories/ingestion-window.repository.js';
import { RawSnapshotRepository } from '#db/repositories/raw-snapshot.repository.js';
import { RecommendationDecisionRepository } from '#db/repositories/recommendation-decision.repository.js';
import { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import { ResourceMetricRepository } from '#db/repositories/resource-metric.repository.js';
import { ResourceRepository } from '#db/repositories/resource.repository.js';
import { RetailPriceRepository } from '#db/repositories/retail-price.repository.js';
import { RuleRepository } from '#db/repositories/rule.repository.js';
import { SubscriptionFactsRepository } from '#db/repositories/subscription-facts.repository.js';
import { SubscriptionTargetRepository } from '#db/repositories/subscription-target.repository.js';
import { TenantRepository } from '#db/repositories/tenant.repository.js';
import { HttpSender } from '#delivery/http-sender.js';
import { VirtualMachineSizeRepository } from '#db/repositories/virtual-machine-size.repository.js';
import { createRawStore } from '#raw-store/create-raw-store.js';
import type { RawStore } from '#raw-store/raw-store.js';
import { connectDatabase } from './connect-database.js';
import { IngestionMetrics } from './metrics.js';
import { ReferenceReader } from './rules/reference-reader.js';
import { rulesConnector } from './rules/rules.connector.js';
import { createSinks, type Sinks } from './sinks.js';
import { countRequest } from './worker/request-count.js';

/** Everything ingestion is made of, connected once per process. */
export interface Parts {
  config: Config;
  logger: Logger;
  clock: Clock;
  /** Names this process in windows it works on. */
  worker: string;
  database: Database;
  queue: JobQueue;
  auditLogs: AuditLogRepository;
  tenants: TenantRepository;
  subscriptions: SubscriptionTargetRepository;
  resources: ResourceRepository;
  prices: RetailPriceRepository;
  runs: IngestionRunRepository;
  plans: IngestionPlanRepository;
  windows: IngestionWindowRepository;
  rawSnapshots: RawSnapshotRepository;
  ledger: CostLedger;
  decisions: RecommendationDecisionRepository;
  exportRuns: CostExportRunRepository;
  connectors: ReadonlyMap<string, Connector>;
  sinks: Sinks;
  rawStore: RawStore;
  quotaBudget: QuotaBudget;
  outbox: DeliveryOutboxRepository;
  messages: DeliveryMessageRepository;
  /** To wherever tenants want to be told. */
  http: HttpSender;
  /** For commands that ask Azure themselves. */
  azure: AzureApi;
  metrics: IngestionMetrics;
  close(): Promise<void>;
}

/** Connects to the database with the worker's login and builds the rest; nothing of Azure is contacted yet. */
export async function connectParts(config: Config, logger: Logger, clock: Clock = systemClock): Promise<Parts> {
  const database = await connectDatabase(config);
  const queue = await JobQueue.forWorking(config.databaseUrl!, logger, clock);
  return assembleParts(config, logger, database, queue, clock);
}

/** Builds everything else on an open database and queue; contacts nothing. */
export function assembleParts(
  config: Config,
  logger: Logger,
  database: Database,
  queue: JobQueue,
  clock: Clock = systemClock,
): Parts {
  const quotaBudget = new DatabaseQuotaBudget(database);
  const metrics = new IngestionMetrics(new IngestionStateRepository(database), quotaBudget, SOURCE_IDS, database);
  const azure = new AzureApi({
    ...config.azure,
    clientType: 'azcops',
    userAgent: 'azcops',
    clock,
    random: Math.random,
    logger,
    budget: quotaBudget,
    onQuotaWait: (wait) => metrics.observeQuotaWait(wait),
    onRequest: (observation) => {
      countRequest(observation);
      metrics.observeRequest(observation);
    },
  });
  const auditLogs = new AuditLogRepository(database);
  const subscriptions = new SubscriptionTargetRepository(database);
  const resources = new ResourceRepository(database);
  const prices = new RetailPriceRepository(database);
  const sizes = new VirtualMachineSizeRepository(database);
  const ledger = new CostLedger(database);
  return {
    config,
    logger,
    clock,
    worker: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    database,
    queue,
    auditLogs,
    tenants: new TenantRepository(database, auditLogs),
    subscriptions,
    resources,
    prices,
    runs: new IngestionRunRepository(database, auditLogs, queue),
    plans: new IngestionPlanRepository(database, queue),
    windows: new IngestionWindowRepository(database),
    rawSnapshots: new RawSnapshotRepository(database),
    ledger,
    decisions: new RecommendationDecisionRepository(database, auditLogs),
    exportRuns: new CostExportRunRepository(database),
    connectors: new Map(
      [
        ...createConnectors(azure),
        rulesConnector(
          new SubscriptionFactsRepository(database),
          new RuleRepository(database, auditLogs),
          new ReferenceReader(prices, sizes, clock),
        ),
      ].map((connector) => [connector.id, connector]),
    ),
    sinks: createSinks(
      subscriptions,
      resources,
      ledger,
      new ResourceMetricRepository(database),
      new RecommendationRepository(database),
      new AssessmentRepository(database),
      prices,
      sizes,
    ),
    rawStore: createRawStore({
      url: config.rawStorageUrl,
      credential: () => azure.processCredential(),
      clock,
      random: Math.random,
    }),
    quotaBudget,
    outbox: new DeliveryOutboxRepository(database),
    messages: new DeliveryMessageRepository(database),
    http: new HttpSender({ allowedHosts: config.delivery.allowedHosts }),
    azure,
    metrics,
    close: async () => {
      await queue.stop();
      await database.close();
    },
  };
}

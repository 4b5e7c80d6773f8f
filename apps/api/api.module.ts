import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, Reflector } from '@nestjs/core';
import { systemClock, type Clock } from '#core/clock.js';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { Database } from '#db/database.js';
import { DataVersionRepository } from '#db/repositories/data-version.repository.js';
import { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import { SavingsSummaryRepository } from '#db/repositories/savings-summary.repository.js';
import { AuditLogsController } from './audit-logs/audit-logs.controller.js';
import { AuthGuard } from './auth/auth.guard.js';
import { TokenVerifier, type TokenVerifierOptions } from './auth/token-verifier.js';
import { CostsController } from './costs/costs.controller.js';
import { databaseProviders } from './database.providers.js';
import { DeliveriesController } from './deliveries/deliveries.controller.js';
import { DeliveryChannelsController } from './delivery-channels/delivery-channels.controller.js';
import { DeliveryChannelsService } from './delivery-channels/delivery-channels.service.js';
import { ExemptionsController } from './exemptions/exemptions.controller.js';
import { HealthController } from './health/health.controller.js';
import { ConditionalGuard, DataVersions } from './http/conditional.js';
import { CsvFiles, type CsvLimits } from './http/csv.js';
import { QueryGuard } from './http/query.guard.js';
import { ProblemFilter } from './http/problem.filter.js';
import { validationPipe } from './http/validation.pipe.js';
import { IngestionController } from './ingestion/ingestion.controller.js';
import { IngestionService } from './ingestion/ingestion.service.js';
import { ApiMetrics } from './metrics.js';
import { DecisionsController } from './recommendations/decisions.controller.js';
import { RecommendationsController } from './recommendations/recommendations.controller.js';
import { ResourceMetricsController } from './resource-metrics/resource-metrics.controller.js';
import { ResourcesController } from './resources/resources.controller.js';
import { RulesController } from './rules/rules.controller.js';
import { SubscriptionsController } from './subscriptions/subscriptions.controller.js';
import { TenantsController } from './tenants/tenants.controller.js';
import { CLOCK, CONFIG, LOGGER } from './tokens.js';
import { VirtualMachinesController } from './virtual-machines/virtual-machines.controller.js';

/** What tests set differently: the time, how keys are fetched, how long statements and files may take. */
export interface ApiOverrides {
  clock?: Clock;
  tokens?: Partial<TokenVerifierOptions>;
  statementTimeoutMs?: number;
  csv?: Partial<CsvLimits>;
}

/** The API: one controller per resource, one guard, one filter, one pipe. */
@Module({})
export class ApiModule {
  static with(config: Config, logger: Logger, overrides: ApiOverrides = {}): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        HealthController,
        TenantsController,
        SubscriptionsController,
        ResourcesController,
        ResourceMetricsController,
        VirtualMachinesController,
        CostsController,
        RecommendationsController,
        DecisionsController,
        ExemptionsController,
        RulesController,
        IngestionController,
        DeliveryChannelsController,
        DeliveriesController,
        AuditLogsController,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: LOGGER, useValue: logger },
        { provide: CLOCK, useValue: overrides.clock ?? systemClock },
        ...databaseProviders(overrides),
        IngestionService,
        DeliveryChannelsService,
        { provide: CsvFiles, useFactory: () => new CsvFiles(logger, overrides.csv) },
        {
          provide: ApiMetrics,
          inject: [RecommendationRepository, SavingsSummaryRepository, Database],
          useFactory: (...sources: ConstructorParameters<typeof ApiMetrics>) => new ApiMetrics(...sources),
        },
        { provide: TokenVerifier, useFactory: () => new TokenVerifier({ ...config.auth, ...overrides.tokens }) },
        {
          provide: APP_GUARD,
          inject: [Reflector, TokenVerifier],
          useFactory: (reflector: Reflector, tokens: TokenVerifier) =>
            new AuthGuard(reflector, tokens, config.auth.homeTenantId),
        },
        { provide: APP_GUARD, inject: [Reflector], useFactory: (reflector: Reflector) => new QueryGuard(reflector) },
        {
          provide: DataVersions,
          inject: [DataVersionRepository, CLOCK],
          useFactory: (repository: DataVersionRepository, clock: Clock) => new DataVersions(repository, clock),
        },
        {
          provide: APP_GUARD,
          inject: [Reflector, DataVersions, CLOCK],
          useFactory: (reflector: Reflector, versions: DataVersions, clock: Clock) =>
            new ConditionalGuard(reflector, versions, clock),
        },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(logger) },
        { provide: APP_PIPE, useValue: validationPipe },
      ],
    };
  }
}

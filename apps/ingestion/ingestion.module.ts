import { Module, type DynamicModule } from '@nestjs/common';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import type { Parts } from './parts.js';
import { RunScheduler } from './scheduler/run.scheduler.js';

/** The long-running worker's Nest side: the clock. The work itself knows no Nest. */
@Module({})
export class IngestionModule {
  static with(parts: Parts): DynamicModule {
    return {
      module: IngestionModule,
      imports: [ScheduleModule.forRoot()],
      providers: [
        {
          provide: RunScheduler,
          inject: [SchedulerRegistry],
          useFactory: (registry: SchedulerRegistry) => new RunScheduler(parts, registry),
        },
      ],
    };
  }
}

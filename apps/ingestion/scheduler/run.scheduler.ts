import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob, CronTime } from 'cron';
import type { RunMode } from '#core/connector.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Parts } from '../parts.js';

const SCHEDULER = { tenantId: null, id: 'scheduler', name: 'scheduler' };
const MINUTE_MS = 60_000;

/** Turns clock ticks into runs over all tenants; of several workers, one answers each tick. */
@Injectable()
export class RunScheduler implements OnApplicationBootstrap {
  constructor(
    private readonly parts: Parts,
    private readonly registry: SchedulerRegistry,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { scheduleFull, scheduleIncremental } = this.parts.config.ingestion;
    this.add('full', scheduleFull);
    this.add('incremental', scheduleIncremental);
    await this.catchUp(scheduleFull).catch((error: unknown) =>
      this.parts.logger.warn({ operation_name: 'schedule', err: error }, 'no catch-up'),
    );
  }

  /** Asks for the run of a tick, unless another worker did or there is nothing to add. */
  async tick(mode: RunMode, at: Date): Promise<string | null> {
    const { runs, logger } = this.parts;
    if (mode === 'incremental' && (await runs.isFullRunActive())) {
      logger.info({ operation_name: 'schedule', mode }, 'tick skipped: a full run is under way');
      return null;
    }
    const minute = new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS).toISOString();
    const requested = await runs.request(
      ALL_TENANTS,
      {
        mode,
        tenantId: null,
        subscriptionIds: null,
        connectors: null,
        from: null,
        to: null,
        source: 'schedule',
        tick: `${mode}@${minute}`,
      },
      { ...SCHEDULER, correlationId: randomUUID() },
    );
    if (requested?.created) logger.info({ operation_name: 'schedule', mode, run_id: requested.runId }, 'scheduled run');
    return requested?.created ? requested.runId : null;
  }

  private add(mode: RunMode, expression: string): void {
    const job = CronJob.from({
      name: mode,
      cronTime: expression,
      timeZone: 'UTC',
      onTick: () =>
        this.tick(mode, this.parts.clock.now()).catch((error: unknown) =>
          this.parts.logger.error({ operation_name: 'schedule', mode, err: error }, 'tick failed'),
        ) as never,
    });
    this.registry.addCronJob(mode, job as never);
    job.start();
  }

  /** A daily run missed while no worker ran is made up for once; before the first run nothing was missed. */
  private async catchUp(expression: string): Promise<void> {
    const last = await this.parts.runs.lastFullRunAt();
    if (!last) return;
    const due = new CronTime(expression, 'UTC').getNextDateFrom(last).toJSDate();
    if (due <= this.parts.clock.now()) await this.tick('full', due);
  }
}

import { randomUUID } from 'node:crypto';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { CronJob, CronTime } from 'cron';
import type { RunMode } from '#core/connector.js';
import { ALL_TENANTS } from '#core/scope.js';
import { keepHouse } from '../housekeeping/housekeeping.js';
import type { Parts } from '../parts.js';

const SCHEDULER = { tenantId: null, id: 'scheduler', name: 'scheduler' };
const MINUTE_MS = 60_000;
/** Before the daily run, which may need next month's partition on the last of this one. */
const HOUSEKEEPING = '30 1 * * *';

/** Turns clock ticks into runs over all tenants and housekeeping; of several workers, one answers each tick. */
@Injectable()
export class RunScheduler implements OnApplicationBootstrap {
  /** What is done once at the start. Nobody but tests waits for it: it may take long, and a worker may be told to stop. */
  begun: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: Parts,
    private readonly registry: SchedulerRegistry,
  ) {}

  onApplicationBootstrap(): void {
    const { scheduleFull, scheduleIncremental } = this.parts.config.ingestion;
    if (scheduleFull) this.add('full', scheduleFull, (at) => this.tick('full', at));
    if (scheduleIncremental) this.add('incremental', scheduleIncremental, (at) => this.tick('incremental', at));
    this.add('housekeeping', HOUSEKEEPING, () => keepHouse(this.parts));
    this.begun = this.begin(scheduleFull);
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

  private async begin(scheduleFull: string | null): Promise<void> {
    await keepHouse(this.parts).catch((error: unknown) =>
      this.parts.logger.warn({ operation_name: 'keep_house', err: error }, 'house not kept'),
    );
    if (!scheduleFull) return;
    await this.catchUp(scheduleFull).catch((error: unknown) =>
      this.parts.logger.warn({ operation_name: 'schedule', err: error }, 'no catch-up'),
    );
  }

  private add(name: string, expression: string, task: (at: Date) => Promise<unknown>): void {
    const job = CronJob.from({
      name,
      cronTime: expression,
      timeZone: 'UTC',
      onTick: () =>
        task(this.parts.clock.now()).catch((error: unknown) =>
          this.parts.logger.error({ operation_name: 'schedule', task: name, err: error }, 'scheduled task failed'),
        ) as never,
    });
    this.registry.addCronJob(name, job as never);
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

import { addMonths, dayOf, monthStart } from '#core/day.js';
import { HousekeepingRepository } from '#db/repositories/housekeeping.repository.js';
import type { Parts } from '../parts.js';

/** Partitions that are ready before their month begins. */
const MONTHS_AHEAD = 3;
const DAY_MS = 86_400_000;

/** What is done once a day, and when a worker starts: partitions ahead of time, and forgetting what is too old to keep. */
export async function keepHouse({ database, clock, config, connectors, logger }: Parts): Promise<void> {
  const startedAt = clock.now();
  const repository = new HousekeepingRepository(database);
  const { costMonths, metricDays, imports } = config.retention;
  const thisMonth = monthStart(dayOf(startedAt));
  await repository.prepareMonths(Array.from({ length: MONTHS_AHEAD + 1 }, (_, ahead) => addMonths(thisMonth, ahead)));
  // What was imported cannot be read again, so it goes only where it is named.
  const read = [...connectors.values()].filter(({ produces }) => produces === 'cost').map(({ id }) => id);
  const months =
    costMonths === null ? null : await repository.expireCosts(addMonths(thisMonth, -costMonths), [...read, ...imports]);
  const metricsBefore = metricDays === null ? null : new Date(startedAt.getTime() - metricDays * DAY_MS);
  const metrics = await repository.expireMetrics(metricsBefore);
  logger.info(
    {
      operation_name: 'keep_house',
      cost_months_forgotten: months?.forgotten ?? [],
      cost_months_postponed: months?.postponed ?? [],
      metrics_forgotten: metrics,
      duration_ms: clock.now().getTime() - startedAt.getTime(),
    },
    'house kept',
  );
}

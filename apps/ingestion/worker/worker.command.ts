import { NestFactory } from '@nestjs/core';
import type { Config } from '#core/config.js';
import { keepHeapSmall } from '#core/heap.js';
import type { Logger } from '#core/logger.js';
import { METRICS_PORTS, serveMetrics } from '#core/metrics-server.js';
import { IngestionModule } from '../ingestion.module.js';
import { connectParts } from '../parts.js';
import { IngestionWorker } from './ingestion-worker.js';

/** `worker`: schedules runs and works on windows until it is told to stop. */
export async function runWorker(config: Config, logger: Logger): Promise<void> {
  keepHeapSmall();
  const parts = await connectParts(config, logger);
  const worker = new IngestionWorker(parts);
  // Before the first window is claimed: whenever the signal comes, what is in work has to be given back.
  const stopped = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await worker.start();
  const endpoint = { port: config.metricsPort ?? METRICS_PORTS.ingestion, host: config.http.host };
  const metricsServer = await serveMetrics(parts.metrics.registry, endpoint, logger);
  const app = await NestFactory.createApplicationContext(IngestionModule.with(parts), { logger: false });
  const signal = await stopped;
  logger.info({ operation_name: 'stop', signal }, 'worker is stopping');
  // Order matters: no new runs, then no new windows, then the connections.
  await app.close();
  await metricsServer.close();
  await worker.stop();
}

import { loadConfig } from '#core/config.js';
import { createLogger } from '#core/logger.js';
import { METRICS_PORTS, serveMetrics } from '#core/metrics-server.js';
import { runProcess } from '#core/process.js';
import { startTracing, stopTracing } from '#core/tracing.js';
import { Database } from '#db/database.js';
import { JobQueue } from '#db/queue/job-queue.js';
import { ApiMetrics } from './metrics.js';
import { createServer } from './server.js';

await runProcess(async () => {
  const config = loadConfig(['database', 'auth']);
  const logger = createLogger({ ...config.log, service: 'api' });
  if (config.tracing) await startTracing('azcops-api', config.tracing);
  const app = await createServer(config, logger);
  await app.listen({ port: config.http.port, host: config.http.host });
  const endpoint = { port: config.metricsPort ?? METRICS_PORTS.api, host: config.http.host };
  const metricsServer = await serveMetrics(app.get(ApiMetrics).registry, endpoint, logger);
  logger.info({ operation_name: 'start', url: await app.getUrl() }, 'API is listening');

  const stop = async (signal: string) => {
    logger.info({ operation_name: 'stop', signal }, 'API is stopping');
    await app.close();
    await metricsServer.close();
    await app.get(JobQueue).stop();
    await app.get(Database).close();
    await stopTracing();
    process.exit(0);
  };
  process.once('SIGTERM', (signal) => void stop(signal));
  process.once('SIGINT', (signal) => void stop(signal));
});

import { createServer } from 'node:http';
import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';

/** Where each process serves its metrics unless `METRICS_PORT` says otherwise. */
export const METRICS_PORTS = { api: 9464, ingestion: 9465 } as const;

/** Serves a process's metrics to Prometheus; the answer to anything but `GET /metrics` is 404. */
export interface MetricsServer {
  close(): Promise<void>;
}

/**
 * Listens on a port of its own, so that metrics never pass the public one. A taken port is a warning, not the end of the
 * process: several workers of one machine share the default.
 */
export async function serveMetrics(
  registry: Registry,
  { port, host }: { port: number; host: string },
  logger: Logger,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: Error) => {
        logger.warn({ operation_name: 'metrics', reason: error.message }, 'metrics could not be collected');
        response.writeHead(503).end();
      },
    );
  });
  const problem = await new Promise<Error | null>((resolve) => {
    server.once('error', resolve);
    server.listen(port, host, () => resolve(null));
  });
  if (problem) {
    logger.warn({ operation_name: 'metrics', port, reason: problem.message }, 'metrics are not served');
    return { close: async () => undefined };
  }
  logger.info({ operation_name: 'metrics', address: server.address() }, 'metrics are served');
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}

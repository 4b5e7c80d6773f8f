import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestObservation } from '#connectors/azure/azure-client.js';
import type { IngestionStateRepository } from '#db/repositories/ingestion-state.repository.js';

/** What ingestion tells Prometheus; names and labels are part of the public contract. */
export class IngestionMetrics {
  readonly registry = new Registry();

  private readonly azureRequests = new Counter({
    name: 'azcops_azure_requests_total',
    help: 'Exchanges with Azure; status 0 means that no complete answer arrived.',
    labelNames: ['connector', 'status'],
    registers: [this.registry],
  });
  private readonly azureThrottled = new Counter({
    name: 'azcops_azure_throttled_total',
    help: 'Requests that Azure refused for want of quota.',
    labelNames: ['connector', 'bucket'],
    registers: [this.registry],
  });
  private readonly azureDuration = new Histogram({
    name: 'azcops_azure_request_duration_seconds',
    help: 'Time from request to the last byte of the answer.',
    labelNames: ['connector'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });
  private readonly runs = new Counter({
    name: 'azcops_ingestion_runs_total',
    help: 'Runs that this worker saw end.',
    labelNames: ['mode', 'status'],
    registers: [this.registry],
  });
  private readonly windowDuration = new Histogram({
    name: 'azcops_ingestion_window_duration_seconds',
    help: 'Time of one successful attempt at a window.',
    labelNames: ['connector'],
    buckets: [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    registers: [this.registry],
  });
  private readonly rows = new Counter({
    name: 'azcops_ingestion_rows_total',
    help: 'Rows published.',
    labelNames: ['connector'],
    registers: [this.registry],
  });

  constructor(state: IngestionStateRepository, connectors: readonly string[]) {
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_ingestion_lag_seconds',
        help: 'Time since a window of the connector last succeeded.',
        labelNames: ['connector'],
        registers: [],
        async collect() {
          this.reset();
          for (const { connector, seconds } of await state.lag(connectors)) this.set({ connector }, seconds);
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_queue_jobs',
        help: 'Jobs in the queue.',
        labelNames: ['state'],
        registers: [],
        async collect() {
          this.reset();
          for (const { state: name, jobs } of await state.queueJobs()) this.set({ state: name }, jobs);
        },
      }),
    );
  }

  observeRequest({ connector, status, durationMs, throttledBucket }: RequestObservation): void {
    this.azureRequests.inc({ connector, status: String(status) });
    this.azureDuration.observe({ connector }, durationMs / 1000);
    if (throttledBucket) this.azureThrottled.inc({ connector, bucket: throttledBucket });
  }

  observeWindow(connector: string, rows: number, durationMs: number): void {
    this.rows.inc({ connector }, rows);
    this.windowDuration.observe({ connector }, durationMs / 1000);
  }

  observeRun(mode: string, status: string): void {
    this.runs.inc({ mode, status });
  }
}

import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { RequestObservation } from '#connectors/azure/azure-client.js';
import type { QuotaWait } from '#connectors/azure/quota-gate.js';
import { describeKey } from '#connectors/azure/quotas.js';
import {
  CredentialError,
  IncompleteReadError,
  InvariantError,
  PermissionError,
  SourceRejectedError,
  ThrottledError,
  TransientSourceError,
  UnavailableError,
} from '#core/errors.js';
import type { DatabaseQuotaBudget } from '#db/quota/database-quota-budget.js';
import type { Database } from '#db/database.js';
import { registerPoolMetrics } from '#db/pool-metrics.js';
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

  private readonly deliveries = new Counter({
    name: 'azcops_deliveries_total',
    help: 'Attempts to tell a channel: delivered, postponed or failed for good.',
    labelNames: ['kind', 'status'],
    registers: [this.registry],
  });
  private readonly quotaWaits = new Counter({
    name: 'azcops_azure_quota_wait_seconds_total',
    help: 'Time that calls waited for room in a quota, inline or until their window came back.',
    labelNames: ['connector', 'bucket'],
    registers: [this.registry],
  });

  private readonly attempts = new Counter({
    name: 'azcops_ingestion_attempts_failed_total',
    help: 'Attempts at windows that failed, by what the reader must do about it.',
    labelNames: ['connector', 'reason'],
    registers: [this.registry],
  });

  constructor(
    state: IngestionStateRepository,
    quotaBudget: DatabaseQuotaBudget,
    connectors: readonly string[],
    database: Database,
  ) {
    collectDefaultMetrics({ register: this.registry });
    registerPoolMetrics(this.registry, database);
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_cost_freshness_seconds',
        help: 'Age of the end of the newest day of a tenant whose costs are published.',
        labelNames: ['tenant_id'],
        registers: [],
        async collect() {
          this.reset();
          for (const { tenant_id, seconds } of await state.costFreshness()) this.set({ tenant_id }, seconds);
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_queue_oldest_job_seconds',
        help: 'Age of the oldest job that could be worked on and is not.',
        registers: [],
        async collect() {
          this.set(await state.oldestJobSeconds());
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_azure_quota_used',
        help: 'Units used in the running period of a quota, by all workers and, as far as Azure says, others.',
        labelNames: ['tenant_id', 'service', 'bucket'],
        registers: [],
        async collect() {
          this.reset();
          // Quotas that are kept per scope show their busiest one: a label per subscription would be too many.
          const busiest = new Map<string, number>();
          for (const { tenant_id, key, units } of await quotaBudget.state()) {
            const { service, bucket } = describeKey(key);
            const labels = JSON.stringify({ tenant_id, service, bucket });
            busiest.set(labels, Math.max(busiest.get(labels) ?? 0, units));
          }
          for (const [labels, units] of busiest) this.set(JSON.parse(labels) as Record<string, string>, units);
        },
      }),
    );
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

  observeQuotaWait({ connector, bucket, waitMs }: QuotaWait): void {
    this.quotaWaits.inc({ connector, bucket }, waitMs / 1000);
  }

  observeWindow(connector: string, rows: number, durationMs: number): void {
    this.rows.inc({ connector }, rows);
    this.windowDuration.observe({ connector }, durationMs / 1000);
  }

  observeFailure(connector: string, error: unknown): void {
    this.attempts.inc({ connector, reason: reasonOf(error) });
  }

  observeDelivery(kind: string, status: 'delivered' | 'postponed' | 'failed'): void {
    this.deliveries.inc({ kind, status });
  }

  observeRun(mode: string, status: string): void {
    this.runs.inc({ mode, status });
  }
}

/** The kinds of errors by what to do; each is a value of the label. */
const REASONS = [
  ['credential', CredentialError],
  ['permission', PermissionError],
  ['throttled', ThrottledError],
  ['network', TransientSourceError],
  ['rejected', SourceRejectedError],
  ['unavailable', UnavailableError],
  ['incomplete', IncompleteReadError],
  ['defect', InvariantError],
] as const;

function reasonOf(error: unknown): string {
  return REASONS.find(([, type]) => error instanceof type)?.[0] ?? 'other';
}

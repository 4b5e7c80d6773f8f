import { Counter, Histogram, Registry } from 'prom-client';
import type { RequestObservation } from '#connectors/azure/azure-client.js';
import type { QuotaWait } from '#connectors/azure/quota-gate.js';
import { describeKey } from '#connectors/azure/quotas.js';
import { CHANNEL_KINDS } from '#core/delivery.js';
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
import { registerProcessMetrics } from '#core/process-metrics.js';
import { QueriedGauges, type GaugeSample } from '#core/queried-gauges.js';
import type { DatabaseQuotaBudget } from '#db/quota/database-quota-budget.js';
import { isDatabaseAway } from '#db/away.js';
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
    registerProcessMetrics(this.registry, 'ingestion');
    registerPoolMetrics(this.registry, database);
    this.startAtZero(connectors);
    const gauges = new QueriedGauges(this.registry);
    gauges.add({
      name: 'azcops_cost_freshness_seconds',
      help: 'Age of the end of the newest day of a tenant whose costs are published.',
      labelNames: ['tenant_id'],
      ask: async () => (await state.costFreshness()).map(({ tenant_id, seconds }) => ({ tenant_id, value: seconds })),
    });
    gauges.add({
      name: 'azcops_queue_oldest_job_seconds',
      help: 'Age of the oldest job that could be worked on and is not.',
      labelNames: [],
      ask: async () => [{ value: await state.oldestJobSeconds() }],
    });
    gauges.add({
      name: 'azcops_azure_quota_used',
      help: 'Units used in the running period of a quota, by all workers and, as far as Azure says, others.',
      labelNames: ['tenant_id', 'service', 'bucket'],
      ask: async () => busiest(await quotaBudget.state()),
    });
    gauges.add({
      name: 'azcops_ingestion_lag_seconds',
      help: 'Time since a window of the connector last succeeded.',
      labelNames: ['connector'],
      ask: async () => (await state.lag(connectors)).map(({ connector, seconds }) => ({ connector, value: seconds })),
    });
    gauges.add({
      name: 'azcops_ingestion_last_success_timestamp_seconds',
      help: 'When a run of the mode last ended with something read, in Unix time.',
      labelNames: ['mode'],
      ask: async () => (await state.lastSuccesses()).map(({ mode, at }) => ({ mode, value: at })),
    });
    gauges.add({
      name: 'azcops_queue_jobs',
      help: 'Jobs in the queue.',
      labelNames: ['state'],
      ask: async () => (await state.queueJobs()).map(({ state: name, jobs }) => ({ state: name, value: jobs })),
    });
  }

  /** Prometheus sees a counter rise only from a value it has seen: the first failure would be told to nobody. */
  private startAtZero(connectors: readonly string[]): void {
    for (const connector of connectors) {
      for (const reason of [...REASONS.map(([name]) => name), 'database', 'other'])
        this.attempts.inc({ connector, reason }, 0);
    }
    for (const mode of RUN_MODES) for (const status of RUN_ENDINGS) this.runs.inc({ mode, status }, 0);
    for (const kind of CHANNEL_KINDS) for (const status of DELIVERY_ENDINGS) this.deliveries.inc({ kind, status }, 0);
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

  observeDelivery(kind: string, status: (typeof DELIVERY_ENDINGS)[number]): void {
    this.deliveries.inc({ kind, status });
  }

  observeRun(mode: string, status: string): void {
    this.runs.inc({ mode, status });
  }
}

const RUN_MODES = ['full', 'incremental'] as const;
const RUN_ENDINGS = ['succeeded', 'partially_succeeded', 'failed'] as const;
const DELIVERY_ENDINGS = ['delivered', 'postponed', 'failed'] as const;

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
  const named = REASONS.find(([, type]) => error instanceof type)?.[0];
  return named ?? (isDatabaseAway(error) ? 'database' : 'other');
}

/** Quotas that are kept per scope show their busiest one: a label per subscription would be too many. */
function busiest(
  quotas: Awaited<ReturnType<DatabaseQuotaBudget['state']>>,
): GaugeSample<'tenant_id' | 'service' | 'bucket'>[] {
  const samples = new Map<string, GaugeSample<'tenant_id' | 'service' | 'bucket'>>();
  for (const { tenant_id, key, units } of quotas) {
    const { service, bucket } = describeKey(key);
    const name = JSON.stringify([tenant_id, service, bucket]);
    samples.set(name, { tenant_id, service, bucket, value: Math.max(samples.get(name)?.value ?? 0, units) });
  }
  return [...samples.values()];
}

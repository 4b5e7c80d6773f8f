import { Histogram, Registry } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import { registerProcessMetrics } from '#core/process-metrics.js';
import { QueriedGauges, type GaugeSample } from '#core/queried-gauges.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '#db/database.js';
import { registerPoolMetrics } from '#db/pool-metrics.js';
import type { RecommendationRepository } from '#db/repositories/recommendation.repository.js';
import type { SavingsSummary, SavingsSummaryRepository } from '#db/repositories/savings-summary.repository.js';

const SAVINGS_LAST_MS = 60_000;

/** What the API tells Prometheus; names and labels are part of the public contract. */
export class ApiMetrics {
  readonly registry = new Registry();

  private readonly duration = new Histogram({
    name: 'azcops_http_request_duration_seconds',
    help: 'Time from request to the last byte of the answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
    registers: [this.registry],
  });

  constructor(recommendations: RecommendationRepository, savings: SavingsSummaryRepository, database: Database) {
    registerProcessMetrics(this.registry, 'api');
    registerPoolMetrics(this.registry, database);
    const gauges = new QueriedGauges(this.registry);
    gauges.add({
      name: 'azcops_recommendation_savings',
      help: 'Monthly savings of all tenants by standing (potential, approved, executed, verified); never added across currencies or methods.',
      labelNames: ['standing', 'currency', 'savings_method'],
      ask: async () => savingsSamples(await savings.summary(ALL_TENANTS, {})),
      // The sum of everything is not made anew for every scrape.
      keptMs: SAVINGS_LAST_MS,
    });
    gauges.add({
      name: 'azcops_recommendations',
      help: 'Recommendations by workflow status.',
      labelNames: ['status'],
      ask: async () => (await recommendations.countByStatus()).map(({ status, count }) => ({ status, value: count })),
    });
  }

  /** Times every request of `server`; the route's pattern is the label, so that ids do not multiply series. */
  observe(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const { url: route = 'unknown' } = request.routeOptions;
      this.duration.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
      done();
    });
  }
}

type SavingsSample = GaugeSample<'standing' | 'currency' | 'savings_method'>;

/** Amounts as Prometheus takes them, which is as floats: for graphs, not for books. */
function savingsSamples({ verified, ...estimated }: SavingsSummary): SavingsSample[] {
  return [
    ...Object.entries(estimated).flatMap(([standing, rows]) =>
      rows.map(({ currency, savings_method, estimated_monthly_savings }) => ({
        standing,
        currency,
        savings_method,
        value: Number(estimated_monthly_savings),
      })),
    ),
    ...verified.map(({ currency, verified_monthly_savings }) => ({
      standing: 'verified',
      currency,
      savings_method: 'measured',
      value: Number(verified_monthly_savings),
    })),
  ];
}

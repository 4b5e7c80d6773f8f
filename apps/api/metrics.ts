import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '#db/database.js';
import { registerPoolMetrics } from '#db/pool-metrics.js';
import type { RecommendationRepository, SavingsSummary } from '#db/repositories/recommendation.repository.js';
import { VERSION } from './version.js';

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

  constructor(recommendations: RecommendationRepository, database: Database) {
    collectDefaultMetrics({ register: this.registry });
    registerPoolMetrics(this.registry, database);
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_build_info',
        help: 'Always 1; says which version runs.',
        labelNames: ['version'],
        registers: [],
        collect() {
          this.set({ version: VERSION }, 1);
        },
      }),
    );
    let summed = { at: -Infinity, rows: [] as SavingsSample[] };
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_recommendation_savings',
        help: 'Monthly savings of all tenants by standing (potential, approved, executed, verified); never added across currencies or methods.',
        labelNames: ['standing', 'currency', 'savings_method'],
        registers: [],
        async collect() {
          // The sum of everything is not made anew for every scrape.
          if (performance.now() - summed.at > SAVINGS_LAST_MS) {
            summed = { at: performance.now(), rows: savingsSamples(await recommendations.summary(ALL_TENANTS, {})) };
          }
          this.reset();
          for (const { value, ...labels } of summed.rows) this.set(labels, value);
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'azcops_recommendations',
        help: 'Recommendations by workflow status.',
        labelNames: ['status'],
        registers: [],
        async collect() {
          this.reset();
          for (const { status, count } of await recommendations.countByStatus()) this.set({ status }, count);
        },
      }),
    );
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

interface SavingsSample {
  standing: string;
  currency: string;
  savings_method: string;
  value: number;
}

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

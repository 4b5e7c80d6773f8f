import { Gauge, Histogram, Registry } from 'prom-client';
import type { FastifyInstance } from 'fastify';
import type { RecommendationRepository } from '#db/repositories/recommendation.repository.js';

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

  constructor(recommendations: RecommendationRepository) {
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

import type { FastifyInstance } from 'fastify';
import { serveTraced } from '#core/tracing.js';

/** A span for every request, named after its route; one of the caller's is its parent. Nothing where no traces are wanted. */
export function traceRequests(server: FastifyInstance): void {
  const spans = new WeakMap<object, NonNullable<ReturnType<typeof serveTraced>>>();
  server.addHook('onRequest', (request, _reply, done) => {
    const about = { 'http.request.method': request.method, 'azcops.correlation_id': request.id };
    const span = serveTraced(request.headers, about, done);
    if (span) spans.set(request, span);
  });
  server.addHook('onResponse', (request, reply, done) => {
    const { url: route = 'unknown' } = request.routeOptions;
    const status = { 'http.route': route, 'http.response.status_code': reply.statusCode };
    spans.get(request)?.end(`${request.method} ${route}`, status, reply.statusCode >= 500);
    done();
  });
}

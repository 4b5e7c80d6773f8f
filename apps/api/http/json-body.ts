import type { FastifyInstance } from 'fastify';

/**
 * JSON is the only body there is; anything else is answered with 415. An empty one counts as none, because clients
 * send the header on requests without a body too.
 */
export function acceptJsonOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined);
    void parse(request, body, done);
  });
}

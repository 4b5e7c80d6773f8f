import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { ApiModule, type ApiOverrides } from './api.module.js';
import { DataVersions } from './http/conditional.js';
import { acceptJsonOnly } from './http/json-body.js';
import { sendParserProblem, sendProblem } from './http/problem.filter.js';
import { correlationId, observeRequests } from './http/request-context.js';
import { traceRequests } from './http/trace-requests.js';
import { ApiMetrics } from './metrics.js';
import { nestLogger } from './nest-logger.js';
import { describeApi } from './openapi-document.js';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Builds the API, ready to listen; documentation at `/docs` and `/openapi.json`. */
export async function createServer(
  config: Config,
  logger: Logger,
  overrides: ApiOverrides = {},
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: correlationId,
    routerOptions: { maxParamLength: 512 },
    // A URL that cannot be decoded never reaches a route; it gets the same kind of answer.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('X-Correlation-ID', request.id);
      sendProblem(error, request, reply, logger);
    },
    clientErrorHandler: sendParserProblem,
  });
  const module = ApiModule.with(config, logger, overrides);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
    bodyParser: false,
  });
  acceptJsonOnly(adapter.getInstance() as never);
  if (config.tracing) traceRequests(adapter.getInstance() as never);
  observeRequests(adapter.getInstance() as never, logger);
  app.get(ApiMetrics).observe(adapter.getInstance() as never);
  app.get(DataVersions).observe(adapter.getInstance() as never);
  const document = describeApi(app);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'AzCops API' });
  await app.init();
  return app;
}

import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { SwaggerModule } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Config } from '#core/config.js';
import type { Logger } from '#core/logger.js';
import { ApiModule } from './api.module.js';
import { sendProblem } from './http/problem.filter.js';
import { correlationId, observeRequests } from './http/request-context.js';
import { nestLogger } from './nest-logger.js';
import { describeApi } from './openapi-document.js';

const BODY_LIMIT_BYTES = 1024 * 1024;

/** Builds the API, ready to listen; documentation at `/docs` and `/openapi.json`. */
export async function createServer(config: Config, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: correlationId,
    routerOptions: { maxParamLength: 512 },
    // A URL that cannot be decoded never reaches a route; it gets the same kind of answer.
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      void reply.header('X-Correlation-ID', request.id);
      sendProblem(error, request, reply, logger);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(ApiModule.with(config, logger), adapter, {
    logger: nestLogger(logger),
    abortOnError: false,
  });
  observeRequests(adapter.getInstance() as never, logger);
  const document = describeApi(app);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json', customSiteTitle: 'AzCops API' });
  await app.init();
  return app;
}

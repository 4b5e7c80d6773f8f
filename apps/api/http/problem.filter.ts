import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Catch, HttpException, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, UnauthenticatedError, type FieldProblem } from '#core/errors.js';
import type { Logger } from '#core/logger.js';
import { isDatabaseAway } from '#db/away.js';
import { NotModified } from './conditional.js';

interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  errors: readonly FieldProblem[];
  correlation_id: string;
}

interface Translation {
  status: number;
  code: string;
  detail: string;
  errors?: readonly FieldProblem[];
}

/** PostgreSQL states that mean "not now" though the database is there: transactions in each other's way. */
const NOT_NOW = /^(40|55P03|57)/;
const DATABASE_UNAVAILABLE: Translation = {
  status: 503,
  code: 'database_unavailable',
  detail: 'The database does not answer. Try again later.',
};

/** The one place where an error becomes an answer: `application/problem+json`, never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof NotModified) return void reply.status(304).send();
    sendProblem(error, http.getRequest<FastifyRequest>(), reply, this.logger);
  }
}

/** Answers `error` as a problem; used by Nest's filter and by Fastify for what never reaches Nest. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const { status, code, detail, errors = [] } = translate(error);
  if (status >= 500) {
    logger.error({ operation_name: 'http_request', correlation_id: request.id, err: error }, 'request failed');
  }
  if (error instanceof UnauthenticatedError) {
    // RFC 6750, 3.1: who sent no token is told the scheme and no error.
    const reason = error.message.replace(/["\\]/g, "'");
    const why = request.headers.authorization ? `, error="invalid_token", error_description="${reason}"` : '';
    void reply.header('WWW-Authenticate', `Bearer realm="azcops"${why}`);
  }
  if (status === 503) void reply.header('Retry-After', '5');
  // What the route would have answered with is not what is answered.
  void reply.removeHeader('ETag').header('Cache-Control', 'no-store');
  void reply
    .status(status)
    .header('Content-Type', PROBLEM_TYPE)
    .send(JSON.stringify(problemOf({ status, code, detail, errors }, request.id)));
}

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

function problemOf({ status, code, detail, errors = [] }: Translation, correlationId: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, code, detail, errors, correlation_id: correlationId };
}

/** Answers what is not even an HTTP request that can be routed: broken syntax, headers too large, headers too slow. */
export function sendParserProblem(error: { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const id = randomUUID();
  const translation = PARSER_PROBLEMS[error.code ?? ''] ?? fromStatus(400, 'This is not an HTTP request.');
  const body = JSON.stringify(problemOf(translation, id));
  const { status } = translation;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: ${PROBLEM_TYPE}\r\nX-Correlation-ID: ${id}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function translate(error: unknown): Translation {
  if (error instanceof RequestError) {
    return { status: error.status, code: error.code, detail: error.message, errors: error.fields };
  }
  if (error instanceof NotFoundException) {
    return fromStatus(404, `${error.message.replace(/^Cannot /, 'There is no ')}. The routes are described at /docs.`);
  }
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error.message);
  const { statusCode, code, message } = (error ?? {}) as { statusCode?: number; code?: string; message?: string };
  if (statusCode && statusCode >= 400 && statusCode < 500) return fromStatus(statusCode, message ?? '');
  if (code === '57014') {
    return {
      status: 503,
      code: 'too_slow',
      detail: 'The database did not answer in time. Ask for less, or try again later.',
    };
  }
  // A replica, or a primary that its provider has set so because its disk is nearly full.
  if (code === '25006') {
    return {
      status: 503,
      code: 'read_only',
      detail: 'The database takes no changes at the moment, it can only be read. Its operator can tell why.',
    };
  }
  if (isDatabaseAway(error) || (code?.length === 5 && NOT_NOW.test(code))) return DATABASE_UNAVAILABLE;
  return {
    status: 500,
    code: 'internal_error',
    detail: 'Something went wrong on our side. The correlation_id leads to it in the logs.',
  };
}

const CODES: Record<number, string> = {
  400: 'invalid_input',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  413: 'too_large',
  414: 'too_large',
  415: 'unsupported_media_type',
  431: 'too_large',
};

const PARSER_PROBLEMS: Record<string, Translation> = {
  HPE_HEADER_OVERFLOW: fromStatus(431, 'The address and headers together are too large: 16 kB at most.'),
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request_timeout', detail: 'The request did not arrive in time.' },
};

function fromStatus(status: number, message: string): Translation {
  return { status, code: CODES[status] ?? (status < 500 ? 'invalid_input' : 'internal_error'), detail: message };
}

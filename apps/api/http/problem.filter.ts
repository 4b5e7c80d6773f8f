import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequestError, UnauthenticatedError, type FieldProblem } from '#core/errors.js';
import type { Logger } from '#core/logger.js';

export interface Problem {
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

/** PostgreSQL states that mean "not now" rather than "never". */
const NOT_NOW = /^(08|53|57)/;
const CONNECTION_TROUBLE = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH']);

/** The one place where an error becomes an answer: `application/problem+json`, never a stack trace. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    sendProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), this.logger);
  }
}

/** Answers `error` as a problem; used by Nest's filter and by Fastify for what never reaches Nest. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const { status, code, detail, errors = [] } = translate(error);
  if (status >= 500) {
    logger.error({ operation_name: 'http_request', correlation_id: request.id, err: error }, 'request failed');
  }
  if (error instanceof UnauthenticatedError) {
    const reason = error.message.replace(/["\\]/g, "'");
    void reply.header(
      'WWW-Authenticate',
      `Bearer realm="azcops", error="invalid_token", error_description="${reason}"`,
    );
  }
  if (status === 503) void reply.header('Retry-After', '5');
  const problem: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail,
    errors,
    correlation_id: request.id,
  };
  void reply
    .status(status)
    .header('Content-Type', 'application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem));
}

function translate(error: unknown): Translation {
  if (error instanceof RequestError) {
    return { status: error.status, code: error.code, detail: error.message, errors: error.fields };
  }
  if (error instanceof HttpException) return fromStatus(error.getStatus(), error.message);
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string };
  if (statusCode && statusCode >= 400 && statusCode < 500) return fromStatus(statusCode, message ?? '');
  if (code === '57014') {
    return {
      status: 503,
      code: 'too_slow',
      detail: 'The database did not answer in time. Ask for less, or try again later.',
    };
  }
  if (code && (CONNECTION_TROUBLE.has(code) || (code.length === 5 && NOT_NOW.test(code)))) {
    return { status: 503, code: 'database_unavailable', detail: 'The database does not answer. Try again later.' };
  }
  if (/timeout exceeded when trying to connect|Connection terminated/i.test(message ?? '')) {
    return { status: 503, code: 'database_unavailable', detail: 'The database does not answer. Try again later.' };
  }
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

function fromStatus(status: number, message: string): Translation {
  return { status, code: CODES[status] ?? (status < 500 ? 'invalid_input' : 'internal_error'), detail: message };
}

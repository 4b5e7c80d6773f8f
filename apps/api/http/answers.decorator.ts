import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problem } from './schemas.js';

const PROBLEMS = {
  400: 'The request has mistakes; errors names each field.',
  401: 'The token is missing or bad; WWW-Authenticate says why.',
  403: 'The token lacks the role.',
  404: 'There is no such thing in the caller’s tenants.',
  409: 'The state does not allow it; detail says what stands in the way.',
  413: 'The body is larger than 1 MB.',
  415: 'The body is not application/json.',
  503: 'The database or the key set of the token’s issuer does not answer in time; try again.',
} as const;
type ProblemStatus = keyof typeof PROBLEMS;
const ALWAYS: readonly ProblemStatus[] = [400, 401, 403, 503];

/** Documents a route's answer and, next to what every protected route can answer, the problems of its own. */
export function Answers(
  status: number,
  schema?: z.ZodType,
  ...own: (404 | 409 | 413 | 415)[]
): MethodDecorator & ClassDecorator {
  const description = schema ? 'The answer.' : 'Done; there is no body.';
  return applyDecorators(
    ApiBearerAuth(),
    ApiResponse({ status, description, ...(schema && { standardSchema: schema }) }),
    ...[...ALWAYS, ...own].map((code) =>
      ApiResponse({ status: code, description: PROBLEMS[code], standardSchema: problem }),
    ),
  );
}

import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import { problem } from './schemas.js';

const PROBLEMS = {
  400: 'The request has mistakes; errors names each field.',
  401: 'The token is missing or bad.',
  403: 'The token lacks the role.',
  404: 'There is no such thing in the caller’s tenants.',
  409: 'The state does not allow it.',
  503: 'The database does not answer in time.',
} as const;

/** Documents a route's answer, next to the problems that every protected route can answer with. */
export function Answers(status: number, schema?: z.ZodType, media?: string): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ApiBearerAuth(),
    ...(media ? [ApiProduces('application/json', media)] : []),
    ApiResponse({ status, description: 'The answer.', ...(schema && { standardSchema: schema }) }),
    ...Object.entries(PROBLEMS).map(([code, description]) =>
      ApiResponse({ status: Number(code), description, standardSchema: problem }),
    ),
  );
}

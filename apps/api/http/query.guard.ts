import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { InvalidInputError } from '#core/errors.js';
import { PUBLIC } from '../auth/caller.js';

/** Refuses query parameters on routes that know none, as schemas refuse unknown ones where there are some. */
export class QueryGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const given = Object.keys(context.switchToHttp().getRequest<FastifyRequest>().query as object);
    const isPublic = this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (given.length === 0 || isPublic || takesQuery(context)) return true;
    throw new InvalidInputError(
      'This route takes no query parameters.',
      given.map((field) => ({ field, message: 'is not known here' })),
    );
  }
}

/** Nest keeps a route's arguments as members named `kind:index`. */
function takesQuery(context: ExecutionContext): boolean {
  const kinds = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    Record<string, unknown> | undefined;
  return Object.keys(kinds ?? {}).some((kind) => kind.startsWith(`${RouteParamtypes.QUERY}:`));
}

import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ForbiddenError, UnauthenticatedError } from '#core/errors.js';
import { Reader } from '#core/scope.js';
import { PUBLIC, REQUIRED_ROLE, ROLES, scopeOf, type Role } from './caller.js';
import type { TokenVerifier } from './token-verifier.js';

/** Lets a request pass with a verified token and the route's role; everything is protected unless it says otherwise. */
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: TokenVerifier,
    private readonly homeTenantId: string | null,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const targets = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets)) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const token = await this.tokens.verify(bearerToken(request.headers.authorization));
    const role = ROLES.findLast((known) => token.roles.includes(known));
    if (!role) throw new ForbiddenError(`The token carries none of the roles ${ROLES.join(', ')}.`);
    const isHome = this.homeTenantId !== null && token.tid === this.homeTenantId.toLowerCase();
    request.caller = {
      azureTenantId: token.tid,
      principalId: token.principalId,
      name: token.name,
      role,
      isHome,
      scope: scopeOf(token.tid, isHome, new Reader(request.socket)),
      correlationId: request.id,
    };
    const required = this.reflector.getAllAndOverride<Role | undefined>(REQUIRED_ROLE, targets) ?? 'AzCops.Reader';
    if (ROLES.indexOf(role) < ROLES.indexOf(required)) {
      throw new ForbiddenError(`This needs the role ${required}; the token carries ${role}.`);
    }
    return true;
  }
}

function bearerToken(header: string | undefined): string {
  if (!header) throw new UnauthenticatedError('A bearer token is missing.');
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(header) ?? [];
  if (!token) throw new UnauthenticatedError('The Authorization header is not a bearer token.');
  return token;
}

import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { ForbiddenError, InvariantError } from '#core/errors.js';
import type { Reader, TenantScope } from '#core/scope.js';
import type { Actor } from '#db/repositories/audit-log.repository.js';

/** From least to most; each includes the ones before it. */
export const ROLES = ['AzCops.Reader', 'AzCops.Approver', 'AzCops.Admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, as the token says; `scope` is what the database will let them see. */
export interface Caller {
  /** The token's `tid`, lower-cased. */
  azureTenantId: string;
  /** The principal: object id, else subject. */
  principalId: string;
  name: string | null;
  role: Role;
  /** A caller of the operator's own tenant sees all tenants. */
  isHome: boolean;
  scope: TenantScope;
  correlationId: string;
}

/** What a caller of `azureTenantId` may see, as long as `reader` waits for it. */
export function scopeOf(azureTenantId: string, isHome: boolean, reader: Reader): TenantScope {
  return isHome ? { kind: 'all', reader } : { kind: 'azure-tenant', azureTenantId, reader };
}

/** The caller as the audit log names it. */
export function actorOf(caller: Caller): Actor {
  return {
    tenantId: caller.azureTenantId,
    id: caller.principalId,
    name: caller.name,
    correlationId: caller.correlationId,
  };
}

/** Throws `ForbiddenError` unless the caller belongs to the operator's own tenant. */
export function requireHome(caller: Caller, what: string): void {
  if (!caller.isHome) throw new ForbiddenError(`Only an administrator of the operator's own tenant may ${what}.`);
}

export const PUBLIC = Symbol('public');
export const REQUIRED_ROLE = Symbol('required-role');

/** A route that needs no token. */
export const Public = () => SetMetadata(PUBLIC, true);

/** Carries a route's role into the OpenAPI document. */
export const ROLE_EXTENSION = 'x-required-role';

/** The least role a route needs; `AzCops.Reader` when it says nothing. */
export const RequireRole = (role: Role) =>
  applyDecorators(SetMetadata(REQUIRED_ROLE, role), ApiExtension(ROLE_EXTENSION, role));

/** The verified caller, in a controller's parameters. */
export const CurrentCaller = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!caller) throw new InvariantError('a public route asked for its caller');
  return caller;
});

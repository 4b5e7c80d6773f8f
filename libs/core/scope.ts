/**
 * Which tenants' rows a piece of work may see. The database enforces it by row-level security;
 * a scope that names an unknown tenant sees nothing.
 */
export type TenantScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  /** A caller known by the Entra tenant of its token; the database resolves it to our tenant. */
  | { readonly kind: 'azure-tenant'; readonly azureTenantId: string };

/** Every tenant: the operator's callers and the planner only. */
export const ALL_TENANTS: TenantScope = { kind: 'all' };

/** One tenant by our own id. */
export function oneTenant(tenantId: string): TenantScope {
  return { kind: 'tenant', tenantId };
}

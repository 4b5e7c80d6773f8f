/**
 * Which tenants' rows a piece of work may see. The database enforces it by row-level security;
 * a scope that names an unknown tenant sees nothing.
 */
export type TenantScope = (
  | { readonly kind: 'all' }
  | { readonly kind: 'tenant'; readonly tenantId: string }
  /** A caller known by the Entra tenant of its token; the database resolves it to our tenant. */
  | { readonly kind: 'azure-tenant'; readonly azureTenantId: string }
) & {
  /** Who waits for what is read: when they hang up, reading ends. Without one it goes on to its end. */
  readonly reader?: Reader | undefined;
};

/** Of a socket, what tells that the other side has hung up. */
interface Connection {
  readonly destroyed: boolean;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** Whoever waits for an answer at the other end of a connection. */
export class Reader {
  constructor(private readonly connection: Connection) {}

  /** True once nobody waits any more. */
  get isGone(): boolean {
    return this.connection.destroyed;
  }

  /** Calls `listener` when the reader hangs up, until `offGone` is told of the same. */
  onGone(listener: () => void): void {
    this.connection.on('close', listener);
  }

  /** Calls `listener` no longer. */
  offGone(listener: () => void): void {
    this.connection.off('close', listener);
  }

  /** Scopes that see the same are written the same, whoever waits. */
  toJSON(): undefined {
    return undefined;
  }
}

/** Every tenant: the operator's callers and the planner only. */
export const ALL_TENANTS: TenantScope = { kind: 'all' };

/** One tenant by our own id. */
export function oneTenant(tenantId: string): TenantScope {
  return { kind: 'tenant', tenantId };
}

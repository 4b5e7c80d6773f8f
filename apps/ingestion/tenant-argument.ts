import type { TargetTenant } from '#core/connector.js';
import { InvalidInputError } from '#core/errors.js';
import type { TenantRepository } from '#db/repositories/tenant.repository.js';

/** The tenant a command names by our id or by Entra's; throws `InvalidInputError` that lists those there are. */
export async function requireTenant(tenants: TenantRepository, named: string | undefined): Promise<TargetTenant> {
  const known = await tenants.targets(null);
  if (named === undefined && known.length === 1) return known[0]!;
  const found = named === undefined ? null : await tenants.find(named);
  if (found) return found;
  const list = known.map(({ id, azureTenantId }) => `  ${id} (azure_tenant_id ${azureTenantId})`).join('\n');
  const hint = list
    ? `Registered tenants:\n${list}`
    : 'No tenant is registered yet: POST /api/v1/tenants registers one.';
  throw new InvalidInputError(
    `${named === undefined ? 'Say which tenant is meant: --tenant ID.' : `There is no tenant ${named}.`} ${hint}`,
  );
}

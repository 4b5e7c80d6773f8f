import type { Estate } from './estate.js';
import { valueAt } from './property.js';

/**
 * Whether a scale set's network profile names the id: a backend pool, a security group. With no instance running, the
 * scale set is the only one that does.
 */
export function isNamedByScaleSet(id: string, estate: Estate): boolean {
  const naming = estate.referringTo(
    id,
    'network profiles of scale sets',
    'microsoft.compute/virtualmachinescalesets',
    (set) => idsIn(valueAt(set, 'properties.virtualMachineProfile.networkProfile')),
  );
  return naming.length > 0;
}

/** Every `id` within the value. */
function idsIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    name === 'id' && typeof member === 'string' ? [member] : idsIn(member),
  );
}

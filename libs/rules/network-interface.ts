import type { InventoryResource } from '#core/facts.js';
import { listAt, valueAt } from './property.js';

/** What may own an interface, by the property that names it. */
const OWNERS = {
  virtualMachine: 'virtual_machine',
  privateEndpoint: 'private_endpoint',
  privateLinkService: 'private_link_service',
  // NetApp volumes and other services that are hosted in a delegated subnet.
  linkedResourceType: 'hosted_workload',
  bareMetalServer: 'hosted_workload',
} as const;

/** What a network interface serves, e.g. `virtual_machine`; undefined where nothing does. */
export function interfaceUse(card: InventoryResource): string | undefined {
  if (/\/virtualmachinescalesets\//i.test(card.resourceId)) return 'scale_set';
  const [, owner] = Object.entries(OWNERS).find(([name]) => valueAt(card, `properties.${name}`) !== undefined) ?? [];
  if (owner) return owner;
  return listAt(card, 'properties.hostedWorkloads').length > 0 ? 'hosted_workload' : undefined;
}

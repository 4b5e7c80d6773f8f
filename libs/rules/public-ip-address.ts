import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { interfaceUse } from './network-interface.js';
import { isDescribed, textAt, valueAt } from './property.js';

/** What a public address serves, e.g. `nat_gateway`; undefined where nothing does, an interface without owner included. */
export function addressUse(address: InventoryResource, estate: Estate): string | undefined {
  if (valueAt(address, 'properties.natGateway') !== undefined) return 'nat_gateway';
  if (valueAt(address, 'properties.linkedPublicIPAddress') !== undefined) return 'linked_address';
  if (valueAt(address, 'properties.servicePublicIPAddress') !== undefined) return 'linked_address';
  if (valueAt(address, 'properties.ipConfiguration') === undefined) return undefined;
  const card = interfaceOf(address, estate);
  return card && isDescribed(card) && interfaceUse(card) === undefined ? undefined : 'attached';
}

/** The network interface that holds the address, where it is one of the inventory; those of scale sets are not. */
export function interfaceOf(address: InventoryResource, estate: Estate): InventoryResource | undefined {
  const [id] = textAt(address, 'properties.ipConfiguration.id')?.split(/\/ipconfigurations\//i) ?? [];
  const holder = estate.resource(id);
  return holder?.type === 'microsoft.network/networkinterfaces' ? holder : undefined;
}

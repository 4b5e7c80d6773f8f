import type { InventoryResource } from '#core/facts.js';
import { decimal, plain } from '#core/decimal.js';
import type { Estate } from '../estate.js';
import { textAt, valueAt } from '../property.js';
import { addressUse, interfaceOf } from '../public-ip-address.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { HOURS_A_MONTH, listed, measured, type Saving } from '../savings.js';
import { isKubernetesManaged } from '../tags.js';

/** Public addresses that nothing answers on. */
export const orphanedPublicIp = defineRule({
  id: 'orphaned-public-ip',
  title: 'Delete the orphaned public IP address',
  finds:
    'Public IP addresses that belong to no configuration, and those of network interfaces that have neither a machine ' +
    'nor a private endpoint. Static addresses are billed by the hour, used or not.',
  leavesOut: [
    'addresses of NAT gateways, which have no configuration',
    'addresses drawn from a prefix, which is billed as a whole',
    'addresses that Azure has linked to another one',
    'addresses that Kubernetes made for its services',
  ],
  savings: 'What the address itself cost in the last 30 days; for a new standard IPv4 address, its list price.',
  category: 'waste',
  action: 'remove',
  impact: 'Low',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.network/publicipaddresses'],
  needs: ['costs', 'prices'],
  thresholds: {},
  runbook: {
    check: [
      'Search DNS zones and the allow-lists of partners for the address: once deleted, it goes back to Azure’s pool.',
      'Ask the owner of resource group `{resource_group}` whether it is kept for a machine, a gateway or a firewall that is only switched off.',
    ],
    azureCli: [
      'az network public-ip show --ids {id} --query "{address:ipAddress, fqdn:dnsSettings.fqdn, configuration:ipConfiguration.id}"',
      '# Where an interface holds it, delete that one first (az network nic delete).',
      'az network public-ip delete --ids {id}',
    ],
    portal: [
      'Open **Public IP addresses**, choose `{name}`, **Dissociate** where it still belongs to an interface, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_public_ip` for `{name}` and what refers to it, then apply.',
    verify: ['`az network public-ip show --ids {id}` answers ResourceNotFound; the charges end with the hour.'],
    undo: ['A new address can be made, but the same one cannot be had back, unless it came from a prefix of your own.'],
  },
  links: [
    {
      title: 'Create, change, or delete an Azure public IP address',
      url: 'https://learn.microsoft.com/azure/virtual-network/ip-services/virtual-network-public-ip-address',
    },
  ],
  evaluate(address, { estate }) {
    if (textAt(address, 'properties.publicIPAllocationMethod') === undefined) return undecided('no_allocation_method');
    const use = addressUse(address, estate);
    if (use !== undefined) return fine(use);
    if (valueAt(address, 'properties.publicIPPrefix') !== undefined) return fine('public_ip_prefix');
    if (isKubernetesManaged(address)) return fine('kubernetes');
    const card = interfaceOf(address, estate);
    return found({
      reason: card
        ? `The address belongs to the network interface ${card.name}, which nothing uses.`
        : 'The address belongs to no configuration.',
      evidence: {
        ip_address: textAt(address, 'properties.ipAddress') ?? null,
        fqdn: textAt(address, 'properties.dnsSettings.fqdn') ?? null,
        sku: textAt(address, 'sku.name') ?? null,
        network_interface: card?.resourceId ?? null,
      },
      saving: measured(estate.costOf(address.resourceId)) ?? byListPrice(address, estate),
      certainty: card ? 0.9 : 0.95,
    });
  },
});

/** Standard IPv4 addresses have a price whatever they do; those of other kinds may be free. */
function byListPrice(address: InventoryResource, { reference: { prices } }: Estate): Saving | null {
  const isStandard = textAt(address, 'sku.name')?.toLowerCase() === 'standard';
  if (!prices || !isStandard || textAt(address, 'properties.publicIPAddressVersion') !== 'IPv4') return null;
  const hourly = prices.publicIpHourly(address.location ?? '');
  if (hourly === null) return null;
  return listed(prices.currency, plain(decimal(hourly).times(HOURS_A_MONTH)), null);
}

import { idOf, isDescribed, listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { isKubernetesManaged } from '../tags.js';

/** NAT gateways that no subnet goes out through. */
export const unusedNatGateway = defineRule({
  id: 'unused-nat-gateway',
  title: 'Delete the unused NAT gateway',
  finds: 'NAT gateways that belong to no subnet and no virtual network. They are billed by the hour all the same.',
  leavesOut: [
    'gateways that serve a whole virtual network or a service gateway',
    'gateways that Kubernetes made for its clusters',
  ],
  savings: 'What the gateway itself cost in the last 30 days; its public addresses are charged for themselves.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.network/natgateways'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether a subnet is to be put behind it.',
      'Note its public addresses: partners may have them on their allow-lists. They stay when the gateway goes, and cost on.',
    ],
    azureCli: [
      'az network nat gateway show --ids {id} --query "{subnets:subnets[].id, addresses:publicIpAddresses[].id}"',
      'az network nat gateway delete --ids {id}',
    ],
    portal: ['Open **NAT gateways**, choose `{name}`, see that **Networking** lists no subnet, then **Delete**.'],
    terraform: 'Remove the `azurerm_nat_gateway` for `{name}` and its address associations, then apply.',
    verify: ['`az network nat gateway show --ids {id}` answers ResourceNotFound; the charges end with the hour.'],
    undo: [
      'Make it anew with the same addresses: `az network nat gateway create --resource-group {resource_group} --name {name} --location {location} --public-ip-addresses ADDRESS`.',
    ],
  },
  links: [{ title: 'What is Azure NAT Gateway?', url: 'https://learn.microsoft.com/azure/nat-gateway/nat-overview' }],
  evaluate(gateway, { estate }) {
    if (!isDescribed(gateway)) return undecided('no_properties');
    if (listAt(gateway, 'properties.subnets').length > 0) return fine('has_subnets');
    if (['sourceVirtualNetwork', 'serviceGateway'].some((name) => valueAt(gateway, `properties.${name}`) !== undefined))
      return fine('whole_network');
    if (isKubernetesManaged(gateway)) return fine('kubernetes');
    return found({
      reason: 'No subnet goes out through the NAT gateway.',
      evidence: {
        sku: textAt(gateway, 'sku.name') ?? null,
        subnets: 0,
        public_ip_addresses: listAt(gateway, 'properties.publicIpAddresses').map(idOf),
        public_ip_prefixes: listAt(gateway, 'properties.publicIpPrefixes').map(idOf),
      },
      saving: measured(estate.costOf(gateway.resourceId)),
      certainty: 0.95,
    });
  },
});

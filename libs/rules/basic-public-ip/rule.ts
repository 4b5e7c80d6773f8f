import { textAt } from '../property.js';
import { addressUse } from '../public-ip-address.js';
import { defineRule, fine, found, undecided } from '../rule.js';

/** Public addresses of the SKU that Azure has retired. */
export const basicPublicIp = defineRule({
  id: 'basic-public-ip',
  title: 'Upgrade the basic public IP address to standard',
  finds:
    'Public IP addresses of the SKU Basic, which Azure retired on 30 September 2025: they have no service level any more ' +
    'and may stop working.',
  leavesOut: ['addresses that nothing uses, which are better deleted', 'addresses of cloud services'],
  savings: 'None: a standard address costs about as much as a static basic one.',
  category: 'modernisation',
  action: 'upgrade',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.network/publicipaddresses'],
  needs: [],
  thresholds: {},
  runbook: {
    check: [
      'A standard address lets nothing in until a network security group allows it: see that there is one with the right rules.',
      'Whatever the address belongs to must be standard as well; a basic load balancer or a basic VPN gateway has to be migrated as a whole.',
      'The address must be static and must be taken off its interface to be upgraded: plan a short interruption.',
    ],
    azureCli: [
      '# A machine’s address; for load balancers and gateways follow the guide below.',
      'az network public-ip update --ids {id} --allocation-method Static',
      'az network nic ip-config update --ids {evidence.ip_configuration} --public-ip-address null',
      'az network public-ip update --ids {id} --sku Standard',
      'az network nic ip-config update --ids {evidence.ip_configuration} --public-ip-address {id}',
    ],
    portal: [
      'Open **Public IP addresses**, choose `{name}`, **Dissociate**, then follow the banner **Upgrade to Standard SKU**, and associate it again.',
    ],
    terraform:
      'Set `sku = "Standard"` and `allocation_method = "Static"`. Terraform would replace the address, so upgrade it first and plan until nothing changes.',
    verify: ['`az network public-ip show --ids {id} --query sku.name` answers Standard, and the address is the same.'],
    undo: ['It cannot be undone: a standard address does not become basic again.'],
  },
  links: [
    {
      title: 'Upgrading a basic public IP address to Standard SKU',
      url: 'https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-basic-upgrade-guidance',
    },
  ],
  evaluate(address, { estate }) {
    const sku = textAt(address, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    if (sku.toLowerCase() !== 'basic') return fine('current_sku');
    if (addressUse(address, estate) === undefined) return fine('unused');
    const configuration = textAt(address, 'properties.ipConfiguration.id');
    if (/\/cloudservices\//i.test(configuration ?? '')) return fine('cloud_service');
    const allocation = textAt(address, 'properties.publicIPAllocationMethod');
    return found({
      reason: `The ${allocation === undefined ? '' : `${allocation.toLowerCase()} `}address is of the retired SKU Basic.`,
      evidence: {
        sku,
        allocation: allocation ?? null,
        ip_address: textAt(address, 'properties.ipAddress') ?? null,
        ip_configuration: configuration ?? null,
      },
      saving: null,
      certainty: 0.95,
    });
  },
});

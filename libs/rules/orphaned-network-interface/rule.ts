import { interfaceUse } from '../network-interface.js';
import { listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { isKubernetesManaged } from '../tags.js';

/** Network interfaces that nothing uses. */
export const orphanedNetworkInterface = defineRule({
  id: 'orphaned-network-interface',
  title: 'Delete the orphaned network interface',
  finds:
    'Network interfaces of no machine. They cost nothing themselves, but hold addresses and block the deletion of ' +
    'subnets and security groups.',
  leavesOut: [
    'interfaces of private endpoints and private link services',
    'interfaces of hosted workloads such as NetApp volumes',
    'interfaces of scale sets',
    'interfaces of Kubernetes nodes, which come and go',
  ],
  savings: 'None: an interface is free. A public address that it holds is a finding of its own.',
  category: 'waste',
  action: 'remove',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.network/networkinterfaces'],
  needs: [],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether a machine is to be made anew with the same private address.',
      'Look whether licences or firewall rules are tied to its MAC or private address.',
    ],
    azureCli: [
      'az network nic show --ids {id} --query "{machine:virtualMachine.id, endpoint:privateEndpoint.id, addresses:ipConfigurations[].privateIPAddress}"',
      'az network nic delete --ids {id}',
    ],
    portal: ['Open **Network interfaces**, choose `{name}`, see that **Attached to** is empty, then **Delete**.'],
    terraform: 'Remove the `azurerm_network_interface` for `{name}` and its associations, then apply.',
    verify: ['`az network nic show --ids {id}` answers ResourceNotFound.'],
    undo: [
      'Make it anew in the same subnet: `az network nic create --resource-group {resource_group} --name {name} --subnet {evidence.subnet}`; its MAC address is lost.',
    ],
  },
  links: [
    {
      title: 'Create, change, or delete a network interface',
      url: 'https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface',
    },
  ],
  evaluate(card) {
    const [configuration] = listAt(card, 'properties.ipConfigurations');
    if (configuration === undefined) return undecided('no_ip_configuration');
    const use = interfaceUse(card);
    if (use !== undefined) return fine(use);
    if (isKubernetesManaged(card)) return fine('kubernetes');
    return found({
      reason: 'Neither a machine nor a private endpoint uses the network interface.',
      evidence: {
        private_ip_address: textAt(card, 'properties.ipConfigurations.0.properties.privateIPAddress') ?? null,
        subnet: textAt(card, 'properties.ipConfigurations.0.properties.subnet.id') ?? null,
        public_ip_address: textAt(card, 'properties.ipConfigurations.0.properties.publicIPAddress.id') ?? null,
        network_security_group: valueAt(card, 'properties.networkSecurityGroup.id') ?? null,
      },
      saving: null,
      certainty: 0.95,
    });
  },
});

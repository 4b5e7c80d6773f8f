import { isDescribed, listAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { isNamedByScaleSet } from '../scale-set.js';
import { isKubernetesManaged } from '../tags.js';

/** Network security groups that filter nothing. */
export const orphanedNetworkSecurityGroup = defineRule({
  id: 'orphaned-network-security-group',
  title: 'Delete the orphaned network security group',
  finds:
    'Network security groups of no subnet and no interface. They cost nothing, but look like protection and are easily ' +
    'put to use again with rules that nobody remembers.',
  leavesOut: ['groups of scale sets, which may have scaled to nothing', 'groups that Kubernetes made for its nodes'],
  savings: 'None: a security group is free.',
  category: 'waste',
  action: 'remove',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.network/networksecuritygroups'],
  needs: [],
  thresholds: {},
  runbook: {
    check: [
      'Look at its rules: whoever made many of them may want to keep them as code.',
      'Ask the owner of resource group `{resource_group}` whether a subnet or a machine is about to use it.',
    ],
    azureCli: [
      'az network nsg show --ids {id} --query "{subnets:subnets[].id, interfaces:networkInterfaces[].id, rules:securityRules[].name}"',
      'az network nsg delete --ids {id}',
    ],
    portal: [
      'Open **Network security groups**, choose `{name}`, see that **Subnets** and **Network interfaces** are empty, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_network_security_group` for `{name}` and its rules, then apply.',
    verify: ['`az network nsg show --ids {id}` answers ResourceNotFound.'],
    undo: ['Export its template first (**Export template** in the portal) and deploy that template again.'],
  },
  links: [
    {
      title: 'Network security groups overview',
      url: 'https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview',
    },
  ],
  evaluate(group, { estate }) {
    if (!isDescribed(group)) return undecided('no_properties');
    if (['subnets', 'networkInterfaces'].some((list) => listAt(group, `properties.${list}`).length > 0))
      return fine('in_use');
    if (isNamedByScaleSet(group.resourceId, estate)) return fine('scale_set');
    if (isKubernetesManaged(group)) return fine('kubernetes');
    return found({
      reason: 'The security group belongs to no subnet and no network interface.',
      evidence: { subnets: 0, network_interfaces: 0, rules: listAt(group, 'properties.securityRules').length },
      saving: null,
      certainty: 0.95,
    });
  },
});

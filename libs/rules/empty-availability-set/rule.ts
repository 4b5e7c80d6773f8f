import { listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { isKubernetesManaged } from '../tags.js';

/** Availability sets that nothing is in. */
export const emptyAvailabilitySet = defineRule({
  id: 'empty-availability-set',
  title: 'Delete the empty availability set',
  finds: 'Availability sets without a machine. They cost nothing, and make it harder to see what is in use.',
  leavesOut: ['sets of Site Recovery, which are filled in a failover', 'sets that Kubernetes manages'],
  savings: 'None: availability sets are free.',
  category: 'governance',
  action: 'remove',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.compute/availabilitysets'],
  needs: [],
  thresholds: {},
  runbook: {
    check: ['Ask the owner of resource group `{resource_group}` whether machines are about to be deployed into it.'],
    azureCli: ['az vm availability-set delete --ids {id}'],
    portal: ['Open **Availability sets**, choose `{name}`, see that **Virtual machines** is empty, **Delete**.'],
    terraform: 'Remove `azurerm_availability_set` for `{name}`.',
    verify: ['`az vm availability-set show --ids {id}` answers ResourceNotFound.'],
    undo: ['`az vm availability-set create --resource-group {resource_group} --name {name}`.'],
  },
  links: [
    {
      title: 'Availability sets',
      url: 'https://learn.microsoft.com/azure/virtual-machines/availability-set-overview',
    },
  ],
  evaluate(set, { estate }) {
    if (!Array.isArray(valueAt(set, 'properties.virtualMachines'))) return undecided('no_list_of_machines');
    if (listAt(set, 'properties.virtualMachines').length > 0) return fine('in_use');
    const members = estate.referringTo(
      set.resourceId,
      'member of availability set',
      'microsoft.compute/virtualmachines',
      (machine) => [textAt(machine, 'properties.availabilitySet.id')],
    );
    if (members.length > 0) return fine('in_use');
    if (/-asr$/i.test(set.name)) return fine('site_recovery');
    if (isKubernetesManaged(set)) return fine('kubernetes');
    return found({
      reason: 'No machine is in the availability set.',
      evidence: { virtual_machines: 0 },
      saving: null,
      certainty: 0.95,
    });
  },
});

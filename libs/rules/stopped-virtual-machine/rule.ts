import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { computeCostOf, managerOf, operatingSystemOf, powerStateOf } from '../virtual-machine.js';

/** Machines that were shut down from within and go on being paid for. */
export const stoppedVirtualMachine = defineRule({
  id: 'stopped-virtual-machine',
  title: 'Deallocate the stopped virtual machine',
  finds:
    'Virtual machines that are stopped but not deallocated: they were shut down from within, keep their place on a host and are billed as if they ran.',
  leavesOut: [
    'deallocated machines, which cost no compute',
    'nodes of Kubernetes and Databricks, members of scale sets',
  ],
  savings: 'What its compute cost in the last 30 days; what a reservation pays for goes on in any case.',
  category: 'waste',
  action: 'stop',
  impact: 'High',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the machine is being restarted or repaired right now.',
      'See whether it needs its address (a dynamic one is given back) or anything on its temporary disk (which is lost).',
    ],
    azureCli: ['az vm deallocate --ids {id}'],
    portal: ['Open **Virtual machines**, choose `{name}`, **Stop**. The state must become *Stopped (deallocated)*.'],
    terraform: 'Nothing to change: Terraform does not manage whether a machine runs.',
    verify: [
      '`az vm get-instance-view --ids {id} --query "instanceView.statuses[].code"` answers PowerState/deallocated; charges for compute end with the hour.',
    ],
    undo: ['`az vm start --ids {id}`; where the region is short of this size, the start can be refused for a while.'],
  },
  links: [
    {
      title: 'States and billing of virtual machines',
      url: 'https://learn.microsoft.com/azure/virtual-machines/states-billing',
    },
  ],
  evaluate(machine, { estate }) {
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state !== 'stopped') return fine(state === 'deallocated' ? 'deallocated' : 'not_stopped');
    const manager = managerOf(machine);
    // A session host that its user has shut down is paid for like any other.
    if (manager && manager !== 'avd') return fine('managed');
    return found({
      reason: 'The machine is stopped but not deallocated, so that it is billed as if it ran.',
      evidence: { power_state: state, operating_system: operatingSystemOf(machine) ?? null },
      saving: measured(computeCostOf(machine, estate)),
      certainty: 0.95,
    });
  },
});

import { numberAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { MANAGED_SCALE_SETS, scaleSetCostOf, scaleSetManagerOf } from '../scale-set.js';
import { evaluateVirtualMachineUtilisation } from '../underutilised-virtual-machine/underutilised-virtual-machine.rule.js';
import { certaintyOf, levelEvidence, mebibytesADay, metricsOf, shown } from '../utilisation.js';
import { createdAt } from '../virtual-machine.js';

/** Scale sets whose instances do nothing. */
export const idleScaleSet = defineRule({
  id: 'idle-scale-set',
  title: 'Scale the idle scale set to zero',
  finds: 'Scale sets whose instances hardly compute, send or receive anything for two weeks, with memory to spare.',
  leavesOut: [
    MANAGED_SCALE_SETS,
    'scale sets made within the two weeks that are looked at',
    'scale sets of little CPU whose memory is in use',
  ],
  savings:
    'What the compute of all instances cost in the last 30 days; what a reservation pays for goes on in any case.',
  category: 'waste',
  action: 'stop',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/virtualmachinescalesets'],
  needs: ['metrics', 'costs'],
  thresholds: {
    cpu: {
      default: 5,
      minimum: 1,
      maximum: 10,
      unit: '%',
      meaning: 'CPU of all instances that neither the average nor the 95th percentile of the hours may reach',
    },
    networkPerDay: {
      default: 500,
      minimum: 1,
      maximum: 10_000,
      unit: 'MiB',
      meaning: 'What one instance may receive and send in an average day',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` what the scale set is for: some wait for a disaster or a season.',
      'Note its number of instances, {evidence.instances}, and see whether an autoscale setting would raise it again.',
    ],
    azureCli: ['az vmss scale --ids {id} --new-capacity 0'],
    portal: [
      'Open **Virtual machine scale sets**, choose `{name}`, **Scaling**, set the number of instances to 0, **Save**.',
    ],
    terraform: 'Set `instances = 0`; remove `azurerm_linux_virtual_machine_scale_set` or its like once it may go.',
    verify: ['`az vmss show --ids {id} --query sku.capacity` answers 0; charges for compute end with the hour.'],
    undo: [
      '`az vmss scale --ids {id} --new-capacity {evidence.instances}` makes new instances from the model; what was on the disks of the old ones is gone.',
    ],
  },
  links: [
    {
      title: 'Manage scale sets with the Azure CLI',
      url: 'https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-manage-cli',
    },
  ],
  evaluate(scaleSet, { estate, thresholds, now }) {
    const instances = numberAt(scaleSet, 'sku.capacity');
    if (instances === undefined) return undecided('no_capacity');
    if (instances === 0) return fine('no_instances');
    if (scaleSetManagerOf(scaleSet)) return fine('managed');
    const cpu = estate.metric(scaleSet.resourceId, 'Percentage CPU');
    const memory = estate.metric(scaleSet.resourceId, 'Available Memory Percentage');
    const use = evaluateVirtualMachineUtilisation({ cpu, memory, now }, { cpuAverageBelow: thresholds.cpu });
    if (use.verdict === 'in_use') return fine(use.reasonCode);
    if (use.verdict === 'not_evaluated') return undecided(use.reasonCode);
    if (cpu?.p95 == null) return undecided('no_cpu_data');
    if (createdAt(scaleSet) > cpu.from) return fine('made_lately');
    if (cpu.p95 >= thresholds.cpu) return fine('cpu_in_use');
    const traffic = metricsOf(estate, scaleSet.resourceId, ['Network In Total', 'Network Out Total']);
    if (typeof traffic === 'string') return undecided(`${traffic}_of_traffic`);
    const network = traffic.map(mebibytesADay).reduce((sum, each) => sum + each, 0) / instances;
    if (network >= thresholds.networkPerDay) return fine('network_in_use');
    return found({
      reason: `CPU of ${instances} instances stayed below ${thresholds.cpu} % in 95 % of the hours, with ${Math.round(network)} MiB of network traffic a day each.`,
      evidence: {
        instances,
        cpu_percent: levelEvidence(cpu),
        memory: use.evidence.memory,
        network_mib_per_day_and_instance: shown(network),
      },
      saving: measured(scaleSetCostOf(scaleSet, estate)),
      certainty: certaintyOf([cpu, ...traffic]),
    });
  },
});

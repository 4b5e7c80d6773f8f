import { idleScaleSet } from '../idle-scale-set/rule.js';
import { numberAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { MANAGED_SCALE_SETS, isAutoscaled, scaleSetCostOf, scaleSetManagerOf, spareShare } from '../scale-set.js';
import { certaintyOf, levelEvidence, metricsOf, shown } from '../utilisation.js';
import { createdAt } from '../virtual-machine.js';

/** Scale sets that do not scale. */
export const scaleSetWithoutAutoscale = defineRule({
  id: 'scale-set-without-autoscale',
  title: 'Let the scale set scale with its load',
  finds:
    'Scale sets of several instances whose number nothing changes, with little CPU on average and memory to spare.',
  leavesOut: [
    MANAGED_SCALE_SETS,
    'scale sets with an enabled autoscale setting',
    'scale sets that idle-scale-set finds',
    'scale sets made within the two weeks that are looked at',
  ],
  savings:
    'A guess: from nothing to the instances that are not needed at 60 % CPU, likely half of them, of what the compute cost in the last 30 days.',
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachinescalesets'],
  needs: ['metrics', 'costs'],
  thresholds: {
    instances: { default: 2, minimum: 2, maximum: 100, unit: 'instances', meaning: 'How many it must have at least' },
    cpu: { default: 30, minimum: 5, maximum: 55, unit: '%', meaning: 'The average CPU from which on it is in use' },
    memory: {
      default: 60,
      minimum: 10,
      maximum: 90,
      unit: '%',
      meaning: 'The 95th percentile of used memory from which on it is in use',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` why the number is fixed: state on the instances, sessions that stick to one, licences.',
      'Choose the smallest number that may remain: two where one may fail, three over zones.',
    ],
    azureCli: [
      'az monitor autoscale create --resource-group {resource_group} --resource {id} --name {name}-autoscale --min-count 2 --max-count {evidence.instances} --count 2',
      'az monitor autoscale rule create --resource-group {resource_group} --autoscale-name {name}-autoscale --condition "Percentage CPU > 70 avg 10m" --scale out 1',
      'az monitor autoscale rule create --resource-group {resource_group} --autoscale-name {name}-autoscale --condition "Percentage CPU < 30 avg 10m" --scale in 1',
    ],
    portal: [
      'Open the scale set `{name}`, **Scaling**, **Custom autoscale**, set limits and a rule for CPU, **Save**.',
    ],
    terraform: 'Add `azurerm_monitor_autoscale_setting` and `lifecycle { ignore_changes = [instances] }`.',
    verify: ['The number of instances falls at night (**Scaling**, **Run history**) and rises in time in the morning.'],
    undo: [
      '`az monitor autoscale delete --resource-group {resource_group} --name {name}-autoscale`, then `az vmss scale --ids {id} --new-capacity {evidence.instances}`.',
    ],
  },
  links: [
    {
      title: 'Autoscale of scale sets',
      url: 'https://learn.microsoft.com/azure/virtual-machine-scale-sets/virtual-machine-scale-sets-autoscale-overview',
    },
  ],
  evaluate(scaleSet, { estate, thresholds, finds }) {
    const instances = numberAt(scaleSet, 'sku.capacity');
    if (instances === undefined) return undecided('no_capacity');
    if (instances < thresholds.instances) return fine('too_few_instances');
    if (scaleSetManagerOf(scaleSet)) return fine('managed');
    if (isAutoscaled(scaleSet, estate)) return fine('autoscaled');
    if (finds(idleScaleSet, scaleSet)) return fine('idle');
    const load = metricsOf(estate, scaleSet.resourceId, ['Percentage CPU', 'Available Memory Percentage']);
    if (typeof load === 'string') return undecided(load);
    const [cpu, memory] = load as [(typeof load)[0], (typeof load)[0]];
    if (createdAt(scaleSet) > cpu.from) return fine('made_lately');
    if (cpu.average >= thresholds.cpu) return fine('cpu_in_use');
    const usedMemory = Math.max(0, 100 - memory.p05);
    if (usedMemory >= thresholds.memory) return fine('memory_in_use');
    const share = spareShare(cpu.average, instances);
    return found({
      reason: `${instances} instances run all the time, with ${shown(cpu.average)} % of CPU on average.`,
      evidence: {
        instances,
        cpu_percent: levelEvidence(cpu),
        used_memory_percent_p95: shown(usedMemory),
        spare_share_at_60_percent_cpu: share.high,
      },
      saving: guessed(scaleSetCostOf(scaleSet, estate), share),
      certainty: 0.8 * certaintyOf(load),
    });
  },
});

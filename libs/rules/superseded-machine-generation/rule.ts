import { decimal } from '#core/decimal.js';
import { successorOf } from '../machine-size-name.js';
import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { repriced } from '../savings.js';
import { MANAGED_MACHINES, isMachineCharge, isSpot, managerOf, pricedSystemOf } from '../virtual-machine.js';

/** Machines of sizes that a newer generation does the work of for no more money. */
export const supersededMachineGeneration = defineRule({
  id: 'superseded-machine-generation',
  title: 'Move the machine to the current generation of its size',
  finds:
    'Machines of the second to fourth generation of the families D and E, whose fifth generation computes faster and costs no more. Of the second, Azure has announced the end.',
  leavesOut: [
    MANAGED_MACHINES,
    'Spot machines',
    'sizes whose successor costs more by list price',
    'sizes whose successor the region does not offer to the subscription',
  ],
  savings:
    'The difference between the list prices of both sizes on what its compute cost in the last 30 days; no amount where the prices are equal or unknown.',
  category: 'modernisation',
  action: 'upgrade',
  impact: 'Low',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['costs', 'prices', 'sizes'],
  thresholds: {},
  runbook: {
    check: [
      '`{evidence.target_size}` may have no temporary disk where `{evidence.size}` has one (D:, /dev/sdb). Page files and scratch data must move first, and Azure then asks to make the machine anew from its disks.',
      'A reservation for the old size does not cover the new one: exchange it first.',
    ],
    azureCli: [
      'az vm list-vm-resize-options --ids {id} --query "[].name" --output tsv | grep --fixed-strings --line-regexp {evidence.target_size}',
      'az vm deallocate --ids {id}',
      'az vm resize --ids {id} --size {evidence.target_size}',
      'az vm start --ids {id}',
    ],
    portal: [
      'Open the machine `{name}`, **Availability + scale**, **Size**, choose `{evidence.target_size}`, **Resize**.',
    ],
    terraform: 'Set `size = "{evidence.target_size}"`; applying it restarts the machine.',
    verify: [
      '`az vm show --ids {id} --query hardwareProfile.vmSize` answers {evidence.target_size}; the application answers.',
    ],
    undo: ['`az vm resize --ids {id} --size {evidence.size}`, as long as the region still has it.'],
  },
  links: [
    {
      title: 'Previous generations of machine sizes',
      url: 'https://learn.microsoft.com/azure/virtual-machines/sizes/previous-gen-sizes-list',
    },
    {
      title: 'Sizes without a temporary disk',
      url: 'https://learn.microsoft.com/azure/virtual-machines/azure-vms-no-temp-disk',
    },
  ],
  evaluate(machine, { estate }) {
    const size = textAt(machine, 'properties.hardwareProfile.vmSize');
    if (size === undefined || machine.location === null) return undecided('no_size');
    const target = successorOf(size);
    if (target === undefined) return fine('current_or_without_successor');
    if (managerOf(machine)) return fine('managed');
    if (isSpot(machine)) return fine('spot');
    const { prices, sizes } = estate.reference;
    if (sizes && !sizes.size(machine.location, target)) return fine('not_offered');
    const system = pricedSystemOf(machine);
    const price = prices?.virtualMachineHourly(machine.location, size, system) ?? null;
    const targetPrice = prices?.virtualMachineHourly(machine.location, target, system) ?? null;
    if (price !== null && targetPrice !== null && decimal(targetPrice).gt(price)) return fine('successor_costs_more');
    return found({
      reason: `${size} is superseded by ${target}.`,
      evidence: { size, target_size: target, hourly_list_price: price, hourly_list_price_of_target: targetPrice },
      saving: repriced(estate.costOf(machine.resourceId, isMachineCharge), price, targetPrice),
      certainty: 0.9,
    });
  },
});

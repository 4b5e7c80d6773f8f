import { idleVirtualMachine } from '../idle-virtual-machine/rule.js';
import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';
import { levelEvidence } from '../utilisation.js';
import { MANAGED_MACHINES, computeCostOf, isSpot, managerOf, powerStateOf } from '../virtual-machine.js';

/** How many of its hours a machine need not run that is used in office hours. */
export const SHARE_OF_HOURS = { low: 0.5, likely: 0.6, high: 0.7 };

/** Machines for people who go home in the evening. */
export const virtualMachineOutsideOfficeHours = defineRule({
  id: 'virtual-machine-outside-office-hours',
  title: 'Switch the machine off outside office hours',
  finds:
    'Machines whose tag says that they are no production and which run day and night, weekends included: their CPU was measured in practically every hour of two weeks.',
  leavesOut: [
    MANAGED_MACHINES,
    'machines with an enabled auto-shutdown schedule',
    'machines that idle-virtual-machine finds',
    'Spot machines',
  ],
  savings:
    'A guess: 50 to 70 % of its compute cost, likely 60 %. Twelve hours on five days are 36 % of a week; a start on demand saves more, a night’s work less.',
  category: 'waste',
  action: 'stop',
  impact: 'Medium',
  risk: 'low',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['metrics', 'costs'],
  thresholds: {
    running: {
      default: 95,
      minimum: 80,
      maximum: 100,
      unit: '%',
      meaning: 'Share of the hours of two weeks in which the machine ran',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` who works with the machine when, and what it does at night: builds, backups, tests.',
      'See whether something else needs it: agents, licence servers, databases of other test systems.',
    ],
    azureCli: [
      'az vm auto-shutdown --ids {id} --time 1900',
      '# The time is UTC. Starting in the morning is left to people, or to Start/Stop VMs v2 or an Automation runbook.',
    ],
    portal: [
      'Open the machine `{name}`, **Auto-shutdown**, **On**, choose time, time zone and whom to notify, **Save**.',
    ],
    terraform:
      'Add `azurerm_dev_test_global_vm_shutdown_schedule` with `virtual_machine_id`, `daily_recurrence_time` and `timezone`.',
    verify: [
      'In the morning the state is *Stopped (deallocated)*, and the day’s compute cost has fallen by the hours.',
    ],
    undo: ['`az vm auto-shutdown --ids {id} --off`, and `az vm start --ids {id}`.'],
  },
  links: [
    {
      title: 'Configure auto-shutdown',
      url: 'https://learn.microsoft.com/azure/virtual-machines/auto-shutdown-vm',
    },
  ],
  evaluate(machine, { estate, thresholds, finds }) {
    if (!isNotProduction(machine)) return fine('production_or_unknown');
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state !== 'running') return fine('not_running');
    if (managerOf(machine)) return fine('managed');
    if (isSpot(machine)) return fine('spot');
    const schedules = estate.referringTo(
      machine.resourceId,
      'schedule of machine',
      'microsoft.devtestlab/schedules',
      (schedule) =>
        textAt(schedule, 'properties.status')?.toLowerCase() === 'enabled'
          ? [textAt(schedule, 'properties.targetResourceId')]
          : [],
    );
    if (schedules.length > 0) return fine('scheduled');
    // Charges are sums of weeks; the hours in which its host measured it say when it ran.
    const cpu = estate.metric(machine.resourceId, 'Percentage CPU');
    if (!cpu) return undecided('no_cpu_data');
    if (cpu.coverage * 100 < thresholds.running) return fine('runs_by_the_hour');
    if (finds(idleVirtualMachine, machine)) return fine('idle');
    const environment = environmentOf(machine);
    return found({
      reason: `The machine of environment ${environment} ran in ${Math.round(cpu.coverage * 100)} % of the hours of two weeks, nights and weekends included.`,
      evidence: { environment, cpu_percent: levelEvidence(cpu) },
      saving: guessed(computeCostOf(machine, estate), SHARE_OF_HOURS),
      certainty: 0.7,
    });
  },
});

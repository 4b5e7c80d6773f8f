import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { evaluateVirtualMachineUtilisation } from '../underutilised-virtual-machine/underutilised-virtual-machine.rule.js';
import { certaintyOf, levelEvidence, mebibytesADay, metricsOf, shown } from '../utilisation.js';
import {
  MANAGED_MACHINES,
  SPECIAL_MACHINES,
  computeCostOf,
  createdAt,
  isSpecialMachine,
  managerOf,
  powerStateOf,
} from '../virtual-machine.js';

const TRAFFIC = ['Network In Total', 'Network Out Total', 'Disk Read Bytes', 'Disk Write Bytes'];

/**
 * Running machines that do nothing. Of those that `evaluateVirtualMachineUtilisation` calls underutilised, this rule tells
 * the idle ones to stop and oversized-virtual-machine tells the others to shrink: each machine hears one of the two.
 */
export const idleVirtualMachine = defineRule({
  id: 'idle-virtual-machine',
  title: 'Stop the idle virtual machine',
  finds:
    'Running virtual machines that hardly compute, send, receive, read or write anything for two weeks, with memory to spare.',
  leavesOut: [
    MANAGED_MACHINES,
    SPECIAL_MACHINES,
    'machines made within the two weeks that are looked at',
    'machines of little CPU whose memory is in use, which is what caches look like',
  ],
  savings:
    'What its compute cost in the last 30 days. Disks, addresses and backups go on until they are deleted as well; what a reservation pays for goes on in any case.',
  category: 'waste',
  action: 'stop',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: ['metrics', 'costs'],
  thresholds: {
    cpu: {
      default: 5,
      minimum: 1,
      maximum: 10,
      unit: '%',
      meaning: 'CPU that neither the average nor the 95th percentile of the hours may reach',
    },
    networkPerDay: {
      default: 500,
      minimum: 1,
      maximum: 10_000,
      unit: 'MiB',
      meaning: 'What may be received and sent in an average day',
    },
    diskPerDay: {
      default: 5_000,
      minimum: 1,
      maximum: 100_000,
      unit: 'MiB',
      meaning: 'What may be read and written in an average day; systems log and look for updates',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` what the machine is for: licence servers, jump hosts, domain controllers and stand-ins for disasters are meant to idle.',
      'Look at **Connections** of the machine’s Insights, or log in and see who does, before it is switched off.',
    ],
    azureCli: [
      'az vm deallocate --ids {id}',
      '# After a month without questions: az vm delete --ids {id} --yes, then its disks, network card and address',
    ],
    portal: ['Open **Virtual machines**, choose `{name}`, **Stop**. The state must become *Stopped (deallocated)*.'],
    terraform:
      'Terraform does not keep a machine deallocated; remove `azurerm_linux_virtual_machine` or `azurerm_windows_virtual_machine` for `{name}` once it may go.',
    verify: [
      '`az vm get-instance-view --ids {id} --query "instanceView.statuses[].code"` answers PowerState/deallocated; charges for compute end with the hour.',
    ],
    undo: ['`az vm start --ids {id}`. The address changes if it is dynamic; what was on the temporary disk is gone.'],
  },
  links: [
    {
      title: 'States and billing of virtual machines',
      url: 'https://learn.microsoft.com/azure/virtual-machines/states-billing',
    },
  ],
  evaluate(machine, { estate, thresholds, now }) {
    const state = powerStateOf(machine);
    if (state === undefined) return undecided('no_power_state');
    if (state !== 'running') return fine('not_running');
    if (managerOf(machine)) return fine('managed');
    if (isSpecialMachine(machine, estate)) return fine('special_software');
    const cpu = estate.metric(machine.resourceId, 'Percentage CPU');
    const memory = estate.metric(machine.resourceId, 'Available Memory Percentage');
    const use = evaluateVirtualMachineUtilisation({ cpu, memory, now }, { cpuAverageBelow: thresholds.cpu });
    if (use.verdict === 'in_use') return fine(use.reasonCode);
    if (use.verdict === 'not_evaluated') return undecided(use.reasonCode);
    if (cpu?.p95 == null) return undecided('no_cpu_data');
    if (createdAt(machine) > cpu.from) return fine('made_lately');
    if (cpu.p95 >= thresholds.cpu) return fine('cpu_in_use');
    const traffic = metricsOf(estate, machine.resourceId, TRAFFIC);
    if (typeof traffic === 'string') return undecided(`${traffic}_of_traffic`);
    const [received, sent, read, written] = traffic.map(mebibytesADay) as [number, number, number, number];
    if (received + sent >= thresholds.networkPerDay) return fine('network_in_use');
    if (read + written >= thresholds.diskPerDay) return fine('disk_in_use');
    return found({
      reason: `CPU stayed below ${thresholds.cpu} % in 95 % of the hours, with ${Math.round(received + sent)} MiB of network traffic a day.`,
      evidence: {
        cpu_percent: levelEvidence(cpu),
        memory: use.evidence.memory,
        network_mib_per_day: shown(received + sent),
        disk_mib_per_day: shown(read + written),
      },
      saving: measured(computeCostOf(machine, estate)),
      certainty: certaintyOf([cpu, ...traffic]),
    });
  },
});

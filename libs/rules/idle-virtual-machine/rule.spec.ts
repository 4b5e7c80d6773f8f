import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { load, machine, managedMachines, power, specialMachines } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { idleVirtualMachine } from './rule.js';

const idle = (estate: TestEstate, draft: object = {}, properties: object = {}): InventoryResource => {
  const subject = machine(estate, draft, { ...properties });
  load(estate, subject, { cpu: 2, free: 80 });
  return subject;
};
const loaded = (use: Parameters<typeof load>[2]) => (estate: TestEstate) => {
  const subject = machine(estate);
  load(estate, subject, use);
  return subject;
};

describeRule(idleVirtualMachine, {
  found: {
    'a machine that does nothing, with what its compute costs': {
      given: (estate) => {
        const subject = idle(estate);
        estate.charge(subject, '140.16', { meterCategory: 'Virtual Machines' });
        estate.charge(subject, '10', { meterCategory: 'Virtual Machines Licenses' });
        estate.charge(subject, '1.5', { meterCategory: 'Bandwidth' });
        return subject;
      },
      expected: {
        reason: 'CPU stayed below 5 % in 95 % of the hours, with 20 MiB of network traffic a day.',
        estimatedMonthlySavings: '150.16',
        savingsMethod: 'measured',
        confidence: '0.90',
        evidence: expect.objectContaining({
          cpu_percent: expect.objectContaining({ average: 2, p95: 2, coverage: 1 }),
          network_mib_per_day: 20,
          disk_mib_per_day: 20,
        }),
      },
    },
    'less surely where it was measured less': {
      given: loaded({ cpu: 2, free: 80, coverage: 0.5 }),
      expected: { confidence: '0.75', estimatedMonthlySavings: null },
    },
    'nothing to save where a reservation pays': {
      given: (estate) => {
        const subject = idle(estate);
        estate.charge(subject, '90', { meterCategory: 'Virtual Machines', pricingModel: 'Reservation' });
        return subject;
      },
      expected: { estimatedMonthlySavings: '0', monthlyCost: '90' },
    },
    'a machine of 7 % where the tenant draws the line at 10': {
      given: loaded({ cpu: 7, free: 80 }),
      thresholds: { cpu: 10 },
    },
  },
  fine: {
    'a machine that is switched off': { given: (estate) => idle(estate, {}, power('stopped')), because: 'not_running' },
    'a machine that computes': { given: loaded({ cpu: 20, free: 80 }), because: 'cpu_in_use' },
    'a machine with a nightly job': {
      given: loaded({ cpu: { average: 4, p95: 30, maximum: 100 }, free: 80 }),
      because: 'cpu_in_use',
    },
    'a proxy': { given: loaded({ cpu: 2, free: 80, network: 2000 }), because: 'network_in_use' },
    'a file server': { given: loaded({ cpu: 2, free: 80, disk: 20_000 }), because: 'disk_in_use' },
  },
  leavesOut: {
    'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages': managedMachines(idle),
    'machines with SQL Server, and appliances of the marketplace': specialMachines(idle),
    'machines made within the two weeks that are looked at': [
      (estate) => idle(estate, {}, { timeCreated: estate.daysAgo(13) }),
      (estate) => idle(estate, { firstSeenAt: new Date(estate.daysAgo(3)) }, { timeCreated: undefined }),
    ],
    'machines of little CPU whose memory is in use, which is what caches look like': loaded({ cpu: 2, free: 10 }),
  },
  undecided: {
    no_power_state: (estate) => idle(estate, {}, { extended: undefined }),
    no_cpu_data: (estate) => machine(estate),
    no_memory_data: loaded({ cpu: 2 }),
    low_cpu_coverage: loaded({ cpu: 2, free: 80, coverage: 0.2 }),
    no_metrics_of_traffic: (estate) => {
      const subject = machine(estate);
      const steady = (value: number) => ({ average: value, p05: value, p95: value, maximum: value });
      estate.measure(subject, 'Percentage CPU', steady(2));
      estate.measure(subject, 'Available Memory Percentage', steady(80));
      return subject;
    },
  },
});

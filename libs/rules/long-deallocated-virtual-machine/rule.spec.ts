import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { machine, managedMachines, power } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { longDeallocatedVirtualMachine } from './rule.js';

const off = (estate: TestEstate, draft: object = {}, properties: object = {}): InventoryResource => {
  const subject = machine(estate, draft, { ...power('deallocated'), ...properties });
  for (const name of ['os', 'data']) {
    const disk = estate.add('microsoft.compute/disks', { name, managedBy: subject.resourceId });
    estate.charge(disk, '9.6');
  }
  return subject;
};

describeRule(longDeallocatedVirtualMachine, {
  found: {
    'a machine that has not run for a month, with what its disks cost': {
      given: (estate) => {
        estate.charge(estate.add('microsoft.compute/disks', { name: 'other' }), '50');
        return off(estate);
      },
      expected: {
        reason:
          'Nothing was charged for running the machine from 2026-03-21 to 2026-04-19, but its 2 disks are paid for.',
        estimatedMonthlySavings: '19.2',
        savingsMethod: 'measured',
        confidence: '0.75',
        evidence: expect.objectContaining({ disks: 2 }),
      },
    },
    'a machine with other charges than for running': {
      given: (estate) => {
        const subject = off(estate);
        estate.charge(subject, '10', { meterCategory: 'Backup' });
        return subject;
      },
      expected: { estimatedMonthlySavings: '19.2' },
    },
  },
  fine: {
    'a machine that runs': { given: (estate) => off(estate, {}, power('running')), because: 'not_deallocated' },
    'a machine that ran last week': {
      given: (estate) => {
        const subject = off(estate);
        estate.charge(subject, '5', { meterCategory: 'Virtual Machines' });
        return subject;
      },
      because: 'ran_lately',
    },
    'a machine that ran for the first time yesterday': {
      given: (estate) => {
        const subject = off(estate);
        estate.charge(subject, '5', { meterCategory: 'Virtual Machines', firstDay: '2026-04-19' });
        return subject;
      },
      because: 'ran_lately',
    },
    'a machine without managed disks': {
      given: (estate) => machine(estate, {}, power('deallocated')),
      because: 'no_disks',
    },
  },
  leavesOut: {
    'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages': managedMachines(off),
    'machines made within the month': (estate) => off(estate, {}, { timeCreated: estate.daysAgo(20) }),
  },
  undecided: {
    no_power_state: (estate) => off(estate, {}, { extended: null }),
    no_costs: (estate) => {
      estate.costsKnown = false;
      return off(estate);
    },
    costs_of_few_days: (estate) => {
      estate.costDays = 20;
      return off(estate);
    },
  },
});

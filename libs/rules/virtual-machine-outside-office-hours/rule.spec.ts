import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { load, machine, managedMachines, power } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { virtualMachineOutsideOfficeHours } from './rule.js';

const BUSY = { cpu: 40, free: 40 };
const always = (
  estate: TestEstate,
  draft: object = {},
  properties: object = {},
  use: Parameters<typeof load>[2] = BUSY,
): InventoryResource => {
  const given = draft as { tags?: object };
  const subject = machine(estate, { ...draft, tags: { environment: 'Dev', ...given.tags } }, properties);
  load(estate, subject, use);
  return subject;
};
const scheduled = (estate: TestEstate, status: string) => {
  const subject = always(estate);
  estate.add('microsoft.devtestlab/schedules', {
    name: 'shutdown-computevm-vm',
    properties: { status, taskType: 'ComputeVmShutdownTask', targetResourceId: subject.originalId },
  });
  return subject;
};

describeRule(virtualMachineOutsideOfficeHours, {
  found: {
    'a development machine that runs day and night': {
      given: (estate) => {
        const subject = always(estate);
        estate.charge(subject, '100', { meterCategory: 'Virtual Machines' });
        return subject;
      },
      expected: {
        reason: 'The machine of environment dev ran in 100 % of the hours of two weeks, nights and weekends included.',
        estimatedMonthlySavings: '60',
        savingsLow: '50',
        savingsHigh: '70',
        monthlyCost: '100',
        savingsMethod: 'guessed',
        confidence: '0.35',
      },
    },
    'a machine whose schedule is switched off': { given: (estate) => scheduled(estate, 'Disabled') },
  },
  fine: {
    'a machine of production': {
      given: (estate) => always(estate, { tags: { environment: 'prod' } }),
      because: 'production_or_unknown',
    },
    'a machine of unknown purpose': {
      given: (estate) => {
        const subject = machine(estate);
        load(estate, subject, BUSY);
        return subject;
      },
      because: 'production_or_unknown',
    },
    'a machine of office hours': {
      given: (estate) => always(estate, {}, {}, { ...BUSY, coverage: 0.4 }),
      because: 'runs_by_the_hour',
    },
    'a machine that is off': { given: (estate) => always(estate, {}, power('deallocated')), because: 'not_running' },
  },
  leavesOut: {
    'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages': managedMachines(always),
    'machines with an enabled auto-shutdown schedule': (estate) => scheduled(estate, 'Enabled'),
    'machines that idle-virtual-machine finds': (estate) => always(estate, {}, {}, { cpu: 1, free: 80 }),
    'Spot machines': (estate) => always(estate, {}, { priority: 'Spot' }),
  },
  undecided: {
    no_power_state: (estate) => always(estate, {}, { extended: undefined }),
    no_cpu_data: (estate) => machine(estate, { tags: { environment: 'dev' } }),
  },
});

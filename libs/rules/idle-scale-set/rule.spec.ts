import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import { machine } from '../testing/machines.js';
import { managedScaleSets, scaleSet } from '../testing/scale-sets.js';
import { idleScaleSet } from './rule.js';

const IDLE = { cpu: 2, free: 80, network: 30 };

describeRule(idleScaleSet, {
  found: {
    'a scale set that does nothing, with what its compute costs': {
      given: (estate) => {
        const subject = scaleSet(estate, IDLE);
        estate.charge(subject, '7', { meterCategory: 'Bandwidth' });
        return subject;
      },
      expected: {
        reason: 'CPU of 3 instances stayed below 5 % in 95 % of the hours, with 10 MiB of network traffic a day each.',
        estimatedMonthlySavings: '420',
        savingsMethod: 'measured',
        confidence: '0.90',
        evidence: expect.objectContaining({ instances: 3, network_mib_per_day_and_instance: 10 }),
      },
    },
    'a scale set whose instances are billed one by one, with what they cost': {
      given: (estate) => {
        const subject = scaleSet(estate, IDLE);
        for (const name of ['a', 'b']) {
          const member = machine(estate, { name }, { virtualMachineScaleSet: { id: subject.originalId } });
          estate.charge(member, '100', { meterCategory: 'Virtual Machines' });
        }
        return subject;
      },
      expected: { estimatedMonthlySavings: '620' },
    },
  },
  fine: {
    'a scale set without instances': {
      given: (estate) => scaleSet(estate, IDLE, { sku: { capacity: 0 } }),
      because: 'no_instances',
    },
    'a scale set that computes': {
      given: (estate) => scaleSet(estate, { ...IDLE, cpu: 30 }),
      because: 'cpu_in_use',
    },
    'a scale set that computes at night': {
      given: (estate) => scaleSet(estate, { ...IDLE, cpu: { average: 4, p95: 50, maximum: 90 } }),
      because: 'cpu_in_use',
    },
    'a scale set of proxies': {
      given: (estate) => scaleSet(estate, { ...IDLE, network: 9000 }),
      because: 'network_in_use',
    },
  },
  leavesOut: {
    'scale sets that Kubernetes, Service Fabric, Databricks, Batch or Azure DevOps manages': managedScaleSets(IDLE),
    'scale sets made within the two weeks that are looked at': (estate) =>
      scaleSet(estate, IDLE, {}, { timeCreated: estate.daysAgo(3) }),
    'scale sets of little CPU whose memory is in use': (estate) => scaleSet(estate, { ...IDLE, free: 8 }),
  },
  undecided: {
    no_capacity: (estate) => scaleSet(estate, IDLE, { sku: null }),
    no_cpu_data: (estate) => scaleSet(estate, null),
    no_memory_data: (estate) => scaleSet(estate, { cpu: 2 }),
    low_cpu_coverage: (estate) => scaleSet(estate, { ...IDLE, coverage: 0.1 }),
    no_metrics_of_traffic: (estate) => {
      const subject = scaleSet(estate, null);
      const steady = (value: number) => ({ average: value, p05: value, p95: value, maximum: value });
      estate.measure(subject, 'Percentage CPU', steady(2));
      estate.measure(subject, 'Available Memory Percentage', steady(80));
      return subject;
    },
  },
});

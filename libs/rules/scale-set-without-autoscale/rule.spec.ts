import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import { managedScaleSets, scaleSet } from '../testing/scale-sets.js';
import type { TestEstate } from '../testing/test-estate.js';
import { scaleSetWithoutAutoscale } from './rule.js';

const LITTLE = { cpu: 12, free: 70 };
const withSetting = (estate: TestEstate, enabled: boolean) => {
  const subject = scaleSet(estate, LITTLE);
  estate.add('microsoft.insights/autoscalesettings', {
    properties: { enabled, targetResourceUri: subject.originalId.toUpperCase() },
  });
  return subject;
};

describeRule(scaleSetWithoutAutoscale, {
  found: {
    'three instances of little use, with a guess at what two of them cost': {
      given: (estate) => scaleSet(estate, LITTLE),
      expected: {
        reason: '3 instances run all the time, with 12 % of CPU on average.',
        estimatedMonthlySavings: '140.7',
        savingsLow: '0',
        savingsHigh: '281.4',
        monthlyCost: '420',
        savingsMethod: 'guessed',
        confidence: '0.36',
        evidence: expect.objectContaining({ instances: 3, spare_share_at_60_percent_cpu: 0.67 }),
      },
    },
    'a scale set whose setting is switched off': { given: (estate) => withSetting(estate, false) },
  },
  fine: {
    'a single instance': {
      given: (estate) => scaleSet(estate, LITTLE, { sku: { capacity: 1 } }),
      because: 'too_few_instances',
    },
    'instances that compute': { given: (estate) => scaleSet(estate, { cpu: 45, free: 70 }), because: 'cpu_in_use' },
    'instances that hold a lot': {
      given: (estate) => scaleSet(estate, { cpu: 12, free: 30 }),
      because: 'memory_in_use',
    },
  },
  leavesOut: {
    'scale sets that Kubernetes, Service Fabric, Databricks, Batch or Azure DevOps manages': managedScaleSets(LITTLE),
    'scale sets with an enabled autoscale setting': (estate) => withSetting(estate, true),
    'scale sets that idle-scale-set finds': (estate) => scaleSet(estate, { cpu: 2, free: 80 }),
    'scale sets made within the two weeks that are looked at': (estate) =>
      scaleSet(estate, LITTLE, {}, { timeCreated: estate.daysAgo(3) }),
  },
  undecided: {
    no_capacity: (estate) => scaleSet(estate, LITTLE, { sku: {} }),
    no_metrics: (estate) => scaleSet(estate, { cpu: 12 }),
    low_coverage: (estate) => scaleSet(estate, { ...LITTLE, coverage: 0.1 }),
  },
});

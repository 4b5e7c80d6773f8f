import { expect } from 'vitest';
import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import { machine, managedMachines } from '../testing/machines.js';
import { fakePrices } from '../testing/fake-prices.js';
import { size, sizes } from '../testing/fake-sizes.js';
import type { TestEstate } from '../testing/test-estate.js';
import { supersededMachineGeneration } from './rule.js';

const old = (estate: TestEstate, draft: object = {}, properties: object = {}): InventoryResource => {
  const subject = machine(estate, draft, { hardwareProfile: { vmSize: 'Standard_DS3_v2' }, ...properties });
  estate.charge(subject, '200', { meterCategory: 'Virtual Machines' });
  return subject;
};
const listed = (estate: TestEstate, hourly: Record<string, string>) => {
  estate.reference = { prices: fakePrices({ virtualMachineHourly: (_, name) => hourly[name] ?? null }), sizes: null };
};

describeRule(supersededMachineGeneration, {
  found: {
    'a size whose successor costs less, with the difference': {
      given: (estate) => {
        listed(estate, { Standard_DS3_v2: '0.25', Standard_D4ds_v5: '0.2' });
        return old(estate);
      },
      expected: {
        reason: 'Standard_DS3_v2 is superseded by Standard_D4ds_v5.',
        estimatedMonthlySavings: '40',
        savingsMethod: 'priced',
        confidence: '0.81',
        evidence: expect.objectContaining({ size: 'Standard_DS3_v2', target_size: 'Standard_D4ds_v5' }),
      },
    },
    'a size whose successor costs the same, without an amount': {
      given: (estate) => {
        listed(estate, { Standard_D4s_v3: '0.192', Standard_D4s_v5: '0.192' });
        return old(estate, {}, { hardwareProfile: { vmSize: 'Standard_D4s_v3' } });
      },
      expected: { estimatedMonthlySavings: null, savingsMethod: null },
    },
    'a size of which no price is known, without an amount': {
      given: (estate) => old(estate),
      expected: { estimatedMonthlySavings: null },
    },
    'a size whose successor is offered': {
      given: (estate) => {
        estate.reference = { prices: null, sizes: sizes(size(4, { name: 'Standard_D4ds_v5' })) };
        return old(estate);
      },
    },
  },
  fine: { 'a size of today': { given: (estate) => machine(estate), because: 'current_or_without_successor' } },
  leavesOut: {
    'machines that Kubernetes, a scale set, Databricks or Virtual Desktop manages': managedMachines(old),
    'Spot machines': (estate) => old(estate, {}, { priority: 'Spot' }),
    'sizes whose successor costs more by list price': (estate) => {
      listed(estate, { Standard_DS3_v2: '0.2', Standard_D4ds_v5: '0.21' });
      return old(estate);
    },
    'sizes whose successor the region does not offer to the subscription': (estate) => {
      estate.reference = { prices: null, sizes: sizes(size(4)) };
      return old(estate);
    },
  },
  undecided: {
    no_size: [(estate) => old(estate, {}, { hardwareProfile: {} }), (estate) => old(estate, { location: null })],
  },
});

import { describeRule } from '../testing/describe-rule.js';
import { machine } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { emptyAvailabilitySet } from './rule.js';

const set = (estate: TestEstate, draft: object = {}, virtualMachines: unknown = []) =>
  estate.add('microsoft.compute/availabilitysets', { name: 'avail', properties: { virtualMachines }, ...draft });

describeRule(emptyAvailabilitySet, {
  found: {
    'a set without machines, which costs nothing': {
      given: (estate) => set(estate),
      expected: { estimatedMonthlySavings: null, savingsMethod: null, confidence: '0.95' },
    },
  },
  fine: {
    'a set with a machine': { given: (estate) => set(estate, {}, [{ id: '/vm' }]), because: 'in_use' },
    'a set that a machine refers to': {
      given: (estate) => {
        const subject = set(estate);
        machine(estate, {}, { availabilitySet: { id: subject.originalId.toUpperCase() } });
        return subject;
      },
      because: 'in_use',
    },
  },
  leavesOut: {
    'sets of Site Recovery, which are filled in a failover': (estate) => set(estate, { name: 'avail-asr' }),
    'sets that Kubernetes manages': (estate) => set(estate, { resourceGroup: 'MC_rg_aks_westeurope' }),
  },
  undecided: { no_list_of_machines: (estate) => set(estate, {}, null) },
});

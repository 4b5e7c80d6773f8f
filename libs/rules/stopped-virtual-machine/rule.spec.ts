import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import { machine, power } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { stoppedVirtualMachine } from './rule.js';

const stopped = (estate: TestEstate, draft: object = {}, properties: object = {}) =>
  machine(estate, draft, { ...power('stopped'), ...properties });

describeRule(stoppedVirtualMachine, {
  found: {
    'a machine that was shut down from within, with what its compute costs': {
      given: (estate) => {
        const subject = stopped(estate);
        estate.charge(subject, '140.16', { meterCategory: 'Virtual Machines' });
        estate.charge(subject, '3', { meterCategory: 'Backup' });
        return subject;
      },
      expected: {
        estimatedMonthlySavings: '140.16',
        savingsMethod: 'measured',
        confidence: '0.95',
        evidence: expect.objectContaining({ power_state: 'stopped', operating_system: 'Linux' }),
      },
    },
    'a session host that its user has shut down': {
      given: (estate) => stopped(estate, {}, { licenseType: 'Windows_Client' }),
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a running machine': { given: (estate) => machine(estate), because: 'not_stopped' },
    'a machine on its way to deallocation': {
      given: (estate) => machine(estate, {}, power('deallocating')),
      because: 'not_stopped',
    },
  },
  leavesOut: {
    'deallocated machines, which cost no compute': (estate) => machine(estate, {}, power('deallocated')),
    'nodes of Kubernetes and Databricks, members of scale sets': [
      (estate) => stopped(estate, { resourceGroup: 'mc_shop_aks_westeurope' }),
      (estate) => stopped(estate, { tags: { vendor: 'Databricks' } }),
      (estate) => stopped(estate, {}, { virtualMachineScaleSet: { id: '/vmss' } }),
    ],
  },
  undecided: { no_power_state: (estate) => stopped(estate, {}, { extended: {} }) },
});

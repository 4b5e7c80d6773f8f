import { describeRule } from '../testing/describe-rule.js';
import { machine } from '../testing/machines.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unmanagedDiskVirtualMachine } from './rule.js';

const uri = 'https://stvhds.blob.core.windows.net/vhds/vm.vhd';
const withDisk = (estate: TestEstate, osDisk: object | undefined) =>
  machine(estate, {}, { storageProfile: { osDisk } });

describeRule(unmanagedDiskVirtualMachine, {
  found: {
    'a machine on a page blob': {
      given: (estate) => withDisk(estate, { osType: 'Linux', vhd: { uri } }),
      expected: { evidence: { vhd_uri: uri }, estimatedMonthlySavings: null, confidence: '0.98' },
    },
  },
  fine: { 'a machine on a managed disk': { given: (estate) => machine(estate), because: 'managed_disk' } },
  leavesOut: {
    'machines with managed or ephemeral system disks': [
      (estate) => withDisk(estate, { managedDisk: { storageAccountType: 'Premium_LRS' } }),
      (estate) => withDisk(estate, { diffDiskSettings: { option: 'Local' }, managedDisk: { id: '/disk' } }),
    ],
  },
  undecided: {
    no_system_disk: (estate) => withDisk(estate, undefined),
    no_place_of_disk: (estate) => withDisk(estate, { osType: 'Linux' }),
  },
});

import { textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';

/** Machines whose disks are blobs in a storage account. */
export const unmanagedDiskVirtualMachine = defineRule({
  id: 'unmanaged-disk-virtual-machine',
  title: 'Move the machine to managed disks',
  finds:
    'Virtual machines whose system disk is a page blob in a storage account. Azure has retired unmanaged disks: such machines are stopped and cannot be started any more.',
  leavesOut: ['machines with managed or ephemeral system disks'],
  savings: 'None is claimed: managed disks are billed by size, blobs by what they hold, so that either may cost more.',
  category: 'modernisation',
  action: 'upgrade',
  impact: 'High',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.compute/virtualmachines'],
  needs: [],
  thresholds: {},
  runbook: {
    check: [
      'Back the machine up: the conversion cannot be undone. All machines of an availability set are converted together.',
      'Plan the interruption: the machine is deallocated for some minutes, and a dynamic address changes.',
    ],
    azureCli: ['az vm deallocate --ids {id}', 'az vm convert --ids {id}', 'az vm start --ids {id}'],
    portal: ['Open the machine `{name}`, **Disks**, **Migrate to managed disks**.'],
    terraform:
      'Replace `azurerm_virtual_machine` by `azurerm_linux_virtual_machine` or `azurerm_windows_virtual_machine` and import the converted machine.',
    verify: [
      '`az vm show --ids {id} --query storageProfile.osDisk.managedDisk.id` answers an id; the application answers.',
      'The blob `{evidence.vhd_uri}` is still there and still costs: delete it once the machine has run for a while.',
    ],
    undo: [
      'Not possible. Until the old blobs are deleted, a machine can be made anew from them on managed disks only.',
    ],
  },
  links: [
    {
      title: 'Unmanaged disks are retired',
      url: 'https://learn.microsoft.com/azure/virtual-machines/unmanaged-disks-deprecation',
    },
  ],
  evaluate(machine) {
    const system = valueAt(machine, 'properties.storageProfile.osDisk');
    if (system === undefined) return undecided('no_system_disk');
    const uri = textAt(machine, 'properties.storageProfile.osDisk.vhd.uri');
    if (uri === undefined) {
      const isManaged = valueAt(machine, 'properties.storageProfile.osDisk.managedDisk') !== undefined;
      return isManaged ? fine('managed_disk') : undecided('no_place_of_disk');
    }
    return found({
      reason: 'The system disk is a blob in a storage account, which Azure no longer supports.',
      evidence: { vhd_uri: uri },
      saving: null,
      certainty: 0.98,
    });
  },
});

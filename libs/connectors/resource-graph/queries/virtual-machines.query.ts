import { pipe, type ResourceGraphQuery } from './query.js';

/** What each machine is sized and paid for. */
export const virtualMachines: ResourceGraphQuery = {
  name: 'virtual-machines',
  title: 'Virtual machines',
  finds: 'Every virtual machine with its size, operating system, licence, priority and power state.',
  family: 'rightsizing',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.compute/virtualmachines'",
    'project id, name, type, location, resourceGroup, subscriptionId, tags, zones, ' +
      'size = tostring(properties.hardwareProfile.vmSize), ' +
      'osType = tostring(properties.storageProfile.osDisk.osType), ' +
      'licenseType = tostring(properties.licenseType), priority = tostring(properties.priority), ' +
      // An extended property: only Resource Graph carries the state of all machines in one answer. PowerState/stopped
      // is still billed, PowerState/deallocated is not.
      'powerState = tostring(properties.extended.instanceView.powerState.code), ' +
      'timeCreated = todatetime(properties.timeCreated)',
  ),
};

import { pipe, type ResourceGraphQuery } from './query.js';
import { NOT_MARKED_TO_KEEP } from './tag-conditions.js';

/** Network interfaces without a machine. */
export const orphanedNetworkInterfaces: ResourceGraphQuery = {
  name: 'orphaned-network-interfaces',
  title: 'Orphaned network interfaces',
  finds:
    'Network interfaces of no machine; free of charge, but they hold addresses and block deletions. Left out: those ' +
    'of private endpoints, private link services and hosted workloads such as NetApp volumes, and those marked to keep.',
  family: 'waste',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.network/networkinterfaces'",
    'where isempty(properties.virtualMachine)',
    'where isempty(properties.privateEndpoint)',
    'where isempty(properties.privateLinkService)',
    // A delegated subnet's interface serves what `hostedWorkloads` names, e.g. a NetApp volume (Azure Orphan Resources,
    // "Network Interfaces"); everywhere else the list is empty or absent.
    'where coalesce(array_length(properties.hostedWorkloads), 0) == 0',
    `where ${NOT_MARKED_TO_KEEP}`,
    'project id, name, type, location, resourceGroup, subscriptionId, tags, ' +
      'subnetId = tostring(properties.ipConfigurations[0].properties.subnet.id), ' +
      'privateIpAddress = tostring(properties.ipConfigurations[0].properties.privateIPAddress)',
  ),
};

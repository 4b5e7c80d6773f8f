import { pipe, type ResourceGraphQuery } from './query.js';
import { NOT_MARKED_TO_KEEP } from './tag-conditions.js';

/** Public addresses that nothing answers on. */
export const orphanedPublicIps: ResourceGraphQuery = {
  name: 'orphaned-public-ips',
  title: 'Orphaned public IP addresses',
  finds:
    'Public IP addresses that belong to no configuration. Left out: addresses of NAT gateways, addresses drawn from a ' +
    'prefix, and addresses marked to keep.',
  family: 'waste',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.network/publicipaddresses'",
    'where isempty(properties.ipConfiguration)',
    // A NAT gateway names its addresses itself; they have no configuration.
    'where isempty(properties.natGateway)',
    // The prefix is billed, used or not: deleting the address saves nothing (Azure Orphan Resources, "Public IPs").
    'where isempty(properties.publicIPPrefix)',
    `where ${NOT_MARKED_TO_KEEP}`,
    'project id, name, type, location, resourceGroup, subscriptionId, tags, skuName = tostring(sku.name), ' +
      'ipAddress = tostring(properties.ipAddress), allocation = tostring(properties.publicIPAllocationMethod)',
  ),
};

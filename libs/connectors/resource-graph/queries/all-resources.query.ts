import { pipe, type ResourceGraphQuery } from './query.js';

/** What the inventory is made of. */
export const allResources: ResourceGraphQuery = {
  name: 'all-resources',
  title: 'All resources',
  finds: 'Every resource with its tags, SKU and properties.',
  family: 'inventory',
  kql: pipe(
    'Resources',
    'project id, name, type, kind, location, resourceGroup, subscriptionId, managedBy, tags, sku, properties',
  ),
};

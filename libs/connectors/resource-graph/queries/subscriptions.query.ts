import { pipe, type ResourceGraphQuery } from './query.js';

/** What an answer covers. */
export const subscriptions: ResourceGraphQuery = {
  name: 'subscriptions',
  title: 'Readable subscriptions',
  finds:
    'The subscriptions that an answer covers: those without any resource have no row of their own in `Resources`, ' +
    'and those that the credential may not read are left out silently.',
  family: 'inventory',
  kql: pipe('ResourceContainers', "where type == 'microsoft.resources/subscriptions'", 'project id, subscriptionId'),
};

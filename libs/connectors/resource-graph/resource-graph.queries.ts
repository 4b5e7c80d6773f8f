/**
 * All resources. `id` is projected because Resource Graph gives no continuation token without it, and ordered by
 * because its token is an offset: without a unique order, pages would repeat and skip rows.
 */
export const RESOURCES_QUERY = [
  'Resources',
  'project id, name, type, kind, location, resourceGroup, subscriptionId, tags, sku, properties',
  'order by id asc',
].join('\n| ');

/** The subscriptions that the answer covers: those without any resource have no row of their own in `Resources`. */
export const SUBSCRIPTIONS_QUERY = [
  'ResourceContainers',
  "where type == 'microsoft.resources/subscriptions'",
  'project id, subscriptionId',
  'order by id asc',
].join('\n| ');

/** Advisor's cost recommendations, suppressed ones included. */
export const ADVISOR_QUERY = [
  'AdvisorResources',
  "where type == 'microsoft.advisor/recommendations' and properties.category == 'Cost'",
  'project id, name, subscriptionId, properties',
  'order by id asc',
].join('\n| ');

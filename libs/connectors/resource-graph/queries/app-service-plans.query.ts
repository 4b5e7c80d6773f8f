import { pipe, type ResourceGraphQuery } from './query.js';

/** What each App Service plan is sized for. */
export const appServicePlans: ResourceGraphQuery = {
  name: 'app-service-plans',
  title: 'App Service plans',
  finds:
    'App Service plans with their tier, workers and sites. Left out: tiers without workers to size (Free, Consumption, ' +
    'Flex Consumption).',
  family: 'rightsizing',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.web/serverfarms'",
    // Free costs nothing, Consumption is billed by execution (FinOps hub's rule for empty plans has the same guard).
    "where tostring(sku.tier) !in~ ('Free', 'Dynamic', 'FlexConsumption')",
    'project id, name, type, kind, location, resourceGroup, subscriptionId, tags, tier = tostring(sku.tier), ' +
      'skuName = tostring(sku.name), workerCount = coalesce(toint(properties.numberOfWorkers), toint(sku.capacity)), ' +
      'capacity = toint(sku.capacity), siteCount = toint(properties.numberOfSites), status = tostring(properties.status)',
  ),
};

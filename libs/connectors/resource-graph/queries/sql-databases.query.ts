import { pipe, type ResourceGraphQuery } from './query.js';

/** What each SQL database is sized for. */
export const sqlDatabases: ResourceGraphQuery = {
  name: 'sql-databases',
  title: 'SQL databases',
  finds:
    'SQL databases with how they are bought (DTU, vCore, data warehouse units, or as part of an elastic pool), tier and ' +
    "capacity in that unit. Left out: each server's master database, which is neither sized nor billed.",
  family: 'rightsizing',
  kql: pipe(
    'Resources',
    "where type =~ 'microsoft.sql/servers/databases'",
    "where not(name =~ 'master' or tostring(sku.tier) =~ 'System')",
    'extend tier = tostring(sku.tier), elasticPoolId = tostring(properties.elasticPoolId)',
    // A pool's members have no size of their own; their SKU repeats the pool's tier with a capacity of 0.
    "extend purchasingModel = case(isnotempty(elasticPoolId), 'ElasticPool', " +
      "tier in~ ('Basic', 'Standard', 'Premium'), 'DTU', tier =~ 'DataWarehouse', 'DWU', 'vCore')",
    'project id, name, type, kind, location, resourceGroup, subscriptionId, tags, purchasingModel, tier, ' +
      'skuName = tostring(sku.name), capacity = toint(sku.capacity), elasticPoolId, ' +
      'serviceObjective = tostring(properties.currentServiceObjectiveName), ' +
      'maxSizeBytes = tolong(properties.maxSizeBytes), licenseType = tostring(properties.licenseType), ' +
      'status = tostring(properties.status)',
  ),
};

import { daysBetween, instantAt, textAt, numberAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** Elastic pools that no database is in. */
export const emptyElasticPool = defineRule({
  id: 'empty-elastic-pool',
  title: 'Delete the empty elastic pool',
  finds: 'SQL elastic pools without a database; they are billed for the size they provide, used or not.',
  leavesOut: ['pools made only lately, which may be about to be filled'],
  savings: 'What the pool itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.sql/servers/elasticpools'],
  needs: ['costs'],
  thresholds: {
    ageDays: {
      default: 7,
      minimum: 0,
      maximum: 365,
      unit: 'days',
      meaning: 'How old an empty pool must be',
    },
  },
  runbook: {
    check: ['Ask the owner of resource group `{resource_group}` whether databases are about to move into `{name}`.'],
    azureCli: ['az sql elastic-pool list-dbs --ids {id} --output table', 'az sql elastic-pool delete --ids {id}'],
    portal: ['Open **SQL elastic pools**, choose `{name}`, see that it has no databases, then **Delete**.'],
    terraform: 'Remove the `azurerm_mssql_elasticpool` for `{name}`.',
    verify: ['`az sql elastic-pool show --ids {id}` answers ResourceNotFound; the pool’s cost ends with the hour.'],
    undo: [
      'A pool holds no data; make it again on its server: `az sql elastic-pool create --resource-group {resource_group} --server SERVER --name {evidence.pool} --edition {evidence.tier} --capacity {evidence.capacity}`.',
    ],
  },
  links: [
    {
      title: 'Manage elastic pools in Azure SQL Database',
      url: 'https://learn.microsoft.com/azure/azure-sql/database/elastic-pool-manage',
    },
  ],
  evaluate(pool, { estate, thresholds, now }) {
    const databases = estate.referringTo(
      pool.resourceId,
      'databases in pools',
      'microsoft.sql/servers/databases',
      (db) => [textAt(db, 'properties.elasticPoolId')],
    );
    if (databases.length > 0) return fine('in_use');
    const created = instantAt(pool, 'properties.creationDate');
    if (created === undefined) return undecided('no_creation_date');
    const days = Math.floor(daysBetween(created, now));
    if (days < thresholds.ageDays) return fine('made_lately');
    return found({
      reason: `The pool is ${days} days old and has no database.`,
      evidence: {
        created,
        pool: pool.resourceId.slice(pool.resourceId.lastIndexOf('/') + 1),
        sku: textAt(pool, 'sku.name') ?? null,
        tier: textAt(pool, 'sku.tier') ?? null,
        capacity: numberAt(pool, 'sku.capacity') ?? null,
      },
      saving: measured(estate.costOf(pool.resourceId)),
      certainty: 0.95,
    });
  },
});

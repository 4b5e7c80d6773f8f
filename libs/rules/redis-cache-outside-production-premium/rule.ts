import type { InventoryResource } from '#core/facts.js';
import { listAt, numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** Premium caches for tests. */
export const redisCacheOutsideProductionPremium = defineRule({
  id: 'redis-cache-outside-production-premium',
  title: 'Use a smaller tier for the Redis cache',
  finds:
    'Azure Cache for Redis of the Premium tier whose tag says that it is no production, and which uses nothing that only Premium has.',
  leavesOut: [
    'caches of production, or that no tag says otherwise of',
    'caches with shards, more replicas or a linked cache',
    'caches that write their data to storage',
    'caches in a virtual network',
  ],
  savings:
    'A guess: 20 to 60 % of what the cache cost in the last 30 days, likely 40 %. By list price Standard of the same memory costs about a fifth less and Basic, without a replica, less than half.',
  category: 'rate',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.cache/redis'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'A cache cannot be scaled down from Premium: a new one takes its place, with another name and other keys. See who connects (**Connected Clients**) and whether the data can be lost.',
      'Azure Cache for Redis is being retired in favour of Azure Managed Redis: a cache that stays is better moved there at once, and must be where no new one of the old kind can be made.',
    ],
    azureCli: [
      'az redis show --ids {id} --query "[sku, redisVersion, redisConfiguration]" --output json',
      '# Or the smallest of Azure Managed Redis: az redisenterprise create --resource-group {resource_group} --name … --sku Balanced_B0',
      'az redis create --resource-group {resource_group} --name {name}-basic --location {location} --sku Basic --vm-size c2',
      '# Point the applications to the new cache, then: az redis delete --ids {id} --yes',
    ],
    portal: [
      'Create a cache of Basic or Standard of sufficient memory, move the applications, then **Delete** `{name}`.',
    ],
    terraform: 'Set `sku_name = "Basic"`, `family = "C"` and `capacity` in `azurerm_redis_cache`; it is made anew.',
    verify: ['The applications work with the new cache, **Connected Clients** of the old one is 0, and it is deleted.'],
    undo: ['As long as the old cache exists, point the applications back to it; deleted data does not come back.'],
  },
  links: [
    {
      title: 'Scale a cache, and what cannot be scaled',
      url: 'https://learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-scale',
    },
  ],
  evaluate(cache, { estate }) {
    // Unlike elsewhere the SKU is one of the properties.
    const tier = textAt(cache, 'properties.sku.name');
    if (tier === undefined) return undecided('no_tier');
    if (tier.toLowerCase() !== 'premium') return fine('not_premium');
    if (!isNotProduction(cache)) return fine('production_or_unknown');
    const feature = premiumFeatureOf(cache);
    if (feature) return fine(feature);
    const environment = environmentOf(cache);
    return found({
      reason: `The cache of environment ${environment} pays for Premium and uses nothing that only Premium has.`,
      evidence: { tier, environment, capacity: numberAt(cache, 'properties.sku.capacity') ?? null },
      saving: guessed(estate.costOf(cache.resourceId), { low: 0.2, likely: 0.4, high: 0.6 }),
      certainty: 0.75,
    });
  },
});

/** What the cache could not do in another tier; undefined where nothing is seen. */
function premiumFeatureOf(cache: InventoryResource): string | undefined {
  const number = (name: string) => numberAt(cache, `properties.${name}`) ?? 0;
  if (number('shardCount') > 0) return 'sharded';
  if (number('replicasPerMaster') > 1 || number('replicasPerPrimary') > 1) return 'replicated';
  if (listAt(cache, 'properties.linkedServers').length > 0) return 'linked';
  const writes = ['rdb-backup-enabled', 'aof-backup-enabled'].some(
    (name) => textAt(cache, `properties.redisConfiguration.${name}`)?.toLowerCase() === 'true',
  );
  if (writes) return 'persistent';
  return textAt(cache, 'properties.subnetId') === undefined ? undefined : 'in_virtual_network';
}

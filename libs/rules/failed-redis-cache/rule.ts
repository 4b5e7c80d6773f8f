import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

const HOUR_MS = 3_600_000;

/** Caches that never came to be, or broke. */
export const failedRedisCache = defineRule({
  id: 'failed-redis-cache',
  title: 'Delete the failed Redis cache',
  finds: 'Azure Cache for Redis that failed to be made or changed, or has been in the making for hours.',
  leavesOut: ['caches that have been in the making for a short time only'],
  savings: 'What the cache cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.cache/redis'],
  needs: ['costs'],
  thresholds: {
    creatingHours: {
      default: 4,
      minimum: 1,
      maximum: 72,
      unit: 'hours',
      meaning: 'How long a cache may be in the making; Azure takes up to half an hour',
    },
  },
  runbook: {
    check: [
      'A cache whose last change failed may serve all the same: look at **Connected Clients** and **Cache Hits** of `{name}`. If they are not 0, repair it instead: repeat the change or ask the support.',
      'Look into the activity log for what failed: a subnet, a policy, a quota. It will fail again otherwise.',
    ],
    azureCli: ['az redis show --ids {id} --query provisioningState', 'az redis delete --ids {id} --yes'],
    portal: ['Open **Azure Cache for Redis**, choose `{name}`, look at its metrics, then **Delete**.'],
    terraform:
      'Remove `azurerm_redis_cache` for `{name}`, or `terraform taint` it so that the next apply makes it anew.',
    verify: ['`az redis show --ids {id}` answers ResourceNotFound; its cost ends with the hour.'],
    undo: ['A deleted cache and its data do not come back; make a new one.'],
  },
  links: [
    {
      title: 'Troubleshoot Azure Cache for Redis',
      url: 'https://learn.microsoft.com/azure/azure-cache-for-redis/cache-troubleshoot-server',
    },
  ],
  evaluate(cache, { estate, thresholds, now }) {
    const state = textAt(cache, 'properties.provisioningState');
    if (state === undefined) return undecided('no_provisioning_state');
    const isFailed = state.toLowerCase() === 'failed';
    if (!isFailed && state.toLowerCase() !== 'creating') return fine('made');
    // Azure does not say since when; at least since it was first seen.
    const hours = Math.floor((now.getTime() - cache.firstSeenAt.getTime()) / HOUR_MS);
    if (!isFailed && hours < thresholds.creatingHours) return fine('made_right_now');
    return found({
      reason: isFailed
        ? 'The cache failed to be made or changed.'
        : `The cache has been in the making for at least ${hours} hours.`,
      evidence: { provisioning_state: state, first_seen: cache.firstSeenAt },
      saving: measured(estate.costOf(cache.resourceId)),
      certainty: isFailed ? 0.7 : 0.8,
    });
  },
});

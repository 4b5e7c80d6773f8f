import type { Connector } from '#core/connector.js';
import type { AzureApi } from '../azure/azure-api.js';
import { checkMetrics } from './check-metrics.js';
import { MONITOR_API_VERSION, MONITOR_ID, MONITOR_ROLE } from './metric-client.js';
import { METRIC_PROFILES, type MetricProfile } from './metric-profiles.js';
import { readMetrics } from './read-metrics.js';

/** Subscriptions in these states keep their costs, but Azure serves no metrics of them. */
const WITHOUT_METRICS: ReadonlySet<string> = new Set(['Disabled', 'Deleted']);

/** Reads how virtual machines and other resources were used, per subscription. */
export function monitorConnector(
  api: AzureApi,
  profiles: readonly MetricProfile[] = METRIC_PROFILES,
): Connector<'metric'> {
  return {
    id: MONITOR_ID,
    title: 'Metrics',
    api: 'Azure Monitor Metrics - Batch; else Metrics - List',
    apiVersion: MONITOR_API_VERSION,
    requiredRoles: [MONITOR_ROLE],
    stage: 'metrics',
    produces: 'metric',
    modes: ['full'],
    resourceTypes: profiles.map(({ resourceType }) => resourceType),
    windows: ({ subscriptions, resources }) =>
      subscriptions
        .filter(({ subscriptionId, state }) => !WITHOUT_METRICS.has(state) && (resources.get(subscriptionId) ?? 0) > 0)
        .map(({ subscriptionId }) => ({ scope: subscriptionId, subscriptionId, range: null })),
    read: (_window, context) => readMetrics(api, profiles, context),
    check: (context) => checkMetrics(api, profiles, context),
  };
}

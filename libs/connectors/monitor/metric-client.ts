import type { ReadContext, TargetResource } from '#core/connector.js';
import { CredentialError } from '#core/errors.js';
import type { AzureApi } from '../azure/azure-api.js';
import type { AzureEndpoint } from '../azure/azure-request.js';
import type { JsonObject } from '../azure/json-body.js';
import { isObject } from '../azure/json-body.js';
import { batchAnswers, INTERVAL, parseMetrics, type MetricQuestion } from './metric-answer.js';

export const MONITOR_ID = 'monitor';
export const MONITOR_API_VERSION = '2024-02-01';
/** The batch endpoint checks it on the subscription as a whole. */
export const MONITOR_ROLE = 'Monitoring Reader';
/** The most resources that one batch call takes. */
export const BATCH_RESOURCES = 50;

const AGGREGATIONS = 'average,minimum,maximum,total';

/** Asks Monitor for metrics in one of its two ways: fifty resources of a region at once, or one by one. */
export class MetricClient {
  /** The audience that the data plane accepted last; its documents name two. */
  #endpointIndex = 0;

  constructor(
    private readonly api: AzureApi,
    private readonly context: ReadContext,
  ) {}

  /** Answers by resource id, of up to fifty resources of one subscription, region and type. */
  async batch(
    resources: readonly TargetResource[],
    region: string,
    question: MetricQuestion,
    label: string,
  ): Promise<Map<string, JsonObject>> {
    const endpoints = this.api.metricsEndpoints(region);
    try {
      return await this.#batchAt(endpoints[this.#endpointIndex]!, resources, question, label);
    } catch (error) {
      if (!(error instanceof CredentialError)) throw error;
      this.#endpointIndex = 1 - this.#endpointIndex;
      return this.#batchAt(endpoints[this.#endpointIndex]!, resources, question, label);
    }
  }

  /** One resource's answer, through Resource Manager. */
  async single(resource: TargetResource, { profile, from, to }: MetricQuestion, label: string): Promise<JsonObject> {
    const { json } = await this.api.forTenant(this.context.tenant).read(
      {
        method: 'GET',
        target: `${resource.resourceId}/providers/Microsoft.Insights/metrics`,
        query: {
          'api-version': MONITOR_API_VERSION,
          timespan: `${instant(from)}/${instant(to)}`,
          interval: INTERVAL,
          metricnames: profile.metrics.map(({ name }) => name).join(','),
          aggregation: AGGREGATIONS,
          metricnamespace: profile.resourceType,
        },
        parse: parseMetrics,
        connector: MONITOR_ID,
        quota: { service: 'resource-manager', scope: resource.subscriptionId },
        need: { role: MONITOR_ROLE, scope: `subscription ${resource.subscriptionId}` },
      },
      label,
      this.context,
    );
    return isObject(json) ? json : {};
  }

  async #batchAt(
    endpoint: AzureEndpoint,
    resources: readonly TargetResource[],
    { profile, from, to }: MetricQuestion,
    label: string,
  ): Promise<Map<string, JsonObject>> {
    const { subscriptionId } = resources[0]!;
    const { json } = await this.api.forTenant(this.context.tenant).read(
      {
        method: 'POST',
        target: `/subscriptions/${encodeURIComponent(subscriptionId)}/metrics:getBatch`,
        endpoint,
        query: {
          'api-version': MONITOR_API_VERSION,
          starttime: instant(from),
          endtime: instant(to),
          interval: INTERVAL,
          metricnames: profile.metrics.map(({ name }) => name).join(','),
          aggregation: AGGREGATIONS,
          metricnamespace: profile.resourceType,
        },
        body: { resourceids: resources.map(({ resourceId }) => resourceId) },
        parse: parseMetrics,
        connector: MONITOR_ID,
        quota: { service: 'monitor', scope: subscriptionId },
        need: { role: MONITOR_ROLE, scope: `subscription ${subscriptionId}` },
      },
      label,
      this.context,
    );
    return batchAnswers(json);
  }
}

/** Monitor refuses fractions of seconds in a time span. */
function instant(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

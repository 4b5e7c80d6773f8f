import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate } from '../estate/estate.js';
import { type ResourceIndex, parseResourceId } from '../estate/resource-index.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, azureError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { readableSubscription } from '../resource-manager/subscription-access.js';
import { JsonBytes } from './json-bytes.js';
import { MetricAnswer, costOf, instantText } from './metric-answer.js';
import { metricNamespace } from './metric-namespaces.js';
import { metricLifeOf } from './metric-life.js';
import { readMetricQuery, spanOf } from './metric-query.js';

const API_VERSIONS = ['2018-01-01', '2019-07-01', '2023-10-01', '2024-02-01'];

/** Monitor refuses without the envelope every other service puts around its errors. */
const refuse = (message: string): ServiceError =>
  new ServiceError(json(400, { code: 'BadRequest', message }), `BadRequest: ${message}`);

/** `GET {resourceUri}/providers/Microsoft.Insights/metrics`. */
export class MetricsEndpoint {
  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly index: ResourceIndex,
    private readonly tokens: BearerTokens,
  ) {}

  get routes(): Route[] {
    return [
      {
        service: 'monitor',
        method: 'GET',
        pattern: /^(?<resourceId>\/subscriptions\/.+)\/providers\/Microsoft\.Insights\/metrics$/i,
        handle: (request, { resourceId = '' }) => this.metrics(request, resourceId),
      },
    ];
  }

  private async metrics(request: SandboxRequest, resourceId: string): Promise<SandboxResponse> {
    const caller = await this.tokens.requireResourceManager(request);
    requireApiVersion(request, API_VERSIONS, 'Microsoft.Insights', 'metrics');
    const parts = parseResourceId(resourceId);
    if (!parts) throw azureError(400, 'InvalidResourceId', `The resource id '${resourceId}' is invalid.`);
    const subscription = readableSubscription(
      this.estate,
      caller,
      parts.subscriptionId,
      'Microsoft.Insights/metrics/read',
    );
    request.notes.subscriptionId = subscription.subscriptionId;
    const resource = this.index.find(subscription, resourceId, this.clock.today());
    if (!resource) {
      throw azureError(404, 'ResourceNotFound', `The Resource '${parts.type}' under '${resourceId}' was not found.`);
    }
    const asked = request.query.get('metricnamespace');
    const namespace = metricNamespace(asked ?? resource.type);
    if (!namespace || namespace.name.toLowerCase() !== resource.type.toLowerCase()) {
      throw refuse(
        `The metric namespace '${asked ?? resource.type}' is not supported for the resource '${resourceId}'.`,
      );
    }
    const now = this.clock.now();
    const [start, end] = request.query.get('timespan')?.split('/') ?? [];
    const span = spanOf(start, end, now, refuse);
    const query = readMetricQuery(request, namespace, span, 1, { filterName: '$filter', refuse });
    const head = JSON.stringify({
      cost: costOf(query),
      timespan: `${instantText(span.start)}/${instantText(span.end)}`,
      interval: query.interval,
    });
    const tail = JSON.stringify({ namespace: asked ?? namespace.name, resourceregion: resource.location });
    const body = new JsonBytes();
    body.text(`${head.slice(0, -1)},"value":`);
    new MetricAnswer(query, body).write({ id: resourceId, resource, life: metricLifeOf(subscription, resource, now) });
    body.text(`,${tail.slice(1)}`);
    return {
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-ms-request-id': `{${request.requestId}}` },
      body: body.toBuffer(),
    };
  }
}

import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate, Subscription } from '../estate/estate.js';
import { type ResourceIndex, parseResourceId } from '../estate/resource-index.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, azureError, jsonBody } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { JsonBytes } from './json-bytes.js';
import { MetricAnswer, type MetricSource, costOf, expectedBytes, instantText } from './metric-answer.js';
import { type MetricNamespace, metricNamespace } from './metric-namespaces.js';
import { metricLifeOf } from './metric-life.js';
import { readMetricQuery, spanOf } from './metric-query.js';
import type { MetricsAccessCheck } from './metrics-access.js';
import type { MonitorSettings } from './monitor-settings.js';

const API_VERSIONS = ['2023-10-01', '2024-02-01'];
const MAX_RESOURCES = 50;

const refuse = (message: string): ServiceError => azureError(400, 'BadRequest', message);

/** The metrics data plane: `POST [/metrics/{region}]/subscriptions/{id}/metrics:getBatch`. */
export class MetricsBatchEndpoint {
  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly index: ResourceIndex,
    private readonly access: MetricsAccessCheck,
    private readonly settings: MonitorSettings,
  ) {}

  get routes(): Route[] {
    return [
      {
        service: 'monitor',
        method: 'POST',
        // Without a region in front of it the address says nothing about where the resources have to be.
        pattern: /^(?:\/metrics\/(?<region>[^/]+))?\/subscriptions\/(?<subscriptionId>[^/]+)\/metrics:getBatch$/i,
        handle: (request, { region, subscriptionId = '' }) => this.batch(request, subscriptionId.toLowerCase(), region),
      },
    ];
  }

  private async batch(request: SandboxRequest, subscriptionId: string, region?: string): Promise<SandboxResponse> {
    await this.access.require(request, subscriptionId);
    request.notes.subscriptionId = subscriptionId;
    const quota = this.settings.throttle.admit(subscriptionId);
    try {
      requireApiVersion(request, API_VERSIONS, 'Microsoft.Insights', 'metrics');
      const subscription = this.estate.findSubscription(subscriptionId) as Subscription;
      return {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8', ...quota },
        body: this.answer(request, subscription, region?.toLowerCase()),
      };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new ServiceError({ ...error.response, headers: { ...error.response.headers, ...quota } }, error.message);
    }
  }

  private answer(request: SandboxRequest, subscription: Subscription, region: string | undefined): Buffer {
    const now = this.clock.now();
    const asked = request.query.get('metricnamespace');
    if (!asked) throw refuse("The required parameter 'metricnamespace' is missing.");
    if (!request.query.get('metricnames')) throw refuse("The required parameter 'metricnames' is missing.");
    const namespace = metricNamespace(asked);
    if (!namespace) throw refuse(`The metric namespace '${asked}' is not supported.`);
    const ids = resourceIdsOf(request, subscription, namespace);
    const span = spanOf(request.query.get('starttime'), request.query.get('endtime'), now, refuse);
    const query = readMetricQuery(request, namespace, span, ids.length, { filterName: 'filter', refuse });
    const sources = ids.map((id) => this.source(subscription, id, now));
    const place = regionOf(sources, region);
    const head = JSON.stringify({
      cost: costOf(query),
      starttime: instantText(span.start),
      endtime: instantText(span.end),
      interval: query.interval,
    }).slice(0, -1);
    const json = new JsonBytes(expectedBytes(query) * sources.length);
    const answer = new MetricAnswer(query, json);
    for (const [index, source] of sources.entries()) {
      json.text(`${index === 0 ? '{"values":[' : ','}${head},"value":`);
      answer.write(source);
      const tail = JSON.stringify({ namespace: asked, resourceregion: place, resourceid: source.id });
      json.text(`,${tail.slice(1)}`);
    }
    json.text(']}');
    return json.toBuffer();
  }

  /** What is gone from the estate is gone from here too: it keeps its place in the answer, without a series. */
  private source(subscription: Subscription, id: string, now: Date): MetricSource {
    const resource = this.index.find(subscription, id, this.clock.today());
    return { id, resource, life: resource && metricLifeOf(subscription, resource, now) };
  }
}

function resourceIdsOf(request: SandboxRequest, subscription: Subscription, namespace: MetricNamespace): string[] {
  const ids: unknown = jsonBody(request)['resourceids'];
  if (!Array.isArray(ids) || ids.length === 0)
    throw refuse("The request body must list at least one id in 'resourceids'.");
  if (ids.length > MAX_RESOURCES) {
    throw refuse(`The number of resources ${ids.length} exceeds the maximum of ${MAX_RESOURCES} in one batch.`);
  }
  return ids.map((id) => {
    const parts = parseResourceId(String(id));
    if (!parts) throw refuse(`The resource id '${String(id)}' is invalid.`);
    if (parts.subscriptionId !== subscription.subscriptionId) {
      throw refuse(`All resources must be in subscription '${subscription.subscriptionId}'; '${String(id)}' is not.`);
    }
    if (parts.type.toLowerCase() !== namespace.name.toLowerCase()) {
      throw refuse(`All resources must be of type '${namespace.name}'; '${String(id)}' is not.`);
    }
    return String(id);
  });
}

function regionOf(sources: readonly MetricSource[], region: string | undefined): string {
  let expected = region;
  for (const { id, resource } of sources) {
    if (!resource) continue;
    expected ??= resource.location;
    if (resource.location !== expected) {
      throw refuse(`All resources must be in region '${expected}'; '${id}' is in '${resource.location}'.`);
    }
  }
  return expected ?? 'global';
}

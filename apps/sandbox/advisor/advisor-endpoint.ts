import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { Estate, Subscription } from '../estate/estate.js';
import type { EstateClock } from '../estate/estate-clock.js';
import { guidOf } from '../estate/seeded-random.js';
import { type SandboxRequest, type SandboxResponse, azureError, isRecord, json, jsonBody } from '../http/exchange.js';
import type { Handler, Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { readableSubscription } from '../resource-manager/subscription-access.js';
import { type AdvisorBook, type AdvisorItem, suppressionItem } from './advisor-book.js';
import { pageOf } from './advisor-paging.js';
import type { Recommendation } from './recommendation.js';
import { parseRecommendationFilter } from './recommendation-filter.js';

const API_VERSIONS = ['2020-01-01', '2022-09-01', '2022-10-01', '2023-01-01', '2025-01-01'];
const QUOTA = { 'x-ms-ratelimit-remaining-subscription-resource-requests': '599' };
const SUBSCRIPTION = '^/subscriptions/(?<subscriptionId>[^/]+)';
const LISTS = `${SUBSCRIPTION}/providers/Microsoft\\.Advisor`;
const ITEM = `(?<recommendation>${SUBSCRIPTION}(?:/.+)?/providers/Microsoft\\.Advisor/recommendations/[^/]+)`;

/** The routes of `Microsoft.Advisor`. */
export class AdvisorEndpoint {
  /** Generations that were started, with how often their state was asked. */
  private readonly generations = new Map<string, number>();

  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly book: AdvisorBook,
    private readonly tokens: BearerTokens,
  ) {}

  get routes(): Route[] {
    const route = (method: string, pattern: string, resource: string, answer: AdvisorHandler): Route => ({
      service: 'advisor',
      method,
      pattern: new RegExp(`${pattern}$`, 'i'),
      handle: this.guarded(resource, method === 'GET' ? 'read' : 'write', answer),
    });
    return [
      route('GET', `${LISTS}/recommendations`, 'recommendations', (request, subscription) =>
        this.list(request, subscription),
      ),
      route('GET', `${LISTS}/suppressions`, 'suppressions', (request, subscription) => {
        const page = pageOf(request, this.book.suppressionItems(subscription));
        return json(200, { ...page, value: page.value.map(bodyOf) }, QUOTA);
      }),
      route('POST', `${LISTS}/generateRecommendations`, 'generateRecommendations', (request, subscription) =>
        this.generate(request, subscription),
      ),
      route('GET', `${LISTS}/generateRecommendations/(?<operation>[^/]+)`, 'generateRecommendations', (...parts) =>
        this.generationState(parts[2]['operation'] ?? ''),
      ),
      route('GET', ITEM, 'recommendations', (_, subscription, { recommendation = '' }) =>
        json(200, bodyOf(this.book.item(this.find(subscription, recommendation))), QUOTA),
      ),
      ...(['GET', 'PUT', 'DELETE'] as const).map((method) =>
        route(method, `${ITEM}/suppressions/(?<name>[^/]+)`, 'suppressions', (request, subscription, parameters) =>
          this.suppression(
            request,
            this.find(subscription, parameters['recommendation'] ?? ''),
            parameters['name'] ?? '',
          ),
        ),
      ),
    ];
  }

  private guarded(resource: string, action: string, answer: AdvisorHandler): Handler {
    return async (request, parameters) => {
      const caller = await this.tokens.requireResourceManager(request);
      requireApiVersion(request, API_VERSIONS, 'Microsoft.Advisor', resource);
      const subscription = readableSubscription(
        this.estate,
        caller,
        parameters['subscriptionId'] ?? '',
        `Microsoft.Advisor/${resource}/${action}`,
      );
      request.notes.subscriptionId = subscription.subscriptionId;
      return answer(request, subscription, parameters);
    };
  }

  private list(request: SandboxRequest, subscription: Subscription): SandboxResponse {
    const filter = request.query.get('$filter');
    const isWanted = filter === undefined ? () => true : parseRecommendationFilter(filter);
    const wanted = this.book.recommendations(subscription).filter(({ recommendation }) => isWanted(recommendation));
    const page = pageOf(request, wanted);
    return json(200, { ...page, value: page.value.map(bodyOf) }, QUOTA);
  }

  /** Recommendations are always up to date here; the operation only takes its time as the service's does. */
  private generate(request: SandboxRequest, subscription: Subscription): SandboxResponse {
    const operation = guidOf(subscription.seed, 'generate', this.generations.size);
    this.generations.set(operation, 0);
    const version = encodeURIComponent(request.query.get('api-version') ?? '');
    const location = `${request.origin}/subscriptions/${subscription.subscriptionId}/providers/Microsoft.Advisor/generateRecommendations/${operation}?api-version=${version}`;
    return { status: 202, headers: { location, 'retry-after': '60', ...QUOTA } };
  }

  private generationState(operation: string): SandboxResponse {
    const asked = this.generations.get(operation.toLowerCase());
    if (asked === undefined) {
      throw azureError(404, 'ResourceNotFound', `The operation '${operation}' was not found.`);
    }
    this.generations.set(operation.toLowerCase(), asked + 1);
    return { status: asked === 0 ? 202 : 204, headers: QUOTA };
  }

  private suppression(request: SandboxRequest, recommendation: Recommendation, name: string): SandboxResponse {
    if (request.method === 'PUT') {
      return json(200, bodyOf(suppressionItem(recommendation, this.suppress(request, recommendation, name))), QUOTA);
    }
    const found = this.book
      .suppressionsOf(recommendation)
      .find((suppression) => suppression.name.toLowerCase() === name.toLowerCase());
    if (request.method === 'DELETE') {
      this.book.suppressions.remove(recommendation, name);
      return { status: 204, headers: QUOTA };
    }
    if (!found) throw azureError(404, 'ResourceNotFound', `The suppression '${name}' was not found.`);
    return json(200, bodyOf(suppressionItem(recommendation, found)), QUOTA);
  }

  private suppress(
    request: SandboxRequest,
    recommendation: Recommendation,
    name: string,
  ): ReturnType<AdvisorBook['suppressions']['put']> {
    const body = jsonBody(request)['properties'];
    const ttl = isRecord(body) && body['ttl'] !== undefined ? String(body['ttl']) : '-1';
    try {
      return this.book.suppressions.put(recommendation, name, ttl, this.clock.now());
    } catch (error) {
      if (error instanceof RangeError) throw azureError(400, 'BadRequest', `The ttl '${ttl}' is invalid.`);
      throw error;
    }
  }

  private find(subscription: Subscription, id: string): Recommendation {
    const found = this.book.find(subscription, id);
    if (found) return found;
    throw azureError(404, 'ResourceNotFound', `The recommendation '${id}' was not found.`);
  }
}

type AdvisorHandler = (
  request: SandboxRequest,
  subscription: Subscription,
  parameters: Readonly<Record<string, string>>,
) => SandboxResponse;

function bodyOf({ id, name, type, properties }: AdvisorItem): object {
  return { id, name, type, properties };
}

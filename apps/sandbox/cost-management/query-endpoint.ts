import type { BearerTokens } from '../entra/bearer-tokens.js';
import type { Estate, Subscription } from '../estate/estate.js';
import type { EstateClock } from '../estate/estate-clock.js';
import { guidOf } from '../estate/seeded-random.js';
import { type SandboxRequest, type SandboxResponse, azureError, json, jsonBody } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { readableSubscription } from '../resource-manager/subscription-access.js';
import type { ChargeGenerator } from './charge-generator.js';
import type { ChargeOverrides } from './charge-overrides.js';
import { type QueryDefinition, parseQueryDefinition } from './query-definition.js';
import { type ColumnConventions, type QueryTable, evaluateQuery } from './query-engine.js';
import { pageIndexOf, pageRowsOf, pageToken } from './query-paging.js';
import type { QueryThrottle } from './query-throttle.js';
import { type ScopeAnswer, refusalOf } from './scope-answers.js';

const API_VERSIONS = ['2021-10-01', '2022-10-01', '2023-03-01', '2023-08-01', '2023-09-01', '2023-11-01', '2025-03-01'];
const MAX_CACHED_ANSWERS = 8;

/** `POST {scope}/providers/Microsoft.CostManagement/query` at subscription and resource-group scope. */
export class CostQueryEndpoint {
  /** Refuses more than the two groupings the specification allows. */
  strictSpec = false;
  private conventions: ColumnConventions = { month: 'datetime', datePosition: 'before-groupings' };
  private readonly answers = new Map<string, ScopeAnswer>();
  /** Whole answers of recent queries, so that reading all pages evaluates a query once. */
  private readonly evaluated = new Map<string, QueryTable | undefined>();

  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly charges: ChargeGenerator,
    private readonly overrides: ChargeOverrides,
    private readonly throttle: QueryThrottle,
    private readonly tokens: BearerTokens,
  ) {}

  get routes(): Route[] {
    return [
      {
        service: 'cost-management',
        method: 'POST',
        pattern:
          /^\/(?<scope>subscriptions\/(?<subscriptionId>[^/]+)(\/resourceGroups\/(?<resourceGroup>[^/]+))?)\/providers\/Microsoft\.CostManagement\/query$/i,
        handle: (request, parameters) => this.query(request, parameters),
      },
    ];
  }

  /** How a subscription answers from now on. */
  setAnswer(subscriptionId: string, answer: ScopeAnswer): void {
    this.answers.set(subscriptionId.toLowerCase(), answer);
  }

  /** Where sources disagree about columns: how they are written from now on. */
  setConventions(change: Partial<ColumnConventions>): void {
    this.conventions = { ...this.conventions, ...change };
    this.evaluated.clear();
  }

  answerOf(subscriptionId: string): ScopeAnswer {
    return this.answers.get(subscriptionId.toLowerCase()) ?? 'normal';
  }

  private async query(request: SandboxRequest, parameters: Readonly<Record<string, string>>): Promise<SandboxResponse> {
    const caller = await this.tokens.requireResourceManager(request);
    requireApiVersion(request, API_VERSIONS, 'Microsoft.CostManagement', 'query');
    const subscription = readableSubscription(
      this.estate,
      caller,
      parameters['subscriptionId'] ?? '',
      'Microsoft.CostManagement/query/read',
    );
    const { subscriptionId } = subscription;
    const definition = parseQueryDefinition(jsonBody(request), this.clock.today(), this.strictSpec);
    Object.assign(request.notes, { subscriptionId, queryType: definition.type, ...definition.range });
    const scope = parameters['scope'] ?? '';
    const headers = this.throttle.admit(request, caller.tenantId, caller.objectId, scope, definition.range);
    const answer = this.answerOf(subscriptionId);
    const refusal = refusalOf(answer, subscription, definition.type, request.requestId);
    if (refusal) throw refusal;

    if (answer === 'empty-object') return json(200, {}, headers);
    if (answer === 'no-data') return { status: 204, headers };

    const table = this.evaluate(request, subscription, parameters['resourceGroup']?.toLowerCase(), definition);
    if (answer === 'empty-rows') {
      const columns = evaluateQuery(definition, [], this.conventions).columns;
      return page(request, scope, { columns, rows: [] }, headers);
    }
    if (!table) return { status: 204, headers };
    return page(request, scope, table, headers);
  }

  private evaluate(
    request: SandboxRequest,
    subscription: Subscription,
    resourceGroup: string | undefined,
    definition: QueryDefinition,
  ): QueryTable | undefined {
    const now = this.clock.now();
    const key = [
      subscription.subscriptionId,
      resourceGroup ?? '',
      Math.floor(now.getTime() / 3_600_000),
      this.overrides.version,
      request.body.toString('utf8'),
    ].join('\n');
    if (this.evaluated.has(key)) return this.evaluated.get(key);
    const all = this.charges.chargesOf(subscription, definition.range, definition.type, now);
    const charges =
      resourceGroup === undefined ? all : all.filter(({ source }) => source.resourceGroup === resourceGroup);
    const table = charges.length === 0 ? undefined : evaluateQuery(definition, charges, this.conventions);
    const oldest = this.evaluated.keys().next();
    if (this.evaluated.size >= MAX_CACHED_ANSWERS && !oldest.done) this.evaluated.delete(oldest.value);
    this.evaluated.set(key, table);
    return table;
  }
}

function page(
  request: SandboxRequest,
  scope: string,
  table: QueryTable,
  headers: Record<string, string>,
): SandboxResponse {
  const index = pageIndexOf(request.query.get('$skiptoken'));
  const size = pageRowsOf(request.query.get('$top'));
  const rows = table.rows.slice(index * size, (index + 1) * size);
  if (index > 0 && rows.length === 0)
    throw azureError(400, 'BadRequest', 'Invalid query definition: the page does not exist.');
  const hasMore = (index + 1) * size < table.rows.length;
  const name = guidOf('cost-query', scope, request.body.toString('utf8'));
  const next = hasMore ? nextLink(request, pageToken(index + 1)) : null;
  const properties = `{"nextLink":${JSON.stringify(next)},"columns":${JSON.stringify(table.columns)},"rows":[${rows.join(',')}]}`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    // The id has no leading slash on the wire. Rows are text, so the answer is put together as text.
    body: `{"id":"${scope}/providers/Microsoft.CostManagement/query/${name}","name":"${name}","type":"Microsoft.CostManagement/query","location":null,"sku":null,"eTag":null,"properties":${properties}}`,
  };
}

/** The same URL with the token of the next page; the page size stays with it. */
function nextLink(request: SandboxRequest, token: string): string {
  const parameters = [`api-version=${request.query.get('api-version') ?? ''}`];
  const top = request.query.get('$top');
  if (top !== undefined) parameters.push(`$top=${top}`);
  parameters.push(`$skiptoken=${encodeURIComponent(token)}`);
  return `${request.origin}${request.path}?${parameters.join('&')}`;
}

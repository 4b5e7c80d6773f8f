import type { AdvisorBook } from '../advisor/advisor-book.js';
import type { BearerTokens, Caller } from '../entra/bearer-tokens.js';
import type { EstateClock } from '../estate/estate-clock.js';
import type { Estate, Subscription } from '../estate/estate.js';
import type { ResourceGenerator } from '../estate/resource-generator.js';
import { type SandboxRequest, type SandboxResponse, ServiceError, azureError } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { requireApiVersion } from '../resource-manager/api-version.js';
import { estateTables } from './estate-tables.js';
import {
  type GraphRequest,
  type ResultFormat,
  defaultFormatOf,
  parseGraphRequest,
  skipToken,
} from './graph-request.js';
import { type GraphThrottle, supportText } from './graph-throttle.js';
import { AnswerCache } from './answer-cache.js';
import { type KqlQuery, parseQuery } from './kql-query.js';
import { type KqlTable, jsonOf } from './kql-value.js';
import { QueryError } from './query-error.js';

const API_VERSIONS = ['2019-04-01', '2021-03-01', '2022-10-01', '2024-04-01'];
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const MAX_PARSED_QUERIES = 50;
/** Queries over a whole tenant look at so many subscriptions and no further. */
const MAX_TENANT_SUBSCRIPTIONS = 10_000;

/** `POST /providers/Microsoft.ResourceGraph/resources`. */
export class ResourceGraphEndpoint {
  /** Format of answers to requests that name none; each version has its own while this is not set. */
  defaultFormat: ResultFormat | undefined;
  private readonly evaluated = new AnswerCache();
  /** Parsing takes longer than cutting a page out of an answer. */
  private readonly parsed = new Map<string, KqlQuery>();

  constructor(
    private readonly estate: Estate,
    private readonly clock: EstateClock,
    private readonly generator: ResourceGenerator,
    private readonly advisor: AdvisorBook,
    private readonly throttle: GraphThrottle,
    private readonly tokens: BearerTokens,
  ) {}

  get routes(): Route[] {
    return [
      {
        service: 'resource-graph',
        method: 'POST',
        pattern: /^\/providers\/Microsoft\.ResourceGraph\/resources$/i,
        handle: (request) => this.resources(request),
      },
    ];
  }

  private async resources(request: SandboxRequest): Promise<SandboxResponse> {
    const caller = await this.tokens.requireResourceManager(request);
    const version = requireApiVersion(request, API_VERSIONS, 'Microsoft.ResourceGraph', 'resources');
    const trail = supportText(request.requestId, this.clock.now());
    const quota = this.throttle.admit(`${caller.tenantId}/${caller.objectId}`, trail);
    try {
      const graphRequest = parseGraphRequest(request, this.defaultFormat ?? defaultFormatOf(version));
      const scope = this.scope(graphRequest, caller, trail);
      const text = JSON.stringify(this.answer(graphRequest, scope, caller));
      if (text.length > MAX_RESPONSE_BYTES) {
        throw azureError(400, 'BadRequest', trail, {
          details: [
            {
              code: 'ResponsePayloadTooLarge',
              message: `Response payload size is ${text.length}, and has exceeded the limit of ${MAX_RESPONSE_BYTES}. Please consider querying less data at a time.`,
            },
          ],
        });
      }
      const limitHit: Record<string, string> = scope.isCut ? { 'x-ms-tenant-subscription-limit-hit': 'true' } : {};
      return {
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8', ...limitHit, ...quota },
        body: text,
      };
    } catch (error) {
      // The quota is reported on refusals too.
      const refusal = error instanceof QueryError ? invalidQuery(error, trail) : error;
      if (!(refusal instanceof ServiceError)) throw refusal;
      throw new ServiceError(
        { ...refusal.response, headers: { ...refusal.response.headers, ...quota } },
        refusal.message,
      );
    }
  }

  private answer(request: GraphRequest, scope: GraphScope, caller: Caller): object {
    const query = this.parse(request.query);
    const table = this.evaluate(query, request.query, scope, caller);
    const rows = table.rows.slice(request.skip, request.skip + request.pageRows);
    const end = request.skip + rows.length;
    const isTruncated = end < table.rows.length;
    // Without a scalar column the service cannot page, and a query with its own limit it does not page.
    const canPage = !query.hasLimit && table.columns.some(({ type }) => type !== 'object');
    return {
      totalRecords: table.rows.length,
      count: rows.length,
      data: request.asTable ? tableData(table, rows) : objectData(table, rows),
      facets: [],
      resultTruncated: isTruncated ? 'true' : 'false',
      ...(isTruncated && canPage ? { $skipToken: skipToken(request.pageRows, end) } : {}),
    };
  }

  private parse(text: string): KqlQuery {
    let query = this.parsed.get(text);
    if (!query) {
      query = parseQuery(text);
      const oldest = this.parsed.keys().next();
      if (this.parsed.size >= MAX_PARSED_QUERIES && !oldest.done) this.parsed.delete(oldest.value);
      this.parsed.set(text, query);
    }
    return query;
  }

  /** The asked subscriptions the caller can read; foreign ones are dropped without a word unless none is left. */
  private scope(request: GraphRequest, caller: Caller, trail: string): GraphScope {
    const own = this.estate.subscriptionsOf(caller.tenantId).filter(({ access }) => access === 'reader');
    if (!request.subscriptions) {
      if (own.length <= MAX_TENANT_SUBSCRIPTIONS) return { subscriptions: own, key: 'tenant', isCut: false };
      if (!request.allowPartialScopes) throw tooManySubscriptions(trail);
      return { subscriptions: own.slice(0, MAX_TENANT_SUBSCRIPTIONS), key: 'tenant', isCut: true };
    }
    const asked = new Set(request.subscriptions);
    const subscriptions = own.filter(({ subscriptionId }) => asked.has(subscriptionId));
    if (subscriptions.length > 0) return { subscriptions, key: [...asked].join(','), isCut: false };
    throw azureError(
      403,
      'Forbidden',
      `The client '${caller.clientId}' has no access to any of the given subscriptions.`,
      {
        details: [{ code: 'AccessDenied', message: 'Access denied: none of the subscriptions can be read.' }],
      },
    );
  }

  private evaluate(query: KqlQuery, text: string, { subscriptions, key: scope }: GraphScope, caller: Caller): KqlTable {
    const now = this.clock.now();
    const today = this.clock.today();
    const key = [
      this.estate.version,
      this.advisor.suppressions.revision,
      caller.tenantId,
      query.usesTime ? now.toISOString() : today,
      scope,
      text,
    ].join('\n');
    return this.evaluated.get(key, () =>
      query.evaluate(estateTables(this.estate, this.generator, this.advisor, subscriptions, today), now),
    );
  }
}

/** The subscriptions a query looks at. */
interface GraphScope {
  readonly subscriptions: readonly Subscription[];
  /** Equal for equal scopes of a tenant. */
  readonly key: string;
  /** True when the tenant has more subscriptions than a query can look at. */
  readonly isCut: boolean;
}

function tooManySubscriptions(trail: string): ServiceError {
  return azureError(400, 'BadRequest', trail, {
    headers: { 'x-ms-tenant-subscription-limit-hit': 'true' },
    details: [
      {
        code: 'TooManySubscriptions',
        message: `The scope has more than ${MAX_TENANT_SUBSCRIPTIONS} subscriptions. Set 'allowPartialScopes' to query the first ${MAX_TENANT_SUBSCRIPTIONS} of them.`,
      },
    ],
  });
}

function invalidQuery(error: QueryError, trail: string): ServiceError {
  const { position } = error;
  return azureError(400, 'BadRequest', trail, {
    details: [
      {
        code: 'InvalidQuery',
        message:
          'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.',
      },
      position
        ? {
            code: 'ParserFailure',
            message: 'ParserFailure',
            line: position.line,
            characterPositionInLine: position.column,
            token: position.token,
            expectedToken: 'Ǐ',
          }
        : { code: 'Default', message: error.message },
    ],
  });
}

function objectData(table: KqlTable, rows: KqlTable['rows']): object[] {
  return rows.map((row) => {
    const item: Record<string, unknown> = {};
    for (const [index, { name }] of table.columns.entries()) item[name] = jsonOf(row[index] ?? null);
    return item;
  });
}

function tableData(table: KqlTable, rows: KqlTable['rows']): object {
  return {
    columns: table.columns.map(({ name, type }) => ({ name, type: type === 'timespan' ? 'string' : type })),
    rows: rows.map((row) => row.map((value) => jsonOf(value ?? null))),
  };
}

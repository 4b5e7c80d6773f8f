import path from 'node:path';
import { LiveValidator } from 'oav/dist/lib/liveValidation/liveValidator.js';
import type { Exchange } from './exchange.js';

/** The documents that are loaded; an api-version that is in none of them has no referee. */
const DOCUMENTS = [
  'resources/resource-manager/Microsoft.Resources/stable/{2021-01-01,2022-12-01}/subscriptions.json',
  'resourcegraph/resource-manager/Microsoft.ResourceGraph/stable/{2021-03-01,2022-10-01}/resourcegraph.json',
  'cost-management/resource-manager/Microsoft.CostManagement/stable/{2022-10-01,2023-03-01,2023-11-01}/costmanagement.json',
  'advisor/resource-manager/Microsoft.Advisor/stable/{2020-01-01,2023-01-01}/advisor.json',
  'monitor/resource-manager/Microsoft.Insights/stable/2018-01-01/metrics_API.json',
  'monitor/resource-manager/Microsoft.Insights/stable/2019-07-01/metrics_API.json',
  'monitor/resource-manager/Microsoft.Insights/stable/{2023-10-01,2024-02-01}/metrics_API.json',
  'monitor/data-plane/Microsoft.Insights/stable/{2023-10-01,2024-02-01}/metricBatch.json',
].flatMap(alternatives);

/** A finding that is the document's mistake, not the sandbox's or ours, with the reason. */
interface FalsePositive {
  readonly reason: string;
  readonly matches: (finding: Finding, exchange: Exchange) => boolean;
}

/** One thing the referee does not like. */
export interface Finding {
  readonly side: 'request' | 'response';
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** What the referee thinks of one exchange. */
export interface Verdict {
  readonly exchange: Exchange;
  readonly operation: string;
  /** `unrefereed`: no document describes the operation in this api-version. */
  readonly outcome: 'valid' | 'invalid' | 'unrefereed';
  readonly findings: readonly Finding[];
  /** Reasons of the findings that were set aside. */
  readonly setAside: readonly string[];
}

const FALSE_POSITIVES: readonly FalsePositive[] = [
  {
    reason: 'Subscriptions and tenants: the wire ends a list without nextLink, which the document requires',
    matches: ({ side, code, path: where }, { url }) =>
      side === 'response' &&
      code === 'OBJECT_MISSING_REQUIRED_PROPERTY' &&
      where === '/nextLink' &&
      /\/(subscriptions|tenants)\?/.test(url),
  },
  {
    reason: 'Subscriptions: the wire counts the list, the document does not',
    matches: ({ side, code, path: where }, { url }) =>
      side === 'response' &&
      code === 'OBJECT_ADDITIONAL_PROPERTIES' &&
      where === '/count' &&
      /\/subscriptions\?/.test(url),
  },
  {
    reason: 'Resource Graph: the line and column of a parser failure are numbers on the wire, objects in the document',
    matches: ({ side, code, path: where }, { url, status }) =>
      side === 'response' &&
      status === 400 &&
      /ResourceGraph/i.test(url) &&
      /^(INVALID_TYPE|OBJECT_ADDITIONAL_PROPERTIES)$/.test(code) &&
      /details/.test(where),
  },
  {
    reason: 'Monitor: recorded batches say what each resource cost, the document forbids it',
    matches: ({ side, code, path: where }, { url }) =>
      side === 'response' &&
      code === 'OBJECT_ADDITIONAL_PROPERTIES' &&
      /^(\/values\/\d+\/cost,?)+$/.test(where) &&
      url.includes('metrics:getBatch'),
  },
  {
    reason: 'Cost Management: the service takes up to 15 groupings, the document two',
    matches: ({ side, code, path: where }, { url }) =>
      side === 'request' && code === 'ARRAY_LENGTH_LONG' && /CostManagement/i.test(url) && /grouping/.test(where),
  },
];

const OUTSIDE = /OPERATION_NOT_FOUND|UNSUPPORTED|_NOT_SUPPORTED/;

/** Microsoft's own validator over Microsoft's own descriptions of its APIs. */
export class SwaggerReferee {
  private constructor(private readonly validator: LiveValidator) {}

  /** Loads the documents below `folder`; takes some seconds. */
  static async open(folder: string): Promise<SwaggerReferee> {
    const options = {
      directory: path.join(folder, 'specification'),
      swaggerPathsPattern: DOCUMENTS,
      isPathCaseSensitive: false,
      isArmCall: true,
      loadValidatorInInitialize: false,
      git: { shouldClone: false },
    };
    // It would print what its verdicts say as well.
    const silent = (): void => {};
    const validator = new LiveValidator(options, silent);
    await validator.initialize();
    return new SwaggerReferee(validator);
  }

  /** Judges both sides of an exchange; bodies are checked where a document has a schema for the status. */
  async judge(exchange: Exchange): Promise<Verdict> {
    const result = await this.validator.validateLiveRequestResponse({
      liveRequest: {
        method: exchange.method,
        url: officialUrl(exchange.url),
        headers: { ...exchange.requestHeaders },
        body: parsed(exchange.requestBody) as Record<string, unknown>,
      },
      liveResponse: {
        statusCode: String(exchange.status),
        headers: { ...exchange.responseHeaders },
        body: parsed(exchange.responseBody) as Record<string, unknown>,
      },
    });
    const { requestValidationResult: request, responseValidationResult: response } = result;
    const operation = request.operationInfo?.operationId ?? 'unknown';
    const trouble = result.runtimeException ?? request.runtimeException ?? response.runtimeException;
    if (trouble && OUTSIDE.test(trouble.code)) {
      return { exchange, operation, outcome: 'unrefereed', findings: [], setAside: [] };
    }
    const all: Finding[] = [
      ...request.errors.map((error) => finding('request', error)),
      ...response.errors.map((error) => finding('response', error)),
      ...(trouble ? [finding('response', { ...trouble, pathsInPayload: [] })] : []),
    ];
    const setAside: string[] = [];
    const findings = all.filter((each) => {
      const excuse = FALSE_POSITIVES.find(({ matches }) => matches(each, exchange));
      if (excuse) setAside.push(excuse.reason);
      return !excuse;
    });
    return { exchange, operation, outcome: findings.length > 0 ? 'invalid' : 'valid', findings, setAside };
  }
}

/** The address the request would have in Azure: documents know no other host. */
function officialUrl(url: string): string {
  const { pathname, search } = new URL(url);
  // What is a host of its own in Azure is a prefix of the path here.
  return `https://management.azure.com${pathname.replace(/^\/metrics\/[^/]+(?=\/subscriptions\/)/, '')}${search}`;
}

function finding(
  side: Finding['side'],
  { code, message, pathsInPayload }: { code: string; message: string; pathsInPayload?: readonly string[] },
): Finding {
  return { side, code, message, path: (pathsInPayload ?? []).join(',') };
}

function parsed(body: string): unknown {
  return body === '' ? undefined : JSON.parse(body);
}

/** `a/{b,c}/d` as `a/b/d` and `a/c/d`. */
function alternatives(pattern: string): string[] {
  const match = /^(.*)\{(.+)\}(.*)$/.exec(pattern);
  return match ? (match[2] ?? '').split(',').map((choice) => `${match[1]}${choice}${match[3]}`) : [pattern];
}

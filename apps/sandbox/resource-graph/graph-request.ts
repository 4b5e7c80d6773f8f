import { type SandboxRequest, azureError, isRecord, jsonBody } from '../http/exchange.js';

const MAX_PAGE_ROWS = 1_000;
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export const RESULT_FORMATS = ['table', 'objectArray'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

/** The oldest version was recorded answering with a table; the specification of all later ones says objects. */
export function defaultFormatOf(version: string): ResultFormat {
  return version < '2021-03-01' ? 'table' : 'objectArray';
}

/** A checked request for one page. */
export interface GraphRequest {
  readonly query: string;
  /** Undefined asks for the whole tenant. */
  readonly subscriptions?: readonly string[];
  readonly pageRows: number;
  readonly skip: number;
  readonly asTable: boolean;
  /** Whether a tenant with too many subscriptions may be answered in part. */
  readonly allowPartialScopes: boolean;
}

/** Checks a request body; a skip token sets page size and offset unless `$top` or `$skip` override it. */
export function parseGraphRequest(request: SandboxRequest, defaultFormat: ResultFormat): GraphRequest {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw azureError(
      500,
      'InternalServerError',
      'The server encountered an internal error and was unable to complete the request.',
    );
  }
  if (request.body.length > MAX_BODY_BYTES) {
    throw azureError(
      413,
      'RequestContentTooLarge',
      `The request content exceeds the limit of ${MAX_BODY_BYTES} bytes.`,
    );
  }
  const body = jsonBody(request);
  const { query } = body;
  if (typeof query !== 'string' || query.trim() === '') refuse("The 'query' property is required.");
  if (body['subscriptions'] !== undefined && body['managementGroups'] !== undefined) {
    refuse("'subscriptions' and 'managementGroups' are mutually exclusive.");
  }
  const options = isRecord(body['options']) ? body['options'] : {};
  const token = options['$skipToken'] === undefined ? undefined : readToken(options['$skipToken']);
  return {
    query: query as string,
    subscriptions: subscriptionList(body['subscriptions']),
    pageRows: integer(options['$top'], '$top', 1, MAX_PAGE_ROWS) ?? token?.pageRows ?? MAX_PAGE_ROWS,
    skip: integer(options['$skip'], '$skip', 0, Number.MAX_SAFE_INTEGER) ?? token?.skip ?? 0,
    asTable: resultFormat(options['resultFormat'] ?? defaultFormat) === 'table',
    allowPartialScopes: options['allowPartialScopes'] === true,
  };
}

/** The token of the page that starts at row `skip`: an offset, not a snapshot. */
export function skipToken(pageRows: number, skip: number): string {
  const content = {
    $id: '1',
    MaxRows: pageRows,
    RowsToSkip: skip,
    KustoClusterUrl: 'https://armtopology.kusto.windows.net',
  };
  return Buffer.from(JSON.stringify(content)).toString('base64');
}

function readToken(token: unknown): { pageRows: number; skip: number } {
  try {
    const content: unknown = JSON.parse(Buffer.from(String(token), 'base64').toString('utf8'));
    if (isRecord(content) && Number.isInteger(content['MaxRows']) && Number.isInteger(content['RowsToSkip'])) {
      return { pageRows: content['MaxRows'] as number, skip: content['RowsToSkip'] as number };
    }
  } catch {
    // Not JSON: refused below like any other token that was not handed out.
  }
  return refuse('The skip token is invalid.');
}

function subscriptionList(value: unknown): string[] | undefined {
  // An empty list means the same as none.
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return undefined;
  if (!Array.isArray(value)) return refuse("'subscriptions' must be an array.");
  if (value.length > MAX_SUBSCRIPTIONS) return refuse(`At most ${MAX_SUBSCRIPTIONS} subscriptions can be given.`);
  return value.map((item) => String(item).toLowerCase());
}

function integer(value: unknown, name: string, min: number, max: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(`The value of '${name}' must be between ${min} and ${max}.`);
}

function resultFormat(value: unknown): string {
  const format = String(value).toLowerCase();
  if (format !== 'table' && format !== 'objectarray')
    return refuse(`The result format '${String(value)}' is not known.`);
  return format;
}

function refuse(message: string): never {
  throw azureError(400, 'BadRequest', message, { details: [{ code: 'InvalidParameter', message }] });
}

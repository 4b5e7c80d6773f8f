import { type SandboxRequest, type SandboxResponse, isRecord } from './exchange.js';
import type { ServiceName } from './router.js';

/** A page of an answer, in whichever shape its service pages. */
export interface PagedAnswer {
  readonly rows: readonly unknown[];
  /** Link to the next page or, where the service has no links, the token that asks for it; undefined at the end. */
  readonly next?: string;
  readonly hasLinks: boolean;
  /** Names the page among the pages of all reads: the same for the answer that announces it and the request for it. */
  readonly pageKey: string;
  readonly nextKey?: string;
  /** The same answer with other rows or another way on. */
  with(change: { rows?: readonly unknown[]; next?: string }): SandboxResponse;
}

type Json = Record<string, unknown>;

/** The page in an answer; undefined for anything that is not a page of JSON rows. */
export function pagedAnswer(
  service: ServiceName,
  request: SandboxRequest,
  response: SandboxResponse,
): PagedAnswer | undefined {
  if (response.status !== 200 || response.body === undefined) return undefined;
  const root = parseExact(response.body.toString());
  if (!isRecord(root)) return undefined;
  const answer = (change: Json): SandboxResponse => ({ ...response, body: JSON.stringify({ ...root, ...change }) });
  if (service === 'resource-graph') return graphPage(request, root, answer);
  if (service === 'retail-prices') return pricePage(request, root, answer);

  const holder = service === 'cost-management' && isRecord(root['properties']) ? root['properties'] : root;
  const rowsName = holder === root ? 'value' : 'rows';
  const rows = holder[rowsName];
  if (!Array.isArray(rows)) return undefined;
  const link = holder['nextLink'];
  const next = typeof link === 'string' && URL.canParse(link) ? link : undefined;
  const read = `${request.method} ${request.path} ${request.body.toString('utf8')}`;
  const keyOf = (token: string | null | undefined): string => `${read} ${token ?? ''}`;
  return {
    rows,
    next,
    hasLinks: true,
    pageKey: keyOf(request.query.get('$skiptoken')),
    nextKey: next && keyOf(tokenOf(next)),
    with: (change) => {
      const changed = { ...holder, [rowsName]: change.rows ?? rows, nextLink: change.next ?? link };
      if (changed.nextLink === undefined) delete changed.nextLink;
      return answer(holder === root ? changed : { properties: changed });
    },
  };
}

/** The URL of a request, as a link that leads back to it. */
export function ownLink(request: SandboxRequest): string {
  const query = [...request.query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${request.origin}${request.path}?${query}`;
}

/** The skip token a Resource Graph request carries. */
export function graphToken(request: SandboxRequest): string | undefined {
  const token = graphOptions(parseExact(request.body.toString('utf8')))['$skipToken'];
  return typeof token === 'string' ? token : undefined;
}

function graphPage(
  request: SandboxRequest,
  root: Json,
  answer: (change: Json) => SandboxResponse,
): PagedAnswer | undefined {
  const { data } = root;
  const table = isRecord(data) ? data : undefined;
  const rows = table ? table['rows'] : data;
  if (!Array.isArray(rows)) return undefined;
  const next = typeof root['$skipToken'] === 'string' ? root['$skipToken'] : undefined;
  const body = parseExact(request.body.toString('utf8'));
  const { query, subscriptions } = isRecord(body) ? body : {};
  const keyOf = (token: string | undefined): string => `graph ${JSON.stringify([query, subscriptions])} ${token ?? ''}`;
  return {
    rows,
    next,
    hasLinks: false,
    pageKey: keyOf(graphToken(request)),
    nextKey: next && keyOf(next),
    with: (change) => {
      const changed = change.rows ?? rows;
      return answer({
        count: changed.length,
        data: table ? { ...table, rows: changed } : changed,
        ...(change.next !== undefined && { $skipToken: change.next }),
      });
    },
  };
}

/** Pages of the price list are counted from a number of rows on, and say how many rows they hold. */
function pricePage(
  request: SandboxRequest,
  root: Json,
  answer: (change: Json) => SandboxResponse,
): PagedAnswer | undefined {
  const rows = root['Items'];
  if (!Array.isArray(rows)) return undefined;
  const link = root['NextPageLink'];
  const next = typeof link === 'string' ? link : undefined;
  const keyOf = (query: ReadonlyMap<string, string> | URLSearchParams): string =>
    `prices ${query.get('currencycode') ?? query.get('currencyCode')} ${query.get('$filter')} ${query.get('$skip') ?? ''}`;
  return {
    rows,
    next,
    hasLinks: true,
    pageKey: keyOf(request.query),
    nextKey: next && keyOf(new URL(next).searchParams),
    with: (change) => {
      const changed = change.rows ?? rows;
      return answer({ Items: changed, NextPageLink: change.next ?? link, Count: changed.length });
    },
  };
}

function graphOptions(body: unknown): Json {
  return isRecord(body) && isRecord(body['options']) ? body['options'] : {};
}

function tokenOf(link: string): string | undefined {
  return [...new URL(link).searchParams].find(([name]) => name.toLowerCase() === '$skiptoken')?.[1];
}

/** JSON whose numbers keep their digits when they are written again; undefined for what is not JSON. */
function parseExact(text: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON: (source: string) => unknown };
  const keepDigits = (_: string, value: unknown, context: { source?: string }): unknown =>
    typeof value === 'number' && context.source !== undefined ? rawJSON(context.source) : value;
  try {
    return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

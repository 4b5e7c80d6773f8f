import { type SandboxRequest, type SandboxResponse, ServiceError, json } from '../http/exchange.js';
import type { Route } from '../http/router.js';
import { FilterError, parseFilter } from './odata-filter.js';
import { CURRENCIES, type Currency, priceList } from './price-list.js';

const API_VERSIONS = ['2021-10-01-preview', '2023-01-01-preview'];
const PAGE = 1_000;

/** The public price list: nobody signs in, every answer is a page of a filtered list. */
export function retailPriceRoutes(): Route[] {
  return [
    { service: 'retail-prices', method: 'GET', pattern: /^\/api\/retail\/prices$/, handle: (request) => page(request) },
  ];
}

function page(request: SandboxRequest): SandboxResponse {
  const version = request.query.get('api-version');
  if (version !== undefined && !API_VERSIONS.includes(version)) throw priceError(400, 'Unsupported API version');
  const currency = currencyOf(request);
  const filter = request.query.get('$filter');
  const items = filter === undefined ? priceList(currency) : priceList(currency).filter(predicateOf(filter));
  const skip = wholeNumber(request, '$skip', 0);
  const found = items.slice(skip, skip + Math.min(PAGE, wholeNumber(request, '$top', PAGE)));
  const end = skip + found.length;
  return json(200, {
    BillingCurrency: currency,
    CustomerEntityId: 'Default',
    CustomerEntityType: 'Retail',
    Items: found,
    NextPageLink: end < items.length ? nextPageLink(request, end) : null,
    Count: found.length,
  });
}

/** The list's own refusal, whose members are capitalised. */
export function priceError(status: number, message: string, headers: Record<string, string> = {}): ServiceError {
  const code = status === 429 ? 'TooManyRequests' : 'BadRequest';
  return new ServiceError(json(status, { Error: { Code: code, Message: message } }, headers), message);
}

/** Written in quotes, as the documentation has it, or without. */
function currencyOf(request: SandboxRequest): Currency {
  const asked = (request.query.get('currencycode') ?? 'USD').replaceAll("'", '');
  const currency = CURRENCIES.find((known) => known === asked);
  if (!currency) throw priceError(400, `Invalid currency code ${asked}`);
  return currency;
}

function predicateOf(filter: string): ReturnType<typeof parseFilter> {
  try {
    return parseFilter(filter);
  } catch (error) {
    if (error instanceof FilterError) throw priceError(400, 'Invalid OData parameters supplied');
    throw error;
  }
}

function wholeNumber(request: SandboxRequest, name: string, otherwise: number): number {
  const text = request.query.get(name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text)) throw priceError(400, 'Invalid OData parameters supplied');
  return Number(text);
}

/** The same question further on; the names are written as the list writes them, whatever the caller's case was. */
function nextPageLink(request: SandboxRequest, skip: number): string {
  const names = { 'api-version': 'api-version', currencycode: 'currencyCode', $filter: '$filter', $top: '$top' };
  const query = Object.entries(names).flatMap(([name, written]) => {
    const value = request.query.get(name);
    return value === undefined ? [] : [`${written}=${encodeURIComponent(value)}`];
  });
  return `${request.origin}${request.path}?${[...query, `$skip=${skip}`].join('&')}`;
}

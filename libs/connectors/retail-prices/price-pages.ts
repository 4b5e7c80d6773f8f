import { createHash } from 'node:crypto';
import type { ReadContext } from '#core/connector.js';
import { IncompleteReadError } from '#core/errors.js';
import type { AzureApi } from '../azure/azure-api.js';
import { isObject, parseMoneyBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import type { AzureReadRequest } from '../azure/azure-request.js';

export const RETAIL_PRICES_ID = 'retail-prices';
/** The only version that compares case by case, and the one that the examples of the documentation use. */
export const RETAIL_PRICES_API_VERSION = '2023-01-01-preview';

const PATH = '/api/retail/prices';
/** A page holds 100 or 1,000 prices, by the age of the service. */
const SMALLEST_FULL_PAGE = 100;

/**
 * Items of the price list that the OData `filter` selects, page by page. Throws `IncompleteReadError` for pages that
 * cannot be the whole answer. The list announces no total, and its link has been known to be missing on full pages: a
 * page that may be full is not taken for the last until the next one was asked for and is empty.
 */
export async function* pricePages(
  api: AzureApi,
  { currency, filter, label }: { currency: string; filter: string; label: string },
  context: ReadContext,
): AsyncGenerator<readonly unknown[], void> {
  const client = api.forTenant(context.tenant);
  const endpoint = api.retailPricesEndpoint();
  const guard = client.paging(endpoint);
  const question = {
    'api-version': RETAIL_PRICES_API_VERSION,
    currencyCode: `'${currency}'`,
    $filter: filter,
  };
  const seen = new Set<string>();
  let rows = 0;
  let request: Pick<AzureReadRequest, 'target' | 'query'> | null = { target: PATH, query: question };
  for (let page = 1; request !== null; page += 1) {
    const { json } = await client.read(
      {
        method: 'GET',
        ...request,
        endpoint,
        parse: parseMoneyBody,
        connector: RETAIL_PRICES_ID,
        quota: { service: 'retail-prices', scope: '' },
        need: null,
      },
      pageLabel(label, page),
      context,
    );
    const items = itemsOf(json, page);
    const link = guard.nextLink((json as Record<string, unknown>)['NextPageLink']);
    const print = createHash('sha256').update(JSON.stringify(items)).digest('hex');
    if (items.length === 0 && link !== null) throw unusable(`page ${page} is empty, but leads on`);
    if (items.length > 0 && seen.has(print)) throw unusable(`page ${page} repeats what came before`);
    seen.add(print);
    rows += items.length;
    yield items;
    if (link !== null) request = { target: link };
    else if (items.length > 0 && items.length % SMALLEST_FULL_PAGE === 0) {
      request = { target: PATH, query: { ...question, $skip: String(rows) } };
    } else request = null;
  }
}

function itemsOf(json: unknown, page: number): readonly unknown[] {
  if (!isObject(json) || !Array.isArray(json['Items'])) throw unusable(`page ${page} has no list of prices`);
  const items: readonly unknown[] = json['Items'];
  if (json['Count'] !== String(items.length)) {
    throw unusable(`page ${page} announces ${String(json['Count'])} prices, but holds ${items.length}`);
  }
  return items;
}

/** The error of an answer that contradicts itself or the question. */
export function unusable(reason: string): IncompleteReadError {
  return new IncompleteReadError(
    `The price list is not usable: ${reason}.`,
    'Nothing to do at once: the window is tried again.',
  );
}

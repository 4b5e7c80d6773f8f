import type { ReadContext } from '#core/connector.js';
import { IncompleteReadError, SourceRejectedError } from '#core/errors.js';
import type { AzureClient } from '../azure/azure-client.js';
import type { AzureAnswer } from '../azure/azure-request.js';
import { isObject, parsePlainBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import { ResponseTooLargeError } from '../azure/refusals.js';

export const RESOURCE_GRAPH_ID = 'resource-graph';
export const RESOURCE_GRAPH_API_VERSION = '2022-10-01';
export const RESOURCE_GRAPH_ROLE = 'Reader';

/** The most rows that Resource Graph puts on a page. */
const MAX_PAGE_ROWS = 1000;

/** One page of a query's answer. */
export interface QueryPage {
  rows: readonly unknown[];
  /** What Azure says the whole query matches. */
  totalRecords: number;
  /** Azure stopped before the end and gave no way to go on. */
  cutOff: boolean;
  /** Azure looked at the first 10,000 subscriptions only. */
  subscriptionLimitHit: boolean;
}

/**
 * Runs `query` over `subscriptions` (at most 1,000; none means all that the credential may read) and yields its pages,
 * each kept raw first under `label`-nnnn; `connector` is whose calls they are. A page has up to `maxRows` rows.
 * Pages that are too large for Azure (16 MB) are asked for again at half the size.
 */
export async function* queryPages(
  client: AzureClient,
  query: string,
  subscriptions: readonly string[],
  label: string,
  context: ReadContext,
  connector = RESOURCE_GRAPH_ID,
  maxRows = MAX_PAGE_ROWS,
): AsyncGenerator<QueryPage, void> {
  const guard = client.paging();
  let pageRows = maxRows;
  let skipToken: string | null = null;
  for (let page = 1; ; page++) {
    const read = ($top: number): Promise<AzureAnswer> =>
      client.read(
        {
          method: 'POST',
          target: '/providers/Microsoft.ResourceGraph/resources',
          query: { 'api-version': RESOURCE_GRAPH_API_VERSION },
          // The token goes back together with the same query and scopes; `$top` beside it sets the size of that page.
          body: {
            ...(subscriptions.length > 0 && { subscriptions }),
            query,
            options: { resultFormat: 'objectArray', $top, ...(skipToken !== null && { $skipToken: skipToken }) },
          },
          parse: parsePlainBody,
          connector,
          quota: { service: 'resource-graph', scope: 'tenant' },
          need: { role: RESOURCE_GRAPH_ROLE, scope: `the subscriptions of tenant ${context.tenant.azureTenantId}` },
        },
        pageLabel(label, page),
        context,
      );
    let answer: AzureAnswer;
    for (;;) {
      try {
        answer = await read(pageRows);
        break;
      } catch (error) {
        if (error instanceof ResponseTooLargeError && pageRows > 1) pageRows = Math.ceil(pageRows / 2);
        else if (error instanceof SourceRejectedError && skipToken !== null) throw tokenRefused(page, error);
        else throw error;
      }
    }
    const body = answer.json;
    const rows = isObject(body) ? body['data'] : null;
    const totalRecords = isObject(body) ? Number(body['totalRecords']) : Number.NaN;
    if (!isObject(body) || !Array.isArray(rows) || !Number.isSafeInteger(totalRecords)) {
      throw new IncompleteReadError(
        `Page ${page} of the Resource Graph answer has no rows or no total.`,
        'Nothing to do at once: the window is tried again.',
      );
    }
    skipToken = guard.nextToken(body['$skipToken']);
    yield {
      rows,
      totalRecords,
      // `resultTruncated` is the text "true" or "false", never a boolean.
      cutOff: skipToken === null && String(body['resultTruncated']) === 'true',
      subscriptionLimitHit: answer.headers.get('x-ms-tenant-subscription-limit-hit')?.toLowerCase() === 'true',
    };
    if (skipToken === null) return;
  }
}

/** The same query was accepted for the first page, so it is the token that has expired or is broken. */
function tokenRefused(page: number, cause: SourceRejectedError): IncompleteReadError {
  return new IncompleteReadError(
    `Resource Graph does not go on to page ${page} of its answer. ${cause.message}`,
    'Nothing to do at once: the window is tried again.',
    { cause },
  );
}

import type { DayRange } from '#core/day.js';
import type { AzureClient } from '../azure/azure-client.js';
import type { AnswerKeeper } from '../azure/azure-request.js';
import { isObject, parseMoneyBody } from '../azure/json-body.js';
import { pageLabel } from '../azure/paging.js';
import {
  COST_MANAGEMENT_API_VERSION,
  COST_MANAGEMENT_ID,
  COST_MANAGEMENT_ROLE,
  costQuery,
  PAGE_ROWS,
  type CostDatasetType,
  type Grain,
} from './cost-query.js';
import { malformedAnswer } from './malformed-answer.js';

/** One page of rows as Azure sent it; numbers are the text that stood in the answer. */
export interface CostTable {
  columns: readonly unknown[];
  rows: readonly unknown[];
  /** Azure said in so many words that there is no data (204 or an empty object), rather than sending no rows. */
  noData: boolean;
}

/** One daily cost query of one subscription. */
export interface CostQuestion {
  subscriptionId: string;
  type: CostDatasetType;
  range: DayRange;
  /** Empty for daily totals. */
  grain: Grain;
  /** Tells this question's raw pages from those of others in the same window. */
  label: string;
}

/**
 * Asks the question and yields its pages, each kept raw first. The next page is had by sending the identical body to
 * the link again (a GET, or another body, is refused or starts anew); the SDKs do not do that and stop at page one.
 */
export async function* costTables(
  client: AzureClient,
  { subscriptionId, type, range, grain, label }: CostQuestion,
  context: AnswerKeeper,
): AsyncGenerator<CostTable, void> {
  const guard = client.paging();
  const body = costQuery(type, range, grain);
  let next: string | null =
    `/subscriptions/${encodeURIComponent(subscriptionId)}/providers/Microsoft.CostManagement/query`;
  for (let page = 1; next !== null; page++) {
    const answer = await client.read(
      {
        method: 'POST',
        target: next,
        ...(page === 1 && { query: { 'api-version': COST_MANAGEMENT_API_VERSION, $top: String(PAGE_ROWS) } }),
        body,
        parse: parseMoneyBody,
        connector: COST_MANAGEMENT_ID,
        quota: { service: 'cost-management', scope: subscriptionId },
        need: { role: COST_MANAGEMENT_ROLE, scope: `subscription ${subscriptionId}` },
      },
      pageLabel(label, page),
      context,
    );
    const table = toTable(answer.json, page);
    next = guard.nextLink(table.nextLink);
    if (next !== null && table.rows.length === 0) throw malformedAnswer(`page ${page} is empty, but leads on`);
    yield table;
  }
}

function toTable(body: unknown, page: number): CostTable & { nextLink: unknown } {
  const noData = body === null || (isObject(body) && Object.keys(body).length === 0);
  if (noData) return { columns: [], rows: [], noData: true, nextLink: null };
  const properties = isObject(body) ? body['properties'] : undefined;
  if (!isObject(properties)) throw malformedAnswer(`page ${page} has no properties`);
  const { columns, rows, nextLink } = properties;
  if (rows === undefined || rows === null) return { columns: [], rows: [], noData: true, nextLink };
  if (!Array.isArray(rows)) throw malformedAnswer(`the rows of page ${page} are not a list`);
  if (!Array.isArray(columns) && rows.length > 0) throw malformedAnswer(`page ${page} does not name its columns`);
  return { columns: Array.isArray(columns) ? columns : [], rows, noData: false, nextLink };
}

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
 * Asks the question and yields what `read` makes of its pages, each kept raw first. A page is let go of as soon as it is
 * parsed: its cells take as much again as its records, and twenty pages may be on their way into the raw store at once. The next
 * page is had by sending the identical body to the link again (a GET, or another body, is refused or starts anew); the
 * SDKs do not do that and stop at page one.
 */
export async function* costPages<T>(
  client: AzureClient,
  question: CostQuestion,
  context: AnswerKeeper,
  read: (table: CostTable) => T,
): AsyncGenerator<T, void> {
  const guard = client.paging();
  let next: string | null =
    `/subscriptions/${encodeURIComponent(question.subscriptionId)}/providers/Microsoft.CostManagement/query`;
  for (let page = 1; next !== null; page++) {
    const { value, nextLink } = await readPage(client, question, context, { page, target: next }, read);
    next = guard.nextLink(nextLink);
    if (next !== null && value.isEmpty) throw malformedAnswer(`page ${page} is empty, but leads on`);
    yield value.read;
  }
}

/** A function of its own, so that nothing of the answer outlives it. */
async function readPage<T>(
  client: AzureClient,
  { subscriptionId, type, range, grain, label }: CostQuestion,
  context: AnswerKeeper,
  { page, target }: { page: number; target: string },
  read: (table: CostTable) => T,
): Promise<Digest<T>> {
  const answer = await client.read(
    {
      method: 'POST',
      target,
      ...(page === 1 && { query: { 'api-version': COST_MANAGEMENT_API_VERSION, $top: String(PAGE_ROWS) } }),
      body: costQuery(type, range, grain),
      parse: (body) => {
        const json = parseMoneyBody(body);
        return outcomeOf(() => digest(json, page, read));
      },
      connector: COST_MANAGEMENT_ID,
      quota: { service: 'cost-management', scope: subscriptionId },
      need: { role: COST_MANAGEMENT_ROLE, scope: `subscription ${subscriptionId}` },
    },
    pageLabel(label, page),
    context,
  );
  return (answer.json as () => Digest<T>)();
}

interface Digest<T> {
  value: { read: T; isEmpty: boolean };
  nextLink: unknown;
}

function digest<T>(json: unknown, page: number, read: (table: CostTable) => T): Digest<T> {
  const { nextLink, ...table } = toTable(json, page);
  return { value: { read: read(table), isEmpty: table.rows.length === 0 }, nextLink };
}

/** Does `work` at once, and answers it or throws what it threw when asked: by then the page is kept, whatever is wrong. */
function outcomeOf<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
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

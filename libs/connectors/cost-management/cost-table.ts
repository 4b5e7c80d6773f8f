import type { DayRange } from '#core/day.js';
import { InvariantError } from '#core/errors.js';
import { free } from '#core/heap.js';
import type { AzureClient } from '../azure/azure-client.js';
import type { AnswerKeeper } from '../azure/azure-request.js';
import { isObject, parseMoneyBody } from '../azure/json-body.js';
import { pageLabel, type PagingGuard } from '../azure/paging.js';
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

/** Reads a page row by row while it is parsed; numbers are the text that stood in the answer. */
export interface PageReader<T> {
  /** Before the first row. */
  begin(columns: readonly unknown[]): void;
  /** Its cells are overwritten by the next row. */
  row(cells: readonly unknown[], index: number): void;
  /** After the last row. Azure may have said in so many words that there is no data (204 or an empty object). */
  end(noData: boolean): T;
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
 * A page that is kept raw but not parsed yet: as bytes it costs the garbage collector nothing, and twenty pages may wait for
 * the raw store at once.
 */
export class CostPage<T> {
  #body: Uint8Array | undefined;
  #nextLink: unknown;
  #isEmpty = false;

  constructor(
    body: Uint8Array,
    private readonly number: number,
    private readonly reader: () => PageReader<T>,
  ) {
    this.#body = body;
  }

  /** Parses the page, lets go of it, and answers what its reader makes of it; once, and before the next page is asked for. */
  take(): T {
    const body = this.#body;
    if (!body) throw new InvariantError('a page of costs is taken once');
    this.#body = undefined;
    const reader = this.reader();
    const { nextLink, rows, noData } = readPage(body, this.number, reader);
    free(body);
    this.#nextLink = nextLink;
    this.#isEmpty = rows === 0;
    return reader.end(noData);
  }

  /** Where the page after it is; null where there is none. */
  next(guard: PagingGuard): string | null {
    if (this.#body) throw new InvariantError('a page of costs is taken before the next one is asked for');
    const next = guard.nextLink(this.#nextLink);
    if (next !== null && this.#isEmpty) throw malformedAnswer(`page ${this.number} is empty, but leads on`);
    return next;
  }
}

/**
 * Asks the question and yields its pages, each kept raw first. The next page is had by sending the identical body to the link
 * again (a GET, or another body, is refused or starts anew); the SDKs do not do that and stop at page one.
 */
export async function* costPages<T>(
  client: AzureClient,
  question: CostQuestion,
  context: AnswerKeeper,
  reader: () => PageReader<T>,
): AsyncGenerator<CostPage<T>, void> {
  const guard = client.paging();
  let next: string | null =
    `/subscriptions/${encodeURIComponent(question.subscriptionId)}/providers/Microsoft.CostManagement/query`;
  for (let number = 1; next !== null; number++) {
    const page: CostPage<T> = new CostPage(await askForPage(client, question, context, number, next), number, reader);
    yield page;
    next = page.next(guard);
  }
}

async function askForPage(
  client: AzureClient,
  { subscriptionId, type, range, grain, label }: CostQuestion,
  context: AnswerKeeper,
  number: number,
  target: string,
): Promise<Uint8Array> {
  const { body } = await client.read(
    {
      method: 'POST',
      target,
      ...(number === 1 && { query: { 'api-version': COST_MANAGEMENT_API_VERSION, $top: String(PAGE_ROWS) } }),
      body: costQuery(type, range, grain),
      // Not before it is wanted.
      parse: () => null,
      connector: COST_MANAGEMENT_ID,
      quota: { service: 'cost-management', scope: subscriptionId },
      need: { role: COST_MANAGEMENT_ROLE, scope: `subscription ${subscriptionId}` },
    },
    pageLabel(label, number),
    context,
  );
  return body;
}

interface ReadPage {
  rows: number;
  noData: boolean;
  nextLink: unknown;
}

function readPage<T>(body: Uint8Array, page: number, reader: PageReader<T>): ReadPage {
  // Rows are read while they are parsed where the columns are known by then, as Azure writes them.
  let taken: { of: unknown; rows: number } | undefined;
  const json = parseMoneyBody(body, (name, owner) => {
    const columns = owner['columns'];
    if (name !== 'rows' || taken || !Array.isArray(columns)) return null;
    const rows = (taken = { of: owner, rows: 0 });
    return (row) => {
      if (rows.rows === 0) reader.begin(columns);
      reader.row(cellsOf(row, rows.rows), rows.rows);
      rows.rows += 1;
    };
  });
  const noData = json === null || (isObject(json) && Object.keys(json).length === 0);
  if (noData) return { rows: 0, noData, nextLink: null };
  const properties = isObject(json) ? json['properties'] : undefined;
  if (!isObject(properties)) throw malformedAnswer(`page ${page} has no properties`);
  const { columns, rows, nextLink } = properties;
  if (rows === undefined || rows === null) return { rows: 0, noData: true, nextLink };
  if (!Array.isArray(rows)) throw malformedAnswer(`the rows of page ${page} are not a list`);
  if (taken && (taken.of !== properties || rows.length > 0))
    throw malformedAnswer(`page ${page} has rows in two places`);
  if (taken) return { rows: taken.rows, noData: false, nextLink };
  if (rows.length === 0) return { rows: 0, noData: false, nextLink };
  if (!Array.isArray(columns)) throw malformedAnswer(`page ${page} does not name its columns`);
  reader.begin(columns);
  for (const [index, row] of rows.entries()) reader.row(cellsOf(row, index), index);
  return { rows: rows.length, noData: false, nextLink };
}

function cellsOf(row: unknown, index: number): readonly unknown[] {
  if (!Array.isArray(row)) throw malformedAnswer(`row ${index + 1} is no list of cells`);
  return row;
}

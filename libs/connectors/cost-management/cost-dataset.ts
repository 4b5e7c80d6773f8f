import type { Day, DayRange } from '#core/day.js';
import type { CostRecord } from '#core/records.js';
import type { AzureClient } from '../azure/azure-client.js';
import type { AnswerKeeper } from '../azure/azure-request.js';
import { costRowMapper, type CostRowScope } from './cost-row.mapper.js';
import { costPages, type CostPage, type PageReader } from './cost-table.js';
import type { CostDatasetType, Grain } from './cost-query.js';
import { DailyTotals } from './daily-totals.js';
import { PageEdges } from './page-edges.js';

/** Where the answers of one window come from and go to. */
export interface CostSource {
  client: AzureClient;
  subscriptionId: string;
  range: DayRange;
  context: AnswerKeeper;
}

/** One of Azure's two datasets over one window at one grain: its pages, and what they add up to. */
export class CostDataset {
  pages = 0;
  rows = 0;
  /** Azure said that it has no data, on every page so far. */
  noData = true;
  readonly totals = new DailyTotals();
  readonly #label: string;

  constructor(
    readonly type: CostDatasetType,
    readonly grain: Grain,
    private readonly source: CostSource,
  ) {
    this.#label = `${type === 'ActualCost' ? 'actual' : 'amortized'}-by-${grain.length}`;
  }

  /** The records of the window, page by page. */
  async *records(
    range: DayRange = this.source.range,
    label = this.#label,
  ): AsyncGenerator<CostPage<CostRecord[]>, void> {
    const { client, subscriptionId, context } = this.source;
    const question = { subscriptionId, type: this.type, range, grain: this.grain, label };
    const edges = new PageEdges();
    yield* costPages(client, question, context, () =>
      recordReader(question, edges, (records, noData) => {
        this.pages += 1;
        this.rows += records.length;
        this.noData &&= noData;
        this.totals.add(records);
        return records;
      }),
    );
  }

  /** The records of a single day, for days that the query over the whole range has left out. */
  recordsOfDay(day: Day): AsyncGenerator<CostPage<CostRecord[]>, void> {
    return this.records({ from: day, to: day }, `${this.#label}-on-${day.replaceAll('-', '')}`);
  }

  /** What Azure says the days of the window add up to, asked without any grouping. */
  async announcedTotals(): Promise<DailyTotals> {
    const { client, subscriptionId, range, context } = this.source;
    const question = { subscriptionId, type: this.type, range, grain: [], label: `${this.#label}-totals` };
    const totals = new DailyTotals();
    const edges = new PageEdges();
    const pages = costPages(client, question, context, () =>
      recordReader(question, edges, (records) => totals.add(records)),
    );
    for await (const page of pages) {
      page.take();
      this.pages += 1;
    }
    return totals;
  }
}

function recordReader<T>(
  scope: CostRowScope,
  edges: PageEdges,
  end: (records: CostRecord[], noData: boolean) => T,
): PageReader<T> {
  const records: CostRecord[] = [];
  let toRecord: ReturnType<typeof costRowMapper>;
  return {
    begin: (columns) => void (toRecord = costRowMapper(columns, scope)),
    row: (cells, index) => {
      records.push(toRecord(cells, index));
      edges.add(cells);
    },
    end: (noData) => {
      edges.endPage();
      return end(records, noData);
    },
  };
}

import type { ReadContext, ReadProof, WindowSpec } from '#core/connector.js';
import { addDays, dayOf, daysOf, type Day } from '#core/day.js';
import { InvariantError, UnavailableError } from '#core/errors.js';
import type { CostRecord } from '#core/records.js';
import type { AzureClient } from '../azure/azure-client.js';
import { GroupingRefusedError } from '../azure/refusals.js';
import { CostDataset, type CostSource } from './cost-dataset.js';
import type { CostPage } from './cost-table.js';
import { COST_MANAGEMENT_ID, GRAINS, type Grain } from './cost-query.js';
import { together } from './together.js';

/** Charges arrive up to a day late; a day this old that has none was not merely late. */
const SETTLED_AFTER_DAYS = 2;

type Page = CostPage<CostRecord[]>;
type Pages = AsyncGenerator<Page, void>;

/** A dataset whose first page has been had. */
interface StartedDataset {
  dataset: CostDataset;
  pages: Pages;
  first: IteratorResult<Page, void>;
}

interface StartedRead {
  grain: Grain;
  actual: StartedDataset;
  /** The reason why there is none, where Azure has no amortized costs for the subscription. */
  amortized: StartedDataset | UnavailableError;
}

/**
 * Reads both cost datasets of a subscription's window. Rows of either have one amount set; whoever stores them adds
 * up equal keys. Throws `UnavailableError` where the subscription has no costs for a lasting reason; where only the
 * amortized half is missing, the proof says so instead.
 */
export async function* readCosts(
  client: AzureClient,
  window: WindowSpec,
  context: ReadContext,
): AsyncGenerator<CostRecord[], ReadProof> {
  const { subscriptionId, range } = window;
  if (subscriptionId === null || range === null) {
    throw new InvariantError('A cost window needs a subscription and a range of days.');
  }
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const started = await startAtFinestGrain({ client, subscriptionId, range, context: { ...context, signal } });
  const datasets =
    started.amortized instanceof UnavailableError ? [started.actual] : [started.actual, started.amortized];
  yield* inStep(datasets, stop);
  if (
    datasets.every(({ dataset }) => dataset.noData) &&
    dayOf(context.clock.now()) > addDays(range.to, SETTLED_AFTER_DAYS)
  ) {
    throw new UnavailableError(
      `Cost Management has no data at all of this subscription from ${range.from} to ${range.to}.`,
      'Nothing to do for a subscription that is new or was never charged. Otherwise check in Cost analysis that its ' +
        'costs are visible, and bring costs that Azure no longer serves in from cost files.',
    );
  }
  const settledDays = daysOf(range).filter((day) => day <= addDays(dayOf(context.clock.now()), -SETTLED_AFTER_DAYS));
  const incompleteReason = yield* fillGaps(
    datasets.map(({ dataset }) => dataset),
    settledDays,
  );
  return toProof(started, datasets, incompleteReason);
}

/**
 * Starts both datasets at the finest grain that Azure accepts for both. Nothing has been yielded by then, so that a
 * refusal of either restarts both.
 */
async function startAtFinestGrain(source: CostSource): Promise<StartedRead> {
  for (const [index, grain] of GRAINS.entries()) {
    try {
      return await startBoth(grain, source);
    } catch (error) {
      if (!(error instanceof GroupingRefusedError) || index === GRAINS.length - 1) throw error;
      source.context.logger.warn(
        {
          connector: COST_MANAGEMENT_ID,
          subscription_id: source.subscriptionId,
          refused: grain,
          reason: error.message,
        },
        'cost dimensions refused, reading coarser rows',
      );
    }
  }
  throw new InvariantError('There is no grain to read costs at.');
}

async function startBoth(grain: Grain, source: CostSource): Promise<StartedRead> {
  const stop = new AbortController();
  const signal = AbortSignal.any([source.context.signal, stop.signal]);
  const linked = { ...source, context: { ...source.context, signal } };
  const [actual, amortized] = await together<[StartedDataset, StartedRead['amortized']]>(
    [
      start(new CostDataset('ActualCost', grain, linked)),
      start(new CostDataset('AmortizedCost', grain, linked)).catch((error: unknown) => {
        if (error instanceof UnavailableError) return error;
        throw error;
      }),
    ],
    stop,
  );
  return { grain, actual, amortized };
}

async function start(dataset: CostDataset): Promise<StartedDataset> {
  const pages = dataset.records();
  return { dataset, pages, first: await pages.next() };
}

/**
 * Yields the records of all datasets' pages, asking for the next page of each at the same time. A page is parsed when its
 * records are wanted, and let go of when they have been yielded.
 */
async function* inStep(datasets: readonly StartedDataset[], stop: AbortController): AsyncGenerator<CostRecord[], void> {
  let open = datasets.map(({ pages, first }) => ({ pages, page: first }));
  for (;;) {
    const going: Pages[] = [];
    for (const { pages, page } of open) {
      if (page.done) continue;
      going.push(pages);
      const records = page.value.take();
      if (records.length > 0) yield records;
      // Every function on the way waits for the next page with this list in its hand, which would keep the records alive.
      records.length = 0;
    }
    if (going.length === 0) return;
    open = await together(
      going.map(async (pages) => ({ pages, page: await pages.next() })),
      stop,
    );
  }
}

/**
 * Excludes what paging may lose, and a known defect of Azure: a grouped daily query over several days may return its
 * last day only. Where rows came in several pages, or settled days are missing, the ungrouped totals tell whether that
 * is all; days that are missing are read one by one. Returns why the rows are still not all, or null.
 */
async function* fillGaps(
  datasets: readonly CostDataset[],
  settledDays: readonly Day[],
): AsyncGenerator<CostRecord[], string | null> {
  let known: ReadonlySet<Day> | null = null;
  for (const dataset of datasets) {
    // Days without charges are common; once one dataset's days are known, the other is suspect only where it has fewer.
    const suspect = settledDays.filter((day) => !dataset.totals.days.has(day) && (known === null || known.has(day)));
    // Several pages are positions in an answer that may move: a row that was skipped shows in the totals alone.
    if (dataset.pages > 1 || (suspect.length > 0 && (!dataset.noData || known !== null))) {
      const announced = await dataset.announcedTotals();
      for (const day of [...announced.days].filter((each) => !dataset.totals.days.has(each)).sort()) {
        for await (const page of dataset.recordsOfDay(day)) {
          const records = page.take();
          if (records.length > 0) yield records;
        }
      }
      const difference = dataset.totals.firstDifference(announced);
      if (difference !== null) {
        return `The rows of ${dataset.type} do not add up to Azure's own total of ${difference}.`;
      }
    }
    known ??= new Set(dataset.totals.days);
  }
  return null;
}

function toProof(
  { grain, amortized }: StartedRead,
  parts: readonly StartedDataset[],
  incompleteReason: string | null,
): ReadProof {
  const datasets = parts.map(({ dataset }) => dataset);
  return {
    pages: datasets.reduce((sum, { pages }) => sum + pages, 0),
    rows: datasets.reduce((sum, { rows }) => sum + rows, 0),
    expected: null,
    complete: incompleteReason === null,
    incompleteReason,
    coveredDays: [...new Set(datasets.flatMap(({ totals }) => [...totals.days]))].sort(),
    subscriptionsSeen: null,
    grain,
    amounts: amortized instanceof UnavailableError ? 'actual' : 'both',
    unavailable: amortized instanceof UnavailableError ? { reason: amortized.message, action: amortized.action } : null,
  };
}

import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { PoolClient } from 'pg';
import type { Day } from '#core/day.js';
import type { CostRecord } from '#core/records.js';
import type { Database } from '../database.js';
import type { CostDimensions, RollupKey } from './cost-dimensions.js';
import { CostSeries } from './cost-series.js';

/** Where a charge belongs: its publication's number and its billing month (first day of the month). */
export interface StagedMonth {
  publication: number;
  billingMonth: Day;
}

/** Staged charges of one dataset and one key of the rollup. */
export interface StagedSlice extends RollupKey, StagedMonth {
  /** Its number in the stage. */
  slice: number;
  /** Days that have charges. */
  days: ReadonlySet<Day>;
}

const CREATE_STAGE = `
  CREATE TEMP TABLE IF NOT EXISTS cost_stage (
    slice integer NOT NULL, dimension_id bigint NOT NULL, month date NOT NULL, currency text NOT NULL, costs numeric[],
    amortized_costs numeric[]
  );
  CREATE TEMP TABLE IF NOT EXISTS cost_before (LIKE cost_daily_totals) ON COMMIT DELETE ROWS;
  CREATE TEMP TABLE IF NOT EXISTS cost_taken_over (LIKE cost_daily_totals, month date NOT NULL) ON COMMIT DELETE ROWS;
  CREATE TEMP TABLE IF NOT EXISTS cost_rest (LIKE costs_monthly) ON COMMIT DELETE ROWS`;
/** Part of the publication, and undone with it. */
export const EMPTY_STAGE = 'TRUNCATE pg_temp.cost_stage';
/** Connections that have these tables. */
const WITH_STAGE = new WeakSet<PoolClient>();
const COPY_STAGE = 'COPY pg_temp.cost_stage (slice, dimension_id, month, currency, costs, amortized_costs) FROM STDIN';

/** What is gathered before it is written: a window's charges, mostly, and a part of a large file. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Charges on their way into the ledger: gathered into months while the source is read, then written to a temporary table
 * of one connection by COPY. It holds no lock and no transaction, however long the source takes.
 */
export class CostStage {
  #series = new CostSeries();
  #writing: Promise<void> = Promise.resolve();
  #isPublished = false;
  readonly #slices: GrowingSlice[] = [];
  readonly #byMonth = new Map<string, MonthSlices>();

  private constructor(
    readonly client: PoolClient,
    readonly tenantId: string,
    private readonly dimensions: CostDimensions,
  ) {}

  /** A publication leaves the stage empty, and what is not published goes with its connection: this one is empty. */
  static async open(database: Database, tenantId: string, dimensions: CostDimensions): Promise<CostStage> {
    const client = await database.connect();
    try {
      if (!WITH_STAGE.has(client)) await client.query(CREATE_STAGE);
      WITH_STAGE.add(client);
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
    return new CostStage(client, tenantId, dimensions);
  }

  /** What is staged, without its amounts. */
  get slices(): readonly StagedSlice[] {
    return this.#slices;
  }

  /** Charges of one month, of which nothing is kept but bytes: whoever read them may empty the list. */
  async add(month: StagedMonth, records: readonly CostRecord[]): Promise<void> {
    if (records.length === 0) return;
    const dimensions = this.dimensions.of(this.tenantId, records);
    const slices = this.slicesOf(month);
    // By index: what an iterator makes for each charge would be a sixth of all garbage.
    for (let index = 0; index < records.length; index += 1) {
      const record = records[index]!;
      const dimension = dimensions[index]!;
      const slice = slices.byKey.get(dimension.rollup) ?? this.sliceOf(month, dimension.rollup, slices);
      slice.days.add(record.day);
      this.#series.add(slice.slice, dimension, record);
    }
    if (this.#series.bytes >= MOST_BYTES) await this.#beginToWrite();
  }

  /** Waits until all that was gathered is in the table. */
  async write(): Promise<void> {
    await this.#beginToWrite();
    await this.#writing;
  }

  /** The database works on one part while the next is gathered, and no more than these two are in memory. */
  async #beginToWrite(): Promise<void> {
    await this.#writing;
    const series = this.#series;
    this.#series = new CostSeries();
    if (series.isEmpty) return;
    this.#writing = this.#write(series);
    // Whoever cannot read on never awaits it, and an unheard rejection would end the process.
    this.#writing.catch(() => undefined);
  }

  /** What was staged is published, and its rows went with that transaction. */
  markPublished(): void {
    this.#isPublished = true;
  }

  async #write(series: CostSeries): Promise<void> {
    await this.dimensions.store(this.client, this.tenantId, series.dimensions);
    await pipeline(Readable.from(series.lines()), this.client.query(copyFrom(COPY_STAGE)));
  }

  /**
   * Gives the connection back once its charges are published, and drops it otherwise: with what is staged, and with tables
   * and plans of its own that may be older than the schema and the reason why.
   */
  async close(): Promise<void> {
    // Nothing is on its way into the table any more.
    await this.#writing.catch(() => undefined);
    this.client.release(!this.#isPublished);
  }

  private slicesOf({ publication, billingMonth }: StagedMonth): MonthSlices {
    const month = `${publication} ${billingMonth}`;
    let slices = this.#byMonth.get(month);
    if (!slices) this.#byMonth.set(month, (slices = { byKey: new Map(), byText: new Map() }));
    return slices;
  }

  /** One for each key, however many objects say it: the rollup has a row for each slice and day. */
  private sliceOf(
    { publication, billingMonth }: StagedMonth,
    rollup: RollupKey,
    { byKey, byText }: MonthSlices,
  ): GrowingSlice {
    const { provider, billingAccountId, subscriptionId, serviceName } = rollup;
    const text = JSON.stringify([provider, billingAccountId, subscriptionId, serviceName]);
    let slice = byText.get(text);
    if (!slice) {
      slice = { ...rollup, slice: this.#slices.length, publication, billingMonth, days: new Set<Day>() };
      this.#slices.push(slice);
      byText.set(text, slice);
    }
    byKey.set(rollup, slice);
    return slice;
  }
}

/** The slices of one month. */
interface MonthSlices {
  byKey: Map<RollupKey, GrowingSlice>;
  byText: Map<string, GrowingSlice>;
}

interface GrowingSlice extends StagedSlice {
  days: Set<Day>;
}

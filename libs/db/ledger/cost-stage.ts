import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { PoolClient } from 'pg';
import type { Day } from '#core/day.js';
import type { CostRecord } from '#core/records.js';
import type { Database } from '../database.js';
import type { CostDimension, CostDimensions, RollupKey } from './cost-dimensions.js';

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
    slice integer NOT NULL, dimension_id bigint NOT NULL, day date NOT NULL, currency text NOT NULL, cost numeric,
    amortized_cost numeric
  );
  CREATE TEMP TABLE IF NOT EXISTS cost_before (LIKE cost_daily_totals);
  CREATE TEMP TABLE IF NOT EXISTS cost_taken_over (LIKE cost_daily_totals, month date NOT NULL)`;
const EMPTY_STAGE = 'TRUNCATE pg_temp.cost_stage, pg_temp.cost_before, pg_temp.cost_taken_over';
const COPY_STAGE = 'COPY pg_temp.cost_stage (slice, dimension_id, day, currency, cost, amortized_cost) FROM STDIN';

const CHUNK_BYTES = 256 * 1024;
/** Most lines are shorter. */
const LINE_BYTES = 100;
const NULL = '\\N';
const TAB = 0x09;
const LINE_FEED = 0x0a;

/**
 * Charges on their way into the ledger: a temporary table of one connection, filled by COPY while the source is read.
 * It holds no lock and no transaction, however long the source takes.
 */
export class CostStage {
  readonly #slices: GrowingSlice[] = [];
  readonly #byMonth = new Map<string, Map<RollupKey, GrowingSlice>>();

  private constructor(
    readonly client: PoolClient,
    readonly tenantId: string,
    private readonly dimensions: CostDimensions,
  ) {}

  /** A stage is emptied when it is closed, or goes with its connection: this one is empty. */
  static async open(database: Database, tenantId: string, dimensions: CostDimensions): Promise<CostStage> {
    const client = await database.connect();
    try {
      await client.query(CREATE_STAGE);
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

  /** Charges of one month. */
  async add(month: StagedMonth, records: readonly CostRecord[]): Promise<void> {
    if (records.length === 0) return;
    const dimensions = await this.dimensions.resolve(this.client, this.tenantId, records);
    const text = copyText(this.linesOf(month, records, dimensions));
    await pipeline(Readable.from(text), this.client.query(copyFrom(COPY_STAGE)));
  }

  /** Gives the connection back, or drops it when its state is unknown. */
  async close(): Promise<void> {
    try {
      await this.client.query(EMPTY_STAGE);
      this.client.release();
    } catch (error) {
      this.client.release(error as Error);
    }
  }

  /** What two records say of one charge, each in a column of its own, is one line: half as many to write and to add up. */
  private linesOf(
    month: StagedMonth,
    records: readonly CostRecord[],
    dimensions: readonly CostDimension[],
  ): StagedLine[] {
    const lines: StagedLine[] = [];
    const byCharge = new Map<CostDimension, Map<Day, StagedLine>>();
    const slices = this.slicesOf(month);
    for (const [index, record] of records.entries()) {
      const dimension = dimensions[index]!;
      const { day, currency, cost, amortizedCost } = record;
      const slice = slices.get(dimension.rollup) ?? this.newSlice(month, dimension.rollup, slices);
      let byDay = byCharge.get(dimension);
      if (!byDay) byCharge.set(dimension, (byDay = new Map()));
      const earlier = byDay.get(day);
      if (
        earlier?.currency === currency &&
        (cost === null || earlier.cost === null) &&
        (amortizedCost === null || earlier.amortizedCost === null)
      ) {
        earlier.cost ??= cost;
        earlier.amortizedCost ??= amortizedCost;
        continue;
      }
      const line = { slice: String(slice.slice), dimensionId: dimension.id, day, currency, cost, amortizedCost };
      slice.days.add(day);
      byDay.set(day, line);
      lines.push(line);
    }
    return lines;
  }

  private slicesOf({ publication, billingMonth }: StagedMonth): Map<RollupKey, GrowingSlice> {
    const key = `${publication} ${billingMonth}`;
    let slices = this.#byMonth.get(key);
    if (!slices) this.#byMonth.set(key, (slices = new Map()));
    return slices;
  }

  private newSlice(
    { publication, billingMonth }: StagedMonth,
    rollup: RollupKey,
    slices: Map<RollupKey, GrowingSlice>,
  ): GrowingSlice {
    const slice = { ...rollup, slice: this.#slices.length, publication, billingMonth, days: new Set<Day>() };
    this.#slices.push(slice);
    slices.set(rollup, slice);
    return slice;
  }
}

/** A row of the stage. */
interface StagedLine {
  slice: string;
  dimensionId: string;
  day: Day;
  currency: string;
  cost: string | null;
  amortizedCost: string | null;
}

/**
 * As COPY reads them, byte by byte: as strings they were put together of half a million pieces. Days, codes and decimals:
 * nothing in a line needs escaping, and all of it is ASCII.
 */
function copyText(lines: readonly StagedLine[]): Buffer[] {
  const chunks: Buffer[] = [];
  let chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, lines.length * LINE_BYTES));
  let size = 0;
  for (const { slice, dimensionId, day, currency, cost, amortizedCost } of lines) {
    const fields = [slice, dimensionId, day, currency, cost ?? NULL, amortizedCost ?? NULL];
    let length = 0;
    for (const field of fields) length += field.length + 1;
    if (size + length > chunk.length) {
      chunks.push(chunk.subarray(0, size));
      chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, length));
      size = 0;
    }
    for (const field of fields) {
      for (let index = 0; index < field.length; index += 1) chunk[size + index] = field.charCodeAt(index);
      size += field.length;
      chunk[size] = TAB;
      size += 1;
    }
    chunk[size - 1] = LINE_FEED;
  }
  chunks.push(chunk.subarray(0, size));
  return chunks;
}

interface GrowingSlice extends StagedSlice {
  days: Set<Day>;
}

import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { from as copyFrom } from 'pg-copy-streams';
import type { PoolClient } from 'pg';
import type { Day } from '#core/day.js';
import type { CostRecord } from '#core/records.js';
import type { Database } from '../database.js';

/** A charge with the dataset it belongs to: its publication's number and its billing month (first day of the month). */
export interface StagedCost extends CostRecord {
  publication: number;
  billingMonth: Day;
}

/** Columns that describe a charge, in the order of `dimensionsOf`. */
export const DIMENSION_COLUMNS = [
  'provider',
  'billing_account_id',
  'subscription_id',
  'resource_group',
  'service_name',
  'meter_category',
  'charge_type',
  'pricing_model',
  'publisher',
  'location',
  'resource_id',
] as const;

const CREATE_STAGE = `
  CREATE TEMP TABLE IF NOT EXISTS cost_stage (
    publication integer NOT NULL, billing_month date NOT NULL, key bytea NOT NULL, day date NOT NULL, ${DIMENSION_COLUMNS.map((column) => `${column} text`).join(', ')},
    currency text NOT NULL, cost numeric, amortized_cost numeric
  );
  CREATE TEMP TABLE IF NOT EXISTS cost_before (LIKE cost_daily_totals);
  CREATE TEMP TABLE IF NOT EXISTS cost_taken_over (LIKE cost_daily_totals, month date NOT NULL)`;
const EMPTY_STAGE = 'TRUNCATE pg_temp.cost_stage, pg_temp.cost_before, pg_temp.cost_taken_over';
const COPY_STAGE = `COPY pg_temp.cost_stage (publication, billing_month, key, day, ${DIMENSION_COLUMNS.join(', ')}, currency, cost, amortized_cost) FROM STDIN`;

/**
 * Charges on their way into the ledger: a temporary table of one connection, filled by COPY while the source is read.
 * It holds no lock and no transaction, however long the source takes.
 */
export class CostStage {
  private constructor(readonly client: PoolClient) {}

  static async open(database: Database): Promise<CostStage> {
    const client = await database.connect();
    try {
      await client.query(CREATE_STAGE);
      await client.query(EMPTY_STAGE);
    } catch (error) {
      client.release(error as Error);
      throw error;
    }
    return new CostStage(client);
  }

  async add(records: readonly StagedCost[]): Promise<void> {
    if (records.length === 0) return;
    await pipeline(Readable.from(copyLines(records)), this.client.query(copyFrom(COPY_STAGE)));
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
}

const LINES_PER_CHUNK = 500;

function* copyLines(records: readonly StagedCost[]): Generator<string> {
  let chunk = '';
  let lines = 0;
  for (const record of records) {
    const dimensions = dimensionsOf(record);
    const { publication, billingMonth, day, currency, cost, amortizedCost } = record;
    const fields = [
      String(publication),
      billingMonth,
      dimensionKey(dimensions),
      day,
      ...dimensions,
      currency,
      cost,
      amortizedCost,
    ];
    chunk += `${fields.map(copyField).join('\t')}\n`;
    if (++lines % LINES_PER_CHUNK === 0) {
      yield chunk;
      chunk = '';
    }
  }
  if (chunk) yield chunk;
}

/** Without the character that PostgreSQL cannot hold, so that the key speaks of what is stored. */
function dimensionsOf(record: CostRecord): (string | null)[] {
  return [
    record.provider,
    record.billingAccountId,
    record.subscriptionId,
    record.resourceGroup,
    record.serviceName,
    record.meterCategory,
    record.chargeType,
    record.pricingModel,
    record.publisher,
    record.location,
    record.resourceId,
  ].map((value) => value?.replaceAll('\0', '') ?? null);
}

/** Identifies a combination of dimensions, absent ones included. A hash, because together they can outgrow an index entry. */
function dimensionKey(dimensions: readonly (string | null)[]): string {
  return `\\x${createHash('sha256').update(JSON.stringify(dimensions)).digest('hex')}`;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r', '\0': '' };

function copyField(value: string | null): string {
  return value === null ? '\\N' : value.replace(/[\\\t\n\r\0]/g, (character) => ESCAPES[character]!);
}

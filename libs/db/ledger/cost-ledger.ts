import type { CostAmounts } from '#core/connector.js';
import type { Day, DayRange } from '#core/day.js';
import { ConflictError } from '#core/errors.js';
import type { Database, Transaction } from '../database.js';
import type { CurrencyTotal, Published } from '../record-sink.js';
import { CostStage } from './cost-stage.js';
import * as sql from './cost-ledger.sql.js';

/** What a publication replaces: its own dataset, on the days it speaks for. */
export interface Publication {
  tenantId: string;
  source: string;
  kind: CostAmounts;
  runId: string | null;
  publishedAt: Date;
  /** Dimensions that rows are grouped by; null where the source has one grain. */
  grain: readonly string[] | null;
  datasets: readonly DatasetDays[];
  /** Takes subscription-months over from another source instead of refusing. */
  replaceOthers?: boolean;
  /** An import checks many owners at once and must not race with windows of the same tenant. */
  exclusive?: boolean;
}

/** One dataset of a publication and the days it now speaks for; `whole` drops earlier days outside of them, too. */
export interface DatasetDays {
  billingAccountId: string | null;
  subscriptionId: string | null;
  month: Day;
  days: DayRange;
  whole: boolean;
}

interface Overlap {
  dataset_id: string;
  source: string;
  kind: CostAmounts;
  provider: string;
  subscription_id: string | null;
  month: Day;
}

/**
 * Makes staged charges the truth: in one transaction the datasets' rows of those days are replaced, their rollup and the
 * revisions of days published before are written, and the caller's checkpoint is taken. Publishing the same again changes
 * nothing. Throws `ConflictError` when another source owns one of the subscription-months.
 */
export class CostLedger {
  constructor(private readonly database: Database) {}

  openStage(): Promise<CostStage> {
    return CostStage.open(this.database);
  }

  async publish(
    stage: CostStage,
    publication: Publication,
    checkpoint: (tx: Transaction, published: Published) => Promise<void> = async () => undefined,
  ): Promise<Published> {
    const { client } = stage;
    const { tenantId } = publication;
    // Outside the transaction: creating a partition locks the whole ledger for a moment, and spare dimensions do no harm.
    await client.query('ANALYZE pg_temp.cost_stage');
    await client.query('SELECT ensure_cost_partition(month) FROM (SELECT DISTINCT date_trunc(\'month\', day)::date AS month FROM pg_temp.cost_stage) months');
    await inTransaction(stage, tenantId, (tx) => tx.query(sql.insertDimensions, [tenantId]));

    return inTransaction(stage, tenantId, async (tx) => {
      await tx.query(publication.exclusive ? sql.lockLedger : sql.lockLedgerShared, [tenantId]);
      await this.takeOver(tx, publication);
      let rows = 0;
      const totals: CurrencyTotal[] = [];
      for (const dataset of publication.datasets) {
        const published = await this.publishDataset(tx, publication, dataset);
        rows += published.rows;
        totals.push(...published.totals);
      }
      const published = { rows, totals: await sumByCurrency(tx, totals) };
      await checkpoint(tx, published);
      return published;
    });
  }

  /** Refuses, or on purpose removes, what other sources published for the same subscription-months and columns. */
  private async takeOver(tx: Transaction, publication: Publication): Promise<void> {
    const overlaps = await tx.query<Overlap>(sql.selectOverlaps, [publication.tenantId, publication.source, publication.kind]);
    if (overlaps.length === 0) return;
    const list = overlaps
      .slice(0, 5)
      .map(({ provider, subscription_id, month, source }) => `${provider} ${subscription_id ?? '(no subscription)'} ${month.slice(0, 7)} owned by ${source}`)
      .join('; ');
    const more = overlaps.length > 5 ? ` and ${overlaps.length - 5} more` : '';
    if (!publication.replaceOthers) {
      throw new ConflictError(`Another source owns these subscription-months already: ${list}${more}. Use --replace to take them over on purpose.`);
    }
    if (publication.kind !== 'both' && overlaps.some(({ kind }) => kind === 'both')) {
      throw new ConflictError(
        `Cannot take over ${list}${more}: that source carries billed and effective cost together, this one only ${publication.kind} cost, so the other half would be lost.`,
      );
    }
    const ids = overlaps.map(({ dataset_id }) => dataset_id);
    const values = [
      publication.tenantId,
      ids,
      overlaps.map(({ provider }) => provider),
      overlaps.map(({ subscription_id }) => subscription_id),
    ];
    await tx.query(sql.rememberTakenOver, values);
    await tx.query(sql.deleteTakenOverFacts, values);
    await tx.query(sql.deleteTakenOverTotals, values);
    await tx.query(sql.deleteEmptyDatasets, [publication.tenantId, ids]);
  }

  private async publishDataset(tx: Transaction, publication: Publication, dataset: DatasetDays): Promise<Published> {
    const owner = [publication.tenantId, publication.source, dataset.billingAccountId, dataset.subscriptionId, dataset.month];
    await tx.query(sql.lockOwner, [owner.join('\u001f')]);
    const [earlier] = await tx.query<{ ids: string[]; covered: string }>(sql.selectSiblings, [...owner, publication.kind]);
    const ids = earlier?.ids ?? [];
    const covered = earlier?.covered ?? '{}';
    const [from, to] = dataset.whole ? ['-infinity', 'infinity'] : [dataset.days.from, dataset.days.to];
    const days = [publication.tenantId, ids, from, to];
    await tx.query('TRUNCATE pg_temp.cost_before');
    await tx.query(sql.rememberTotals, days);
    await tx.query(sql.rememberTakenOverTotals, [dataset.billingAccountId, dataset.month]);
    await tx.query(sql.deleteFacts, days);
    await tx.query(sql.deleteTotals, days);
    await tx.query(sql.uncoverSiblings, [publication.tenantId, ids, from, to, publication.kind]);
    await tx.query(sql.deleteUncovered, days.slice(0, 2));
    const [upserted] = await tx.query<{ id: string }>(sql.upsertDataset, [
      ...owner,
      publication.kind,
      `{[${dataset.days.from},${dataset.days.to}]}`,
      dataset.whole,
      publication.grain,
      publication.runId,
      publication.publishedAt,
    ]);
    const id = upserted!.id;
    await tx.query(sql.insertFacts, [publication.tenantId, id, dataset.billingAccountId, dataset.month, publication.kind === 'both']);
    const totals = await tx.query<CurrencyTotal & { rows: string }>(sql.insertTotals, [publication.tenantId, id, from, to]);
    await tx.query(sql.insertRevisions, [publication.tenantId, id, from, to, covered, publication.source, publication.runId]);
    return { rows: totals.reduce((sum, total) => sum + Number(total.rows), 0), totals };
  }
}

async function sumByCurrency(tx: Transaction, totals: readonly CurrencyTotal[]): Promise<CurrencyTotal[]> {
  return tx.query<CurrencyTotal>(sql.sumByCurrency, [
    totals.map(({ currency }) => currency),
    totals.map(({ cost }) => cost),
    totals.map(({ amortized_cost }) => amortized_cost),
  ]);
}

/** A transaction on the stage's own connection, because only that one sees the stage. */
async function inTransaction<T>(stage: CostStage, tenantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const { client } = stage;
  await client.query('BEGIN');
  try {
    await client.query(`SELECT set_config('azcops.tenant_id', $1, true)`, [tenantId]);
    const result = await work({
      client,
      get entities(): never {
        throw new Error('the ledger is written by SQL alone');
      },
      query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(text, values as unknown[])).rows,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}


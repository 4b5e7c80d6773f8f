import type { Day, DayRange } from '#core/day.js';
import { InvariantError } from '#core/errors.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { CurrencyTotal, Published } from '../record-sink.js';
import { CostDimensions } from './cost-dimensions.js';
import * as sql from './cost-ledger.sql.js';
import { lastDayOver, refuseFewerDays, takeFromOtherTenants, takeOver } from './cost-owners.js';
import { CostStage, EMPTY_STAGE, type StagedSlice } from './cost-stage.js';
import type { DatasetDays, LedgerChange, Publication } from './publication.js';

/**
 * Makes staged charges the truth: in one transaction the datasets' rows of those days are replaced, their rollup and the
 * revisions of days published before are written, and the caller's checkpoint is taken. Publishing the same again changes
 * nothing. Throws `ConflictError` when another source owns one of the subscription-months.
 */
export class CostLedger {
  private readonly dimensions = new CostDimensions();

  constructor(private readonly database: Database) {}

  /** Keeps the sums of tenants short: publications only add to them. Any number of workers may do it at any time. */
  async fold(): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) => tx.query(sql.foldTenantTotals));
  }

  openStage(tenantId: string): Promise<CostStage> {
    return CostStage.open(this.database, tenantId, this.dimensions);
  }

  async publish(
    stage: CostStage,
    change: LedgerChange,
    checkpoint: (tx: Transaction, published: Published) => Promise<void> = async () => undefined,
  ): Promise<Published> {
    refuseStray(stage, change);
    await stage.write();
    const days = [...new Set(stage.slices.flatMap((slice) => [...slice.days]))];
    for (let attempt = 1; ; attempt += 1) {
      await stage.client.query(sql.ensurePartitions, [days]);
      try {
        const published = await this.publishStaged(stage, change, checkpoint);
        stage.markPublished();
        return published;
      } catch (error) {
        // An old month that was empty was forgotten in between.
        if (attempt > 1 || !isWithoutPartition(error)) throw error;
      }
    }
  }

  private publishStaged(
    stage: CostStage,
    change: LedgerChange,
    checkpoint: (tx: Transaction, published: Published) => Promise<void>,
  ): Promise<Published> {
    const { tenantId } = stage;
    return inTransaction(this.database, stage, change, async (tx) => {
      await tx.query(change.exclusive ? sql.lockLedger : sql.lockLedgerShared, [tenantId]);
      let rows = 0;
      const totals: CurrencyTotal[] = [];
      for (const [index, publication] of change.publications.entries()) {
        const slices = stage.slices.filter((slice) => slice.publication === index);
        await takeOver(tx, stage, change, publication, slices);
        // In one order, so that two files that name the same accounts cannot wait for each other.
        for (const dataset of publication.datasets.toSorted(byOwner)) {
          const own = slices.filter(isOf(dataset));
          const written = await publishDataset(tx, stage, change, publication, dataset, own);
          rows += written.rows;
          totals.push(...written.totals);
        }
      }
      const published = { rows, totals: await sumByCurrency(tx, totals) };
      await checkpoint(tx, published);
      await tx.query(EMPTY_STAGE);
      return published;
    });
  }
}

function byOwner(one: DatasetDays, other: DatasetDays): number {
  const [a, b] = [one, other].map(({ billingAccountId, subscriptionId, month }) =>
    JSON.stringify([billingAccountId, subscriptionId, month]),
  );
  return a! < b! ? -1 : Number(a! > b!);
}

/** PostgreSQL's code for a row that no partition takes; that of a constraint is the same, but names it. */
function isWithoutPartition(error: unknown): boolean {
  const { code, constraint } = error as { code?: string; constraint?: string };
  return code === '23514' && constraint === undefined;
}

/** A charge outside of the announced datasets and days would be lost, or could never be replaced. */
function refuseStray({ slices }: CostStage, { publications }: LedgerChange): void {
  for (const slice of slices) {
    const announced = publications[slice.publication]?.datasets.filter((dataset) => isOf(dataset)(slice)) ?? [];
    const stray = [...slice.days].find(
      (day) => !announced.some(({ days, whole }) => whole || (days.from <= day && day <= days.to)),
    );
    if (stray === undefined) continue;
    throw new InvariantError(
      `a charge of ${stray} (billing month ${slice.billingMonth}, account ${slice.billingAccountId ?? 'none'}) belongs to none of the published datasets`,
    );
  }
}

function isOf({ billingAccountId, month }: DatasetDays): (slice: StagedSlice) => boolean {
  return (slice) => slice.billingMonth === month && slice.billingAccountId === billingAccountId;
}

async function publishDataset(
  tx: Transaction,
  { tenantId }: CostStage,
  change: LedgerChange,
  { source, kind, grain }: Publication,
  dataset: DatasetDays,
  slices: readonly StagedSlice[],
): Promise<Published> {
  const { runId, publishedAt, onlyReader } = change;
  const { billingAccountId, subscriptionId, month, days, whole } = dataset;
  const owner = [tenantId, source, billingAccountId, subscriptionId, month];
  // Without the tenant: another one may publish the same subscription.
  await tx.query(sql.lockOwner, [JSON.stringify(owner.slice(1))]);
  if (onlyReader) await takeFromOtherTenants(tx, [...owner, kind], days, runId);
  const [earlier] = await tx.query<{ ids: string[]; covered: string; last_day: Day | null }>(sql.selectSiblings, [
    ...owner,
    kind,
  ]);
  const { ids, covered, last_day } = earlier!;
  refuseFewerDays(change, dataset, last_day, source);
  const [from, to] = whole ? ['-infinity', 'infinity'] : [days.from, days.to];
  const replaced = [tenantId, ids, from, to];
  await tx.query('DELETE FROM pg_temp.cost_before');
  await tx.query('DELETE FROM pg_temp.cost_rest');
  await tx.query(sql.rememberTotals, replaced);
  const providers = slices.map(({ provider }) => provider);
  const subscriptions = slices.map((slice) => slice.subscriptionId);
  await tx.query(sql.rememberTakenOverTotals, [month, providers, subscriptions]);
  await tx.query(sql.removeDays, replaced);
  await tx.query(sql.deleteTotals, replaced);
  await tx.query(sql.uncoverSiblings, [...replaced, kind]);
  await tx.query(sql.deleteUncovered, [tenantId, ids]);
  const [published] = await tx.query<{ id: string }>(sql.upsertDataset, [
    ...owner,
    kind,
    daysOver(days, publishedAt),
    whole,
    grain,
    runId,
    publishedAt,
  ]);
  const { id } = published!;
  const totals = await tx.query<CurrencyTotal & { rows: string }>(sql.insertFacts, [
    tenantId,
    id,
    kind === 'both',
    slices.map(({ slice }) => slice),
    providers,
    slices.map((slice) => slice.billingAccountId),
    subscriptions,
    slices.map(({ serviceName }) => serviceName),
    from,
    to,
  ]);
  await tx.query(sql.insertRevisions, [tenantId, id, from, to, covered, source, runId, ids, month]);
  return { rows: totals.reduce((sum, total) => sum + Number(total.rows), 0), totals };
}

/** The days that were over when they were published, as PostgreSQL's multirange; a day still running covers nothing. */
function daysOver(days: DayRange, publishedAt: Date): string {
  const { from } = days;
  const last = lastDayOver(days, publishedAt);
  return from <= last ? `{[${from},${last}]}` : '{}';
}

async function sumByCurrency(tx: Transaction, totals: readonly CurrencyTotal[]): Promise<CurrencyTotal[]> {
  return tx.query<CurrencyTotal>(sql.sumByCurrency, [
    totals.map(({ currency }) => currency),
    totals.map(({ cost }) => cost),
    totals.map(({ amortized_cost }) => amortized_cost),
  ]);
}

/** A window's facts are added up and sorted in memory: on disk it takes a third longer. */
const SET_UP = `SELECT set_config('azcops.tenant_id', $1, true), set_config('work_mem', '64MB', true)`;

/** A transaction on the stage's own connection, because only that one sees the stage. */
async function inTransaction<T>(
  database: Database,
  { client, tenantId }: CostStage,
  { exclusive }: LedgerChange,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query(SET_UP, [tenantId]);
    const result = await work({
      client,
      query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await client.query<Row>(exclusive ? { text, values: [...values] } : database.prepared(text, values))).rows,
    });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

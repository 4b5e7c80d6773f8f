import type { CostAmounts } from '#core/connector.js';
import { addDays, dayOf, monthStart, type Day, type DayRange } from '#core/day.js';
import { ConflictError, InvariantError } from '#core/errors.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import type { CurrencyTotal, Published } from '../record-sink.js';
import { CostDimensions } from './cost-dimensions.js';
import { CostStage, type StagedSlice } from './cost-stage.js';
import * as sql from './cost-ledger.sql.js';

/** Everything that becomes visible at once. */
export interface LedgerChange {
  runId: string | null;
  publishedAt: Date;
  /** Staged charges carry the index of theirs. */
  publications: readonly Publication[];
  /** Takes subscription-months over from another source instead of refusing. */
  replaceOthers?: boolean;
  /** The subscription is read under one tenant at a time: what another one holds of the same days goes. */
  onlyReader?: boolean;
  /** An import checks many owners at once and must not race with windows of the same tenant. */
  exclusive?: boolean;
}

/** What one source publishes of one kind: its own datasets, on the days it speaks for. */
export interface Publication {
  source: string;
  kind: CostAmounts;
  /** Dimensions that rows are grouped by; null where the source has one grain. */
  grain: readonly string[] | null;
  datasets: readonly DatasetDays[];
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
  same_month: boolean;
}

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
    const { tenantId } = stage;
    refuseStray(stage, change);
    const days = new Set(stage.slices.flatMap((slice) => [...slice.days]));
    await stage.client.query(sql.ensurePartitions, [[...days]]);

    return inTransaction(stage, async (tx) => {
      await tx.query(change.exclusive ? sql.lockLedger : sql.lockLedgerShared, [tenantId]);
      let rows = 0;
      const totals: CurrencyTotal[] = [];
      for (const [index, publication] of change.publications.entries()) {
        const slices = stage.slices.filter((slice) => slice.publication === index);
        await takeOver(tx, stage, change, publication, slices);
        for (const dataset of publication.datasets) {
          const own = slices.filter(isOf(dataset));
          const written = await publishDataset(tx, stage, change, publication, dataset, own);
          rows += written.rows;
          totals.push(...written.totals);
        }
      }
      const published = { rows, totals: await sumByCurrency(tx, totals) };
      await checkpoint(tx, published);
      return published;
    });
  }
}

/** A charge outside of the announced datasets and days would be lost, or could never be replaced. */
function refuseStray({ slices }: CostStage, { publications }: LedgerChange): void {
  for (const slice of slices) {
    const announced = publications[slice.publication]?.datasets.filter((dataset) => isOf(dataset)(slice)) ?? [];
    const stray = [...slice.days].find((day) => !announced.some(({ days }) => days.from <= day && day <= days.to));
    if (stray === undefined) continue;
    throw new InvariantError(
      `a charge of ${stray} (billing month ${slice.billingMonth}, account ${slice.billingAccountId ?? 'none'}) belongs to none of the published datasets`,
    );
  }
}

function isOf({ billingAccountId, month }: DatasetDays): (slice: StagedSlice) => boolean {
  return (slice) => slice.billingMonth === month && slice.billingAccountId === billingAccountId;
}

/** Refuses, or on purpose removes, what other sources published for the same subscription-months and columns. */
async function takeOver(
  tx: Transaction,
  { tenantId }: CostStage,
  change: LedgerChange,
  { source, kind }: Publication,
  slices: readonly StagedSlice[],
): Promise<void> {
  const owners = slices.flatMap((slice) =>
    [...new Set([...slice.days].map(monthStart))].map((chargeMonth) => ({ ...slice, chargeMonth })),
  );
  const overlaps = await tx.query<Overlap>(sql.selectOverlaps, [
    tenantId,
    source,
    kind,
    owners.map(({ billingMonth }) => billingMonth),
    owners.map(({ chargeMonth }) => chargeMonth),
    owners.map(({ provider }) => provider),
    owners.map(({ billingAccountId }) => billingAccountId),
    owners.map(({ subscriptionId }) => subscriptionId),
  ]);
  if (overlaps.length === 0) return;
  const list = overlaps.slice(0, 5).map(describeOverlap).join('; ');
  const more = overlaps.length > 5 ? ` and ${overlaps.length - 5} more` : '';
  if (!change.replaceOthers) {
    throw new ConflictError(
      `Another source owns these subscription-months already: ${list}${more}. Use --replace to take them over on purpose.`,
    );
  }
  if (overlaps.some(({ same_month }) => !same_month)) {
    throw new ConflictError(
      `Cannot take over ${list}${more}: only some late charges of that month are here, and the rest of it would be lost.`,
    );
  }
  if (kind !== 'both' && overlaps.some((overlap) => overlap.kind === 'both')) {
    throw new ConflictError(
      `Cannot take over ${list}${more}: that source carries billed and effective cost together, this one only ${kind} cost, so the other half would be lost.`,
    );
  }
  const ids = overlaps.map(({ dataset_id }) => dataset_id);
  const values = [
    tenantId,
    ids,
    overlaps.map(({ provider }) => provider),
    overlaps.map(({ subscription_id }) => subscription_id),
  ];
  await tx.query(sql.rememberTakenOver, values);
  await tx.query(sql.deleteTakenOverFacts, values);
  await tx.query(sql.deleteTakenOverTotals, values);
  await tx.query(sql.deleteEmptyDatasets, [tenantId, ids]);
}

function describeOverlap({ provider, subscription_id, month, source }: Overlap): string {
  return `${provider} ${subscription_id ?? '(no subscription)'} ${month.slice(0, 7)} owned by ${source}`;
}

async function publishDataset(
  tx: Transaction,
  { tenantId }: CostStage,
  { runId, publishedAt, onlyReader }: LedgerChange,
  { source, kind, grain }: Publication,
  { billingAccountId, subscriptionId, month, days, whole }: DatasetDays,
  slices: readonly StagedSlice[],
): Promise<Published> {
  const owner = [tenantId, source, billingAccountId, subscriptionId, month];
  // Without the tenant: another one may publish the same subscription.
  await tx.query(sql.lockOwner, [JSON.stringify(owner.slice(1))]);
  if (onlyReader) await takeFromOtherTenants(tx, [...owner, kind], days, runId);
  const [earlier] = await tx.query<{ ids: string[]; covered: string }>(sql.selectSiblings, [...owner, kind]);
  const { ids, covered } = earlier!;
  const [from, to] = whole ? ['-infinity', 'infinity'] : [days.from, days.to];
  const replaced = [tenantId, ids, from, to];
  await tx.query('TRUNCATE pg_temp.cost_before');
  await tx.query(sql.rememberTotals, replaced);
  const providers = slices.map(({ provider }) => provider);
  const subscriptions = slices.map((slice) => slice.subscriptionId);
  await tx.query(sql.rememberTakenOverTotals, [month, providers, subscriptions]);
  await tx.query(sql.deleteFacts, replaced);
  await tx.query(sql.deleteTotals, replaced);
  await tx.query(sql.uncoverSiblings, [...replaced, kind]);
  await tx.query(sql.deleteUncovered, [tenantId, ids]);
  const [dataset] = await tx.query<{ id: string }>(sql.upsertDataset, [
    ...owner,
    kind,
    daysOver(days, publishedAt),
    whole,
    grain,
    runId,
    publishedAt,
  ]);
  const { id } = dataset!;
  const totals = await tx.query<CurrencyTotal & { rows: string }>(sql.insertFacts, [
    tenantId,
    id,
    kind === 'both',
    slices.map(({ slice }) => slice),
    providers,
    slices.map((slice) => slice.billingAccountId),
    subscriptions,
    slices.map(({ serviceName }) => serviceName),
  ]);
  await tx.query(sql.insertRevisions, [tenantId, id, from, to, covered, source, runId, ids]);
  return { rows: totals.reduce((sum, total) => sum + Number(total.rows), 0), totals };
}

/**
 * A subscription that changes its reader (Azure Lighthouse) takes its days along, so that no sum over tenants holds them
 * twice; revisions of the other tenant say that they are gone.
 */
async function takeFromOtherTenants(
  tx: Transaction,
  owner: readonly (string | null)[],
  { from, to }: DayRange,
  runId: string | null,
): Promise<void> {
  await tx.query(`SELECT set_config('azcops.all_tenants', 'on', true)`);
  const others = await tx.query<{ tenant_id: string; ids: string[] }>(sql.selectSiblingsElsewhere, owner);
  for (const { tenant_id, ids } of others) {
    const days = [tenant_id, ids, from, to];
    await tx.query(sql.insertWithdrawals, [...days, runId]);
    await tx.query(sql.deleteFacts, days);
    await tx.query(sql.deleteTotals, days);
    await tx.query(sql.uncover, days);
    await tx.query(sql.deleteUncovered, [tenant_id, ids]);
  }
  await tx.query(`SELECT set_config('azcops.all_tenants', 'off', true)`);
}

/** The days that were over when they were published, as PostgreSQL's multirange; a day still running covers nothing. */
function daysOver({ from, to }: DayRange, publishedAt: Date): string {
  const yesterday = addDays(dayOf(publishedAt), -1);
  const last = to < yesterday ? to : yesterday;
  return from <= last ? `{[${from},${last}]}` : '{}';
}

async function sumByCurrency(tx: Transaction, totals: readonly CurrencyTotal[]): Promise<CurrencyTotal[]> {
  return tx.query<CurrencyTotal>(sql.sumByCurrency, [
    totals.map(({ currency }) => currency),
    totals.map(({ cost }) => cost),
    totals.map(({ amortized_cost }) => amortized_cost),
  ]);
}

/** A transaction on the stage's own connection, because only that one sees the stage. */
async function inTransaction<T>({ client, tenantId }: CostStage, work: (tx: Transaction) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    await client.query(`SELECT set_config('azcops.tenant_id', $1, true)`, [tenantId]);
    const result = await work({
      client,
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

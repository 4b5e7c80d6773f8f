import type { CostAmounts } from '#core/connector.js';
import { addDays, dayOf, monthStart, type Day, type DayRange } from '#core/day.js';
import { ConflictError } from '#core/errors.js';
import { someOf } from '#core/some-of.js';
import type { Transaction } from '../database.js';
import * as sql from './cost-ledger.sql.js';
import type { CostStage, StagedSlice } from './cost-stage.js';
import type { DatasetDays, LedgerChange, Publication } from './publication.js';

/** Of several owners, so many are named. */
const NAMED = 5;

interface Overlap {
  dataset_id: string;
  source: string;
  kind: CostAmounts;
  provider: string;
  subscription_id: string | null;
  month: Day;
  /** Of the days that both have charges of, where they are billed in different months; else null. */
  late_month: Day | null;
  /** Up to which the other source speaks for its month; null where it speaks for none of its days. */
  last_day: Day | null;
}

/** Refuses, or on purpose removes, what other sources published for the same subscription-months and columns. */
export async function takeOver(
  tx: Transaction,
  { tenantId }: CostStage,
  change: LedgerChange,
  { source, kind, datasets }: Publication,
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
  const late = overlaps.filter(({ late_month }) => late_month !== null);
  if (late.length > 0) {
    const months = [...new Set(late.map(({ late_month }) => late_month!.slice(0, 7)))].join(', ');
    throw new ConflictError(
      `Charges of ${months} would count twice: ${listOf(late)}. Some are billed in another month than that of their day, ` +
        `so the export or file that bills them must own ${months} as well: import it of that month first, with --replace.`,
    );
  }
  if (!change.replaceOthers) {
    throw new ConflictError(
      `Another source owns these subscription-months already: ${listOf(overlaps)}. ` +
        'Use --replace to take them over on purpose.',
    );
  }
  if (kind !== 'both' && overlaps.some((overlap) => overlap.kind === 'both')) {
    throw new ConflictError(
      `Cannot take over ${listOf(overlaps)}: that source carries billed and effective cost together, ` +
        `this one only ${kind} cost, so the other half would be lost.`,
    );
  }
  for (const dataset of datasets) {
    const own = overlaps.filter(({ month }) => month === dataset.month);
    for (const { last_day, source: other } of own) refuseFewerDays(change, dataset, last_day, other);
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
  await tx.query(sql.forgetExportRuns, [tenantId, ids]);
  await tx.query(sql.deleteEmptyDatasets, [tenantId, ids]);
}

/** Throws where the change must not end a month earlier than what is published of it, up to `lastDay` by `source`. */
export function refuseFewerDays(
  { keepsLastDays, publishedAt }: LedgerChange,
  { month, days }: DatasetDays,
  lastDay: Day | null,
  source: string,
): void {
  if (!keepsLastDays || lastDay === null) return;
  const last = lastDayOver(days, publishedAt);
  if (last >= lastDay) return;
  throw new ConflictError(
    `${month.slice(0, 7)} is published up to ${lastDay} by ${source}, but this covers it only up to ${last}: the days ` +
      'behind would be lost. Import a newer run, of the whole month.',
  );
}

/** The last day that was over when it was published: one still running is not whole. */
export function lastDayOver({ to }: DayRange, publishedAt: Date): Day {
  const yesterday = addDays(dayOf(publishedAt), -1);
  return to < yesterday ? to : yesterday;
}

function listOf(overlaps: readonly Overlap[]): string {
  return someOf([...new Set(overlaps.map(describeOverlap))], NAMED, '; ');
}

function describeOverlap({ provider, subscription_id, month, source }: Overlap): string {
  return `${provider} ${subscription_id ?? '(no subscription)'} ${month.slice(0, 7)} owned by ${source}`;
}

/**
 * A subscription that changes its reader (Azure Lighthouse) takes its days along, so that no sum over tenants holds them
 * twice; revisions of the other tenant say that they are gone.
 */
export async function takeFromOtherTenants(
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
    await tx.query(sql.removeDays, days);
    await tx.query(sql.putBackRest, [tenant_id, from, to]);
    await tx.query(sql.deleteTotals, days);
    await tx.query(sql.uncover, days);
    await tx.query(sql.deleteUncovered, [tenant_id, ids]);
  }
  await tx.query(`SELECT set_config('azcops.all_tenants', 'off', true)`);
}

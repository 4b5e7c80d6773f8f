import type { CostAmounts } from '#core/connector.js';
import { monthStart, type Day, type DayRange } from '#core/day.js';
import { ConflictError } from '#core/errors.js';
import type { Transaction } from '../database.js';
import * as sql from './cost-ledger.sql.js';
import type { CostStage, StagedSlice } from './cost-stage.js';
import type { LedgerChange, Publication } from './publication.js';

interface Overlap {
  dataset_id: string;
  source: string;
  kind: CostAmounts;
  provider: string;
  subscription_id: string | null;
  month: Day;
  same_month: boolean;
}

/** Refuses, or on purpose removes, what other sources published for the same subscription-months and columns. */
export async function takeOver(
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

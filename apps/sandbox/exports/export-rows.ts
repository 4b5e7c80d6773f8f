import type { Day } from '#core/day.js';
import type { Amount } from '../estate/amount.js';
import { quantityAmount } from '../estate/amount.js';
import type { Charge, ChargeSource, CostType } from '../cost-management/charge.js';

export const EXPORT_TYPES = ['FocusCost', 'ActualCost', 'AmortizedCost'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

/** One line of an export. What a type does not carry equals what it does. */
export interface ExportRow {
  readonly source: ChargeSource;
  readonly day: Day;
  readonly billed: Amount;
  readonly effective: Amount;
  readonly quantity: Amount;
}

/**
 * The lines of a subscription's month. FOCUS has both costs in one line: what only one view of the charges knows
 * (the purchase of a reservation, the unused part of it) costs nothing in the other.
 */
export function* exportRows(type: ExportType, chargesOf: (type: CostType) => readonly Charge[]): Generator<ExportRow> {
  if (type !== 'FocusCost') {
    for (const charge of chargesOf(type)) yield rowOf(charge, charge.cost, charge.cost);
    return;
  }
  const amortized = new Map<string, Charge[]>();
  for (const charge of chargesOf('AmortizedCost')) {
    const key = keyOf(charge);
    const equal = amortized.get(key);
    if (equal) equal.push(charge);
    else amortized.set(key, [charge]);
  }
  for (const charge of chargesOf('ActualCost')) {
    const twin = amortized.get(keyOf(charge))?.shift();
    yield rowOf(charge, charge.cost, twin?.cost ?? 0n);
  }
  for (const left of amortized.values()) for (const charge of left) yield rowOf(charge, 0n, charge.cost);
}

function rowOf({ source, day, microUnits }: Charge, billed: Amount, effective: Amount): ExportRow {
  return { source, day, billed, effective, quantity: quantityAmount(microUnits) };
}

function keyOf({ source, day }: Charge): string {
  return `${day} ${source.meter.meterId} ${source.chargeType} ${source.pricingModel} ${source.resourceId}`;
}

import { addDays, addMonths, monthEnd, monthStart, type Day } from '#core/day.js';
import type { ChargeSource } from '../cost-management/charge.js';

/** Amounts of a line. */
export type AmountField = 'billed' | 'effective' | 'quantity';

/** What a column holds: an amount of the line, a day that follows from the line's, or a text of its charge. */
type ColumnRule =
  | { readonly kind: 'amount'; readonly field: AmountField }
  | { readonly kind: 'day'; readonly of: (day: Day) => Day }
  | { readonly kind: 'text'; readonly of: (source: ChargeSource) => string };
export type ExportColumn = ColumnRule & { readonly name: string };

/** The columns of a type of export in the order of the documents, and how its CSV writes a day. */
export interface ExportDialect {
  readonly dataVersion: string;
  readonly columns: readonly ExportColumn[];
  readonly writeDay: (day: Day) => string;
}

export const amount = (field: AmountField): ColumnRule => ({ kind: 'amount', field });
/** A text that is the same on all days of a charge; empty for none. */
export const text = (of: (source: ChargeSource) => string): ColumnRule => ({ kind: 'text', of });
export const constant = (value: string): ColumnRule => text(() => value);
/** Of a column that is empty throughout. */
export const nothing = (): string => '';
export const days = {
  own: { kind: 'day', of: (day) => day },
  next: { kind: 'day', of: (day) => addDays(day, 1) },
  monthStart: { kind: 'day', of: monthStart },
  monthEnd: { kind: 'day', of: monthEnd },
  nextMonth: { kind: 'day', of: (day) => addMonths(day, 1) },
} as const satisfies Record<string, ColumnRule>;

/** All columns that the documents name, in their order; those without a rule are empty. */
export function columnsOf(names: string, rules: Readonly<Record<string, ColumnRule>>): ExportColumn[] {
  const empty = text(nothing);
  return names
    .trim()
    .split(/\s+/)
    .map((name) => ({ ...(rules[name] ?? empty), name }));
}

/** The last segment of a resource id. */
export const resourceName = ({ resourceId }: ChargeSource): string => resourceId.slice(resourceId.lastIndexOf('/') + 1);

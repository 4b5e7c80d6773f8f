import { isDay, type Day, type DayRange } from '#core/day.js';
import { isDecimal } from '#core/money.js';
import type { CostDimension, CostRecord } from '#core/records.js';
import { isObject } from '../azure/json-body.js';
import type { CostDatasetType, Grain } from './cost-query.js';
import { malformedAnswer } from './malformed-answer.js';

/** What a page's rows belong to. */
export interface CostRowScope {
  subscriptionId: string;
  type: CostDatasetType;
  range: DayRange;
  grain: Grain;
}

/** Azure names the column after the aggregated property, not after the alias that was asked for. */
const COST_COLUMNS = ['cost', 'pretaxcost', 'costinbillingcurrency'];
const CURRENCY_COLUMNS = ['currency', 'billingcurrency', 'billingcurrencycode'];
const DAY_COLUMNS = ['usagedate'];

/** Other names under which Azure returns a dimension. */
const DIMENSION_ALIASES: Readonly<Record<string, readonly string[]>> = { ResourceGroupName: ['resourcegroup'] };

/** Our names of Azure's dimensions. */
const DIMENSION_FIELDS: Readonly<Record<string, Exclude<keyof CostDimension, 'provider'>>> = {
  ResourceId: 'resourceId',
  ResourceGroupName: 'resourceGroup',
  ServiceName: 'serviceName',
  MeterCategory: 'meterCategory',
  ChargeType: 'chargeType',
  PricingModel: 'pricingModel',
  PublisherType: 'publisher',
};
/** Spelt differently in inventory, costs and metrics. */
const LOWER_CASED: readonly string[] = ['ResourceId', 'ResourceGroupName'];

/**
 * Makes records of a page's rows, with one of the two amounts set. Columns are found by name, since their order varies; row
 * and index come from the page's parsing. Throws `IncompleteReadError` naming the first missing column, unusable cell or day
 * outside the range.
 */
export function costRowMapper(
  columns: readonly unknown[],
  scope: CostRowScope,
): (row: readonly unknown[], index: number) => CostRecord {
  const positions = columnPositions(columns);
  const cost = requiredColumn(positions, COST_COLUMNS, 'cost');
  const currency = requiredColumn(positions, CURRENCY_COLUMNS, 'currency');
  const usageDate = requiredColumn(positions, DAY_COLUMNS, 'UsageDate');
  const dimensionOf = dimensionReader(positions, scope);
  const dayOf = remembered((cell, index) => dayCell(cell, scope.range, index));
  const currencyOf = remembered(currencyCell);
  const billed = scope.type === 'ActualCost';
  return (row, index) => {
    if (row.length < columns.length) {
      throw malformedAnswer(`row ${index + 1} has fewer cells than there are columns`);
    }
    const amount = amountCell(row[cost], index);
    return {
      day: dayOf(row[usageDate], index),
      dimension: dimensionOf(row, index),
      currency: currencyOf(row[currency], index),
      cost: billed ? amount : null,
      amortizedCost: billed ? null : amount,
    };
  };
}

/**
 * What describes the charges of a page's rows. Each combination is read once: a page has 5,000 rows, but each combination of
 * cells on every day.
 */
function dimensionReader(
  positions: ReadonlyMap<string, number>,
  { grain, subscriptionId }: CostRowScope,
): (row: readonly unknown[], index: number) => CostDimension {
  const columns = grain.map((name) =>
    requiredColumn(positions, [name.toLowerCase(), ...(DIMENSION_ALIASES[name] ?? [])], name),
  );
  const nothing: CostDimension = { ...NOTHING, subscriptionId: subscriptionId.toLowerCase() };
  // By the first, the resource where there is one: few combinations share it.
  const known = new Map<unknown, Combination>();
  const first = columns[0] ?? 0;
  return (row, index) => {
    const alike = known.get(row[first]);
    for (let each = alike; each; each = each.next) if (agree(each.row, row, columns)) return each.dimension;
    const dimension = { ...nothing };
    for (let at = 0; at < grain.length; at += 1) {
      const name = grain[at]!;
      const text = textCell(row[columns[at]!], name, index);
      dimension[DIMENSION_FIELDS[name]!] = LOWER_CASED.includes(name) ? (text?.toLowerCase() ?? null) : text;
    }
    known.set(row[first], { row: [...row], dimension, next: alike });
    return dimension;
  };
}

/** Cells that describe a charge, and what they say. */
interface Combination {
  row: readonly unknown[];
  dimension: CostDimension;
  /** Another one of the same resource. */
  next: Combination | undefined;
}

const NOTHING: CostDimension = {
  provider: 'Microsoft',
  billingAccountId: null,
  subscriptionId: null,
  resourceGroup: null,
  serviceName: null,
  meterCategory: null,
  chargeType: null,
  pricingModel: null,
  publisher: null,
  location: null,
  resourceId: null,
};

function agree(a: readonly unknown[], b: readonly unknown[], columns: readonly number[]): boolean {
  for (let at = 0; at < columns.length; at += 1) if (a[columns[at]!] !== b[columns[at]!]) return false;
  return true;
}

/** Reads each different cell once: a page has a month's days and a currency. */
function remembered<T>(read: (cell: unknown, index: number) => T): (cell: unknown, index: number) => T {
  const known = new Map<unknown, T>();
  return (cell, index) => {
    let value = known.get(cell);
    if (value === undefined) known.set(cell, (value = read(cell, index)));
    return value;
  };
}

/** A day as Cost Management writes it: `20260401` as number or text, or a date with or without a time. */
export function parseUsageDate(value: string): Day | null {
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  const day = compact ? `${compact[1]}-${compact[2]}-${compact[3]}` : /^(\d{4}-\d{2}-\d{2})(T.*)?$/.exec(value)?.[1];
  return day !== undefined && isDay(day) ? day : null;
}

function columnPositions(columns: readonly unknown[]): ReadonlyMap<string, number> {
  return new Map(
    columns.map((column, index) => {
      const name = isObject(column) ? column['name'] : undefined;
      if (typeof name !== 'string') throw malformedAnswer(`column ${index + 1} has no name`);
      return [name.toLowerCase(), index];
    }),
  );
}

function requiredColumn(positions: ReadonlyMap<string, number>, names: readonly string[], what: string): number {
  const position = names.map((name) => positions.get(name)).find((found) => found !== undefined);
  if (position === undefined) throw malformedAnswer(`there is no ${what} column`);
  return position;
}

function dayCell(cell: unknown, { from, to }: DayRange, index: number): Day {
  const at = `row ${index + 1}`;
  const day = typeof cell === 'string' ? parseUsageDate(cell) : null;
  if (day === null) throw malformedAnswer(`${at} has no usable day (${JSON.stringify(cell)})`);
  if (day < from || day > to) throw malformedAnswer(`${at} is of ${day}, outside the asked ${from} to ${to}`);
  return day;
}

function amountCell(cell: unknown, index: number): string {
  if (typeof cell !== 'string' || !isDecimal(cell)) {
    throw malformedAnswer(`row ${index + 1} has no usable cost (${JSON.stringify(cell)})`);
  }
  return cell;
}

function currencyCell(cell: unknown, index: number): string {
  if (typeof cell !== 'string' || !/^[A-Za-z]{3}$/.test(cell)) {
    throw malformedAnswer(`row ${index + 1} has no usable currency (${JSON.stringify(cell)})`);
  }
  return cell.toUpperCase();
}

/** Charges without a resource or resource group (marketplace, reservations, support) carry `""`. */
function textCell(cell: unknown, name: string, index: number): string | null {
  if (cell === null || cell === undefined || cell === '') return null;
  if (typeof cell !== 'string') throw malformedAnswer(`row ${index + 1}, ${name} is not text`);
  return cell;
}

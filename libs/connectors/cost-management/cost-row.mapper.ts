import { isDay, type Day, type DayRange } from '#core/day.js';
import { isDecimal } from '#core/money.js';
import type { CostRecord } from '#core/records.js';
import { isObject } from '../azure/json-body.js';
import type { CostDatasetType, Grain } from './cost-query.js';
import type { CostTable } from './cost-table.js';
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

/**
 * The rows of a page as records with one of the two amounts set. Columns are found by name, since their order varies.
 * Throws `IncompleteReadError` naming the first missing column, unusable cell or day outside the range.
 */
export function toCostRecords(table: CostTable, scope: CostRowScope): CostRecord[] {
  if (table.rows.length === 0) return [];
  const positions = columnPositions(table.columns);
  const cost = requiredColumn(positions, COST_COLUMNS, 'cost');
  const currency = requiredColumn(positions, CURRENCY_COLUMNS, 'currency');
  const usageDate = requiredColumn(positions, DAY_COLUMNS, 'UsageDate');
  const textColumn = (name: string, transform: (cell: string) => string = (same) => same) => {
    if (!scope.grain.includes(name)) return () => null;
    const position = requiredColumn(positions, [name.toLowerCase(), ...(DIMENSION_ALIASES[name] ?? [])], name);
    return cellAt(
      position,
      remembered((cell, index) => textCell(cell, name, index, transform)),
    );
  };
  const lower = (cell: string) => cell.toLowerCase();
  const resourceGroup = textColumn('ResourceGroupName', lower);
  const serviceName = textColumn('ServiceName');
  const meterCategory = textColumn('MeterCategory');
  const chargeType = textColumn('ChargeType');
  const pricingModel = textColumn('PricingModel');
  const publisher = textColumn('PublisherType');
  const resourceId = textColumn('ResourceId', lower);
  const subscriptionId = scope.subscriptionId.toLowerCase();
  const billed = scope.type === 'ActualCost';
  const dayOf = cellAt(
    usageDate,
    remembered((cell, index) => dayCell(cell, scope.range, index)),
  );
  const currencyOf = cellAt(currency, remembered(currencyCell));
  return table.rows.map((row, index) => {
    if (!Array.isArray(row) || row.length < table.columns.length) {
      throw malformedAnswer(`row ${index + 1} has fewer cells than there are columns`);
    }
    const amount = amountCell(row[cost], index);
    return {
      day: dayOf(row, index),
      provider: 'Microsoft',
      billingAccountId: null,
      subscriptionId,
      resourceGroup: resourceGroup(row, index),
      serviceName: serviceName(row, index),
      meterCategory: meterCategory(row, index),
      chargeType: chargeType(row, index),
      pricingModel: pricingModel(row, index),
      publisher: publisher(row, index),
      location: null,
      resourceId: resourceId(row, index),
      currency: currencyOf(row, index),
      cost: billed ? amount : null,
      amortizedCost: billed ? null : amount,
    };
  });
}

type ReadCell<T> = (cell: unknown, index: number) => T;
type ReadRow<T> = (row: readonly unknown[], index: number) => T;

function cellAt<T>(position: number, read: ReadCell<T>): ReadRow<T> {
  return (row, index) => read(row[position], index);
}

/**
 * Reads each different cell once. A page has 5,000 rows but a month's days, a few services and each resource thirty times,
 * and its records then share their texts: they take a third of the memory.
 */
function remembered<T>(read: ReadCell<T>): ReadCell<T> {
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
function textCell(cell: unknown, name: string, index: number, transform: (text: string) => string): string | null {
  if (cell === null || cell === undefined || cell === '') return null;
  if (typeof cell !== 'string') throw malformedAnswer(`row ${index + 1}, ${name} is not text`);
  return transform(cell);
}

import { type Day, type DayRange, addDays, addMonths, isDay, monthEnd, monthStart } from '#core/day.js';
import { isRecord } from '../http/exchange.js';
import type { CostType } from './charge.js';
import { dimensionName, validDimensions } from './dimensions.js';
import { invalidQuery, lowerCaseNames } from './query-body.js';
import { type Filter, parseFilter } from './query-filter.js';

const MAX_GROUPINGS = 15;
const SPEC_GROUPINGS = 2;
const MAX_AGGREGATIONS = 2;

/** A cost column: the measure that is summed, which is also the column's name on the wire. */
export type Measure = 'Cost' | 'PreTaxCost' | 'CostUSD' | 'PreTaxCostUSD' | 'UsageQuantity';
const MEASURES: readonly Measure[] = ['Cost', 'PreTaxCost', 'CostUSD', 'PreTaxCostUSD', 'UsageQuantity'];

/** One grouping column. */
export interface Grouping {
  readonly type: 'Dimension' | 'TagKey';
  readonly name: string;
}

/** A checked query. */
export interface QueryDefinition {
  readonly type: CostType;
  readonly range: DayRange;
  readonly granularity: 'Daily' | 'Monthly' | 'None';
  readonly measures: readonly Measure[];
  readonly groupings: readonly Grouping[];
  readonly filter?: Filter;
  readonly sorting: readonly { readonly name: string; readonly descending: boolean }[];
  readonly includeTags: boolean;
}

/** Checks a request body (property names in any case) at the estate's `today`. Throws the service's 400. */
export function parseQueryDefinition(body: unknown, today: Day, strictSpec: boolean): QueryDefinition {
  const root = lowerCaseNames(body);
  const dataset = lowerCaseNames(root['dataset'] ?? invalidQuery('Missing dataset.'));
  const granularity = oneOf(
    dataset['granularity'] ?? 'None',
    ['Daily', 'Monthly', 'None'] as const,
    'dataset granularity',
  );
  const groupings = list(dataset['grouping']).map(parseGrouping);
  const limit = strictSpec ? SPEC_GROUPINGS : MAX_GROUPINGS;
  if (groupings.length > limit) {
    invalidQuery(`Invalid dataset grouping: the number of groupings cannot exceed ${limit}.`);
  }
  const aggregations = Object.values(isRecord(dataset['aggregation']) ? dataset['aggregation'] : {});
  if (aggregations.length > MAX_AGGREGATIONS) {
    invalidQuery(`Invalid dataset aggregation: the number of aggregations cannot exceed ${MAX_AGGREGATIONS}.`);
  }
  return {
    type: oneOf(root['type'], ['ActualCost', 'AmortizedCost', 'Usage'] as const, 'definition type'),
    range: parseRange(root, today),
    granularity,
    measures: aggregations.map((value) => {
      const aggregation = lowerCaseNames(value);
      oneOf(aggregation['function'], ['Sum'] as const, 'aggregation function');
      return oneOf(aggregation['name'], MEASURES, 'dataset aggregation');
    }),
    groupings,
    filter: dataset['filter'] === undefined || dataset['filter'] === null ? undefined : parseFilter(dataset['filter']),
    sorting: list(dataset['sorting']).map((value) => {
      const sorting = lowerCaseNames(value);
      return { name: String(sorting['name']), descending: /^desc/i.test(String(sorting['direction'])) };
    }),
    includeTags: list(dataset['include']).some((name) => String(name).toLowerCase() === 'tags'),
  };
}

function parseGrouping(value: unknown): Grouping {
  const grouping = lowerCaseNames(value);
  const type = oneOf(grouping['type'], ['Dimension', 'TagKey'] as const, 'grouping type');
  const name = String(grouping['name'] ?? '');
  if (type === 'TagKey') return { type, name };
  const known = dimensionName(name);
  if (!known) return invalidQuery(`Invalid dataset grouping: '${name}'; valid values: ${validDimensions()}.`);
  return { type, name: known };
}

function parseRange(root: Record<string, unknown>, today: Day): DayRange {
  const timeframe = oneOf(
    root['timeframe'],
    ['Custom', 'MonthToDate', 'BillingMonthToDate', 'TheLastMonth', 'TheLastBillingMonth', 'WeekToDate'] as const,
    'timeframe',
  );
  const month = monthStart(today);
  switch (timeframe) {
    case 'MonthToDate':
    case 'BillingMonthToDate':
      return { from: month, to: today };
    case 'TheLastMonth':
    case 'TheLastBillingMonth':
      return { from: addMonths(month, -1), to: monthEnd(addMonths(month, -1)) };
    case 'WeekToDate': {
      const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
      return { from: addDays(today, -weekday), to: today };
    }
    case 'Custom': {
      const period = lowerCaseNames(root['timeperiod'] ?? invalidQuery('Missing time period for a custom timeframe.'));
      const range = { from: parseDay(period['from']), to: parseDay(period['to']) };
      if (range.from > range.to) invalidQuery('The start of the time period is after its end.');
      if (range.to > addDays(addMonths(range.from, 12).slice(0, 8) + range.from.slice(8), 0)) {
        invalidQuery('The time period for pulling the data cannot exceed 1 year(s)');
      }
      return range;
    }
  }
}

function parseDay(value: unknown): Day {
  const text = String(value ?? '');
  const day = text.slice(0, 10);
  if (!isDay(day) || Number.isNaN(Date.parse(text))) return invalidQuery(`Invalid time period: '${text}'.`);
  return day;
}

function oneOf<const T extends string>(value: unknown, allowed: readonly T[], what: string): T {
  const text = String(value ?? '').toLowerCase();
  const found = allowed.find((name) => name.toLowerCase() === text);
  if (found) return found;
  const valid = allowed.map((name) => `'${name}'`).join(',');
  return invalidQuery(`Invalid ${what} '${String(value ?? '')}'; valid values: ${valid}.`);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

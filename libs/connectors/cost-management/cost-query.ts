import type { DayRange } from '#core/day.js';

export const COST_MANAGEMENT_ID = 'cost-management';
export const COST_MANAGEMENT_API_VERSION = '2023-11-01';
export const COST_MANAGEMENT_ROLE = 'Cost Management Reader';

/** The most rows that Cost Management puts on a page. */
export const PAGE_ROWS = 5000;

/** Which of Azure's two views of the same charges is asked for. */
export type CostDatasetType = 'ActualCost' | 'AmortizedCost';

/** Dimensions that rows are grouped by. */
export type Grain = readonly string[];

/**
 * From fine to coarse: the first that Azure accepts for a subscription is used. The service takes up to 15 dimensions
 * at subscription scope although its specification says two, so the last one stays within the specification.
 */
export const GRAINS: readonly Grain[] = [
  ['ResourceId', 'ResourceGroupName', 'ServiceName', 'MeterCategory', 'ChargeType', 'PricingModel', 'PublisherType'],
  ['ResourceGroupName', 'ServiceName', 'MeterCategory'],
  ['ServiceName', 'MeterCategory'],
];

/** The body of a daily cost query over a range of at most one month (longer ones are cut off by Azure). */
export function costQuery(type: CostDatasetType, { from, to }: DayRange, grain: Grain) {
  return {
    type,
    timeframe: 'Custom',
    timePeriod: { from: `${from}T00:00:00Z`, to: `${to}T23:59:59Z` },
    dataset: {
      granularity: 'Daily',
      // Without an aggregation, Azure returns rows without any cost.
      aggregation: { totalCost: { name: 'Cost', function: 'Sum' } },
      ...(grain.length > 0 && { grouping: grain.map((name) => ({ type: 'Dimension', name })) }),
    },
  };
}

import type { TenantScope } from '#core/scope.js';
import { chargedDays, sumsByDay } from '../days-of-month.js';
import { Conditions, type SortColumn } from '../list.js';
import { decimal, DESCRIBED_FACTS, describedFacts, type Filtered } from './cost-records.js';
import { answerable, rollup, type CostFilter, type CostSource } from './cost-rollup.js';

export const COST_DIMENSIONS = [
  'provider',
  'subscription_id',
  'resource_group',
  'service_name',
  'meter_category',
  'charge_type',
  'pricing_model',
  'publisher',
  'location',
] as const;
export type CostDimensionName = (typeof COST_DIMENSIONS)[number];
export type Granularity = 'daily' | 'monthly' | 'none';

const AMOUNTS_SORTABLE: Record<string, SortColumn> = {
  cost: { expression: `coalesce(cost_sum, '-Infinity')`, type: 'numeric' },
  amortized_cost: { expression: `coalesce(amortized_sum, '-Infinity')`, type: 'numeric' },
};

/** Sums by dimensions and a period; currency is always a key. */
export function groupsOf(
  scope: TenantScope,
  filter: CostFilter,
  dimensions: readonly CostDimensionName[],
  granularity: Granularity,
): Filtered {
  const keys = [...dimensions, 'currency'];
  const { sql, conditions } = answerable(filter, dimensions)
    ? groupsOfRollup(scope, filter, keys, granularity)
    : groupsOfFacts(scope, filter, keys, granularity);
  const from = `(${sql}) g`;
  const first: SortColumn =
    granularity === 'none' ? { expression: 'currency', type: 'text' } : { expression: 'date', type: 'date' };
  const names = granularity === 'none' ? keys : ['date', ...keys];
  const source = {
    columns: `${names.join(', ')}, ${decimal('cost_sum')} AS cost, ${decimal('amortized_sum')} AS amortized_cost`,
    from,
    sortable: { [first.expression]: first, ...AMOUNTS_SORTABLE },
    defaultSort: first.expression,
    tieBreakers: [
      first,
      ...dimensions.map((dimension) => ({ expression: `coalesce(${dimension}, '')`, type: 'text' })),
      // Absent and empty are different keys that coalesce makes equal.
      ...dimensions.map((dimension) => ({ expression: `(${dimension} IS NULL)`, type: 'boolean' })),
      { expression: 'currency', type: 'text' },
    ],
    isMadeOnce: true,
  };
  return { source, conditions: conditions.around(from) };
}

/** Rows of date (unless the period is one), the keys, cost_sum and amortized_sum. */
function groupsOfRollup(
  scope: TenantScope,
  filter: CostFilter,
  keys: readonly string[],
  granularity: Granularity,
): CostSource {
  const { sql, conditions } = rollup(scope, filter, keys.includes('subscription_id'));
  const dates = { daily: ['day AS date'], monthly: [`date_trunc('month', day)::date AS date`], none: [] }[granularity];
  const columns = [...dates, ...keys];
  const grouped = `SELECT ${columns.join(', ')}, sum(cost) AS cost_sum, sum(amortized_cost) AS amortized_sum
    FROM (${sql}) totals GROUP BY ${columns.map((_, index) => index + 1).join(', ')}`;
  return { sql: grouped, conditions };
}

/** The same. Months of charges are added up as they stand, a sum for each day, and only what is left becomes rows. */
function groupsOfFacts(
  scope: TenantScope,
  filter: CostFilter,
  keys: readonly string[],
  granularity: Granularity,
): CostSource {
  const conditions = describedFacts(scope, filter, new Conditions());
  const names = keys.join(', ');
  const of = ['f.month', ...keys.map((name) => (name === 'currency' ? 'f.currency' : `d.${name}`))].join(', ');
  const months = `SELECT ${of}, ${sumsByDay('f.costs', filter)} AS costs, ${sumsByDay('f.amortized_costs', filter)} AS amortized_costs
    FROM ${DESCRIBED_FACTS} ${conditions.where} GROUP BY ${of}`;
  const days = chargedDays(filter, conditions.values);
  const daily = `SELECT a.day AS date, ${names}, a.cost AS cost_sum, a.amortized_cost AS amortized_sum
    FROM (${months}) m CROSS JOIN LATERAL (${days}) a`;
  const monthly = `SELECT m.month AS date, ${names}, s.cost_sum, s.amortized_sum
    FROM (${months}) m
    CROSS JOIN LATERAL (
      SELECT sum(a.cost) AS cost_sum, sum(a.amortized_cost) AS amortized_sum, count(*) AS days FROM (${days}) a
    ) s
    WHERE s.days > 0`;
  const none = `SELECT ${names}, sum(cost_sum) AS cost_sum, sum(amortized_sum) AS amortized_sum
    FROM (${monthly}) g GROUP BY ${names}`;
  return { sql: { daily, monthly, none }[granularity], conditions };
}

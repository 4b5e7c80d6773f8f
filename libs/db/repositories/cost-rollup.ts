import type { Day, DayRange } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import { Conditions } from '../list.js';

/** What of the ledger is asked for. */
export interface CostFilter {
  tenant_id?: string;
  subscription_id?: string;
  provider?: string;
  from?: Day;
  to?: Day;
  service_name?: string;
  resource_group?: string;
  meter_category?: string;
  currency?: string;
  resource_id?: string;
}

/** A sub-select and the values that are bound in it. */
export interface CostSource {
  sql: string;
  conditions: Conditions;
}

/**
 * The smallest rollup that tells apart what is asked: rows of day, provider, service_name, currency, cost and
 * amortized_cost, with subscription_id where `bySubscription`.
 */
export function rollup(
  scope: TenantScope,
  filter: CostFilter,
  bySubscription: boolean,
  range: Partial<DayRange> = filter,
): CostSource {
  const conditions = filterTotals(scope, filter, range);
  if (bySubscription || filter.subscription_id !== undefined) {
    return { sql: `SELECT t.* FROM cost_daily_totals t ${conditions.where}`, conditions };
  }
  const key = 't.day, t.provider, t.service_name, t.currency';
  const sql = `SELECT ${key}, CASE WHEN sum(t.costs) > 0 THEN sum(t.cost) END AS cost,
      CASE WHEN sum(t.amortized_costs) > 0 THEN sum(t.amortized_cost) END AS amortized_cost
    FROM cost_tenant_totals t ${conditions.where} GROUP BY ${key} HAVING sum(t.totals) > 0`;
  return { sql, conditions };
}

/** The conditions that a rollup under the alias `t` can answer. */
export function filterTotals(scope: TenantScope, filter: CostFilter, range: Partial<DayRange> = filter): Conditions {
  const conditions = new Conditions().within(scope, 't.tenant_id').add('t.tenant_id = ?', filter.tenant_id);
  // The index begins with the tenant: named one by one, only their days of the period are read, not all that they have.
  if (scope.kind === 'all' && filter.tenant_id === undefined) {
    conditions.add('t.tenant_id = ANY (ARRAY(SELECT id FROM tenants))');
  }
  return conditions
    .add('t.day >= ?::date', range.from)
    .add('t.day <= ?::date', range.to)
    .add('t.currency = ?', filter.currency)
    .add('t.provider = ?', filter.provider)
    .add('t.subscription_id = ?', filter.subscription_id?.toLowerCase())
    .add(
      `(t.tenant_id, t.dataset_id) IN (SELECT s.tenant_id, s.id FROM cost_datasets s WHERE ${ofSubscription('s')})`,
      filter.subscription_id?.toLowerCase(),
    )
    .add('t.service_name = ?', filter.service_name);
}

/**
 * The condition that dataset `alias` may speak of a subscription: it is its own, or of files, which are of a billing account.
 * Rollup and facts are found by dataset, so one subscription is read without all others of its tenant.
 */
export const ofSubscription = (alias: string) => `(${alias}.subscription_id = ? OR ${alias}.subscription_id IS NULL)`;

/** Dimensions that the rollup carries too, so that facts need not be read. */
const ROLLUP_DIMENSIONS: readonly string[] = ['provider', 'subscription_id', 'service_name'];

/** True when the rollup can answer, so that no fact need be read. */
export function answerable(filter: CostFilter, dimensions: readonly string[] = []): boolean {
  const onlyFactsKnow = [filter.resource_group, filter.meter_category, filter.resource_id];
  return (
    dimensions.every((name) => ROLLUP_DIMENSIONS.includes(name)) && onlyFactsKnow.every((value) => value === undefined)
  );
}

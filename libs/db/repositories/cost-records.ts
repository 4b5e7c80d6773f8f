import { monthStart } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Statement } from '../database.js';
import { chargedDays, countOfDays } from '../days-of-month.js';
import { Conditions, orderOf, type ListSource, type Order, type Sorting } from '../list.js';
import { answerable, filterTotals, ofSubscription, type CostFilter } from './cost-rollup.js';

/** Decimal without exponent or trailing zeros. */
export const decimal = (expression: string) => `trim_scale(${expression})::text`;

/** How records may be sorted; `c` is what `byDay` and `byMonth` answer. */
const RECORD_SORTING: Sorting = {
  sortable: {
    date: { expression: 'c.day', type: 'date' },
    cost: { expression: 'c.cost_order', type: 'numeric' },
    amortized_cost: { expression: 'c.amortized_order', type: 'numeric' },
  },
  defaultSort: 'date',
  tieBreakers: [
    { expression: 'c.day', type: 'date' },
    { expression: 'c.tenant_id', type: 'uuid' },
    { expression: 'c.owner', type: 'text' },
    { expression: 'c.id', type: 'bigint' },
    { expression: 'c.currency', type: 'text' },
  ],
};

/** A list and what it is filtered by. */
export interface Filtered {
  source: ListSource;
  conditions: Conditions;
}

/** Daily records at the finest grain; what several datasets say of one charge is one record. */
export function recordsOf(scope: TenantScope, filter: CostFilter, sort?: string): Filtered {
  const order = orderOf(RECORD_SORTING, sort);
  const isByDay = order.columns[0].expression === 'c.day';
  const { sql: from, values } = isByDay ? byDay(scope, filter, order) : byMonth(scope, filter);
  const source = {
    columns: `c.day AS date, provider, c.tenant_id, subscription_id, resource_group, service_name, meter_category,
      charge_type, pricing_model, publisher, location, resource_id, c.currency,
      ${decimal('c.cost_sum')} AS cost, ${decimal('c.amortized_sum')} AS amortized_cost`,
    from,
    ...RECORD_SORTING,
    count: countOf(scope, filter),
  };
  return { source, conditions: new Conditions([...values]).around(from) };
}

/** All that speaks of one charge is of one owner: a subscription (ingestion) or a billing account (files). */
const OWNER = `coalesce(s.subscription_id, s.billing_account_id, '')`;

/** Rows of day, tenant_id, dataset_id and rows: how many charges a dataset has on a day. */
function datasetDays({ where }: Conditions): string {
  return `SELECT t.day, t.tenant_id, t.dataset_id, sum(t.rows) AS rows FROM cost_daily_totals t ${where} GROUP BY 1, 2, 3`;
}

/**
 * Whose datasets have charges on which days, in the order of days and owners: rows of day, its month and place therein,
 * tenant_id, owner, datasets and whether they are of files, is_file.
 */
function ownerDays(days: Conditions, direction: Order['direction']): string {
  return `SELECT x.day, date_trunc('month', x.day::timestamp)::date AS month, extract(day FROM x.day)::integer AS place,
      x.tenant_id, ${OWNER} AS owner, array_agg(x.dataset_id) AS datasets,
      bool_or(s.subscription_id IS NULL) AS is_file
    FROM (${datasetDays(days)}) x
    JOIN cost_datasets s ON s.tenant_id = x.tenant_id AND s.id = x.dataset_id
    GROUP BY x.day, x.tenant_id, ${OWNER}
    ORDER BY x.day ${direction}, x.tenant_id ${direction}, ${OWNER} ${direction}`;
}

/** How many datasets of whom have charges in which months: rows of tenant_id, owner, month, datasets and rows. */
function ownerMonths(days: Conditions): string {
  return `SELECT x.tenant_id, ${OWNER} AS owner, x.month, count(*) AS datasets, sum(x.rows) AS rows
    FROM (SELECT tenant_id, dataset_id, date_trunc('month', day::timestamp)::date AS month, sum(rows) AS rows
          FROM (${datasetDays(days)}) x GROUP BY 1, 2, 3) x
    JOIN cost_datasets s ON s.tenant_id = x.tenant_id AND s.id = x.dataset_id
    GROUP BY x.tenant_id, ${OWNER}, x.month`;
}

/** The fact `f` is of a month of which several datasets speak; `months` is what `ownerMonths` answers. */
const severalIn = (months: string) =>
  `(f.tenant_id, ${OWNER}, f.month) IN (SELECT o.tenant_id, o.owner, o.month FROM ${months} o WHERE o.datasets > 1)`;

/** The fact `f` has a charge on `k`'s day. */
const CHARGED_ON_DAY = '(f.costs[k.place] IS NOT NULL OR f.amortized_costs[k.place] IS NOT NULL)';
/** `d` says what the charge `c` was for. */
const DESCRIBES_CHARGE = 'd.tenant_id = c.tenant_id AND d.id = c.id';

/**
 * Charges `c` and what describes them, `d`: rows of day, tenant_id, owner, id (of what describes it), currency and sums over
 * datasets. Owner by owner, day by day, because the rollup knows them: a page by date then reads the days that it shows,
 * not the period. Which month a day's facts are in is known when it is read, and before that the largest month is
 * everybody's estimate. OFFSET 0 leaves no choice but the key, for facts as for what describes them: reading all dimensions
 * for each day of a small owner would take longer than its days together. What may be rare in a file of a whole billing
 * account is looked for by what describes it, or each of its days would be read whole for the few charges on it.
 */
function byDay(scope: TenantScope, filter: CostFilter, { direction, sql: order }: Order): Statement {
  const days = ofMatchingMonths(scope, filter, filterTotals(scope, filter));
  const conditions = () => new Conditions(days.values);
  const chargesOf = (from: string, ...more: string[]) => {
    const facts = filterFacts(filter, conditions())
      .add('f.tenant_id = k.tenant_id AND f.dataset_id = of.dataset_id AND f.month = k.month')
      .add(CHARGED_ON_DAY);
    for (const each of more) facts.add(each);
    return `SELECT f.dimension_id, f.currency, f.costs[k.place] AS cost, f.amortized_costs[k.place] AS amortized_cost
        FROM ${from} ${facts.where}`;
  };
  const named = mayBeRare(filter) ? filterDescriptions(filter, ofTenants(scope, filter, conditions())) : undefined;
  const charges = named
    ? `${chargesOf('costs_monthly f', 'NOT k.is_file')}
       UNION ALL ${chargesOf('named n CROSS JOIN costs_monthly f', 'k.is_file', 'n.tenant_id = f.tenant_id', 'n.id = f.dimension_id')}`
    : chargesOf('costs_monthly f');
  const described = filterDescriptions(filter, conditions().add(DESCRIBES_CHARGE));
  const sql = `(
      ${named ? `WITH named AS MATERIALIZED (SELECT d.tenant_id, d.id FROM cost_dimensions d ${named.where})` : ''}
      SELECT * FROM (
        SELECT k.day, k.tenant_id, k.owner, s.*
        FROM (${ownerDays(days, direction)}) k
        CROSS JOIN LATERAL (
          SELECT m.dimension_id AS id, m.currency, sum(m.cost) AS cost_sum, sum(m.amortized_cost) AS amortized_sum
          FROM unnest(k.datasets) AS of (dataset_id)
          CROSS JOIN LATERAL (${charges} OFFSET 0) m
          GROUP BY m.dimension_id, m.currency
        ) s
      ) c
      ORDER BY ${order}
    ) c
    CROSS JOIN LATERAL (SELECT d.* FROM cost_dimensions d ${described.where} OFFSET 0) d`;
  return { sql, values: days.values };
}

/**
 * The same for an order in which all of them have to be looked at: as whole months, which are added up only where several
 * datasets speak of them, and of which each day becomes a row in the end. Most of these have one column each of a charge,
 * which `sum_by_day` takes as it is: a sum for each day would take four times as long.
 */
function byMonth(scope: TenantScope, filter: CostFilter): Statement {
  // Where few are left, putting them together takes less than asking the rollup which of them have to be.
  const days = mayBeRare(filter) ? undefined : filterTotals(scope, filter);
  const values = [...(days?.values ?? [])];
  const of = `f.month, ${OWNER} AS owner, f.currency, d.*`;
  const facts = (...more: string[]) => {
    const conditions = describedFacts(scope, filter, new Conditions(values));
    for (const each of more) conditions.add(each);
    return `${DESCRIBED_FACTS} ${conditions.where}`;
  };
  const merged = (...more: string[]) =>
    `SELECT ${of}, sum_by_day(f.costs) AS costs, sum_by_day(f.amortized_costs) AS amortized_costs
        FROM ${facts(...more)}
        GROUP BY f.month, ${OWNER}, f.currency, d.tenant_id, d.id`;
  const several = days && severalIn(`(${ownerMonths(days)})`);
  const months = several
    ? `SELECT ${of}, f.costs, f.amortized_costs FROM ${facts(`NOT ${several}`)} UNION ALL ${merged(several)}`
    : merged();
  const sql = `(
      SELECT a.day, m.*, a.cost AS cost_sum, a.amortized_cost AS amortized_sum,
             coalesce(a.cost, '-Infinity') AS cost_order, coalesce(a.amortized_cost, '-Infinity') AS amortized_order
      FROM (${months}) m
      CROSS JOIN LATERAL (${chargedDays(filter, values)}) a
    ) c`;
  return { sql, values };
}

/**
 * How many records there are: the rollup counts them where it can tell; what several datasets speak of has to be merged
 * first, as whole months.
 */
function countOf(scope: TenantScope, filter: CostFilter): Statement {
  if (!answerable(filter)) {
    const values: unknown[] = [];
    return { sql: `SELECT ${countOfMerged(scope, filter, new Conditions(values))} AS total`, values };
  }
  const days = filterTotals(scope, filter);
  const sql = `WITH months AS MATERIALIZED (${ownerMonths(days)})
    SELECT (SELECT coalesce(sum(o.rows), 0) FROM months o WHERE o.datasets = 1) +
      ${countOfMerged(scope, filter, new Conditions(days.values).add(severalIn('months')))} AS total`;
  return { sql, values: days.values };
}

function countOfMerged(scope: TenantScope, filter: CostFilter, conditions: Conditions): string {
  const { where, values } = describedFacts(scope, filter, conditions);
  const days = countOfDays('f.month', ['f.costs', 'f.amortized_costs'], filter, values);
  return `(SELECT coalesce(sum(m.days), 0) FROM (
      SELECT ${days} AS days FROM ${DESCRIBED_FACTS} ${where}
      GROUP BY f.tenant_id, f.month, ${OWNER}, d.id, f.currency
    ) m)`;
}

/**
 * Of the rollup's rows `t` only those of months in which their dataset has something that is described as the filter says,
 * where the rollup itself cannot tell: what is rare is found without looking through every day.
 */
function ofMatchingMonths(scope: TenantScope, filter: CostFilter, days: Conditions): Conditions {
  if (answerable(filter)) return days;
  const { where } = describedFacts(scope, filter, new Conditions(days.values));
  return days.add(
    `(t.tenant_id, t.dataset_id, date_trunc('month', t.day::timestamp)::date) IN (
       SELECT f.tenant_id, f.dataset_id, f.month FROM ${DESCRIBED_FACTS} ${where})`,
  );
}

/** Facts `f` with what describes them, `d`, and their datasets `s`. */
export const DESCRIBED_FACTS = `cost_dimensions d
  JOIN costs_monthly f ON f.tenant_id = d.tenant_id AND f.dimension_id = d.id
  JOIN cost_datasets s ON s.tenant_id = f.tenant_id AND s.id = f.dataset_id`;

/** The conditions on them. */
export function describedFacts(scope: TenantScope, filter: CostFilter, conditions: Conditions): Conditions {
  ofTenants(scope, filter, conditions).add(ofSubscription('s'), filter.subscription_id?.toLowerCase());
  return filterDescriptions(filter, filterFacts(filter, conditions));
}

/** True for filters by what not every subscription has: on a day of a large owner they may leave nearly nothing. */
function mayBeRare({
  subscription_id,
  service_name,
  resource_group,
  meter_category,
  resource_id,
}: CostFilter): boolean {
  return [subscription_id, service_name, resource_group, meter_category, resource_id].some(
    (value) => value !== undefined,
  );
}

/** The condition on whose descriptions `d` are asked for. */
function ofTenants(scope: TenantScope, filter: CostFilter, conditions: Conditions): Conditions {
  return conditions.within(scope, 'd.tenant_id').add('d.tenant_id = ?', filter.tenant_id);
}

/** What the rollup leaves open of facts `f`; months are bounded again, so that whole partitions are left out. */
function filterFacts(filter: CostFilter, conditions: Conditions): Conditions {
  return conditions
    .add(`f.month >= ?::date`, filter.from && monthStart(filter.from))
    .add('f.month <= ?::date', filter.to)
    .add('f.currency = ?', filter.currency);
}

/** The conditions on what describes a charge, `d`. */
function filterDescriptions(filter: CostFilter, conditions: Conditions): Conditions {
  return conditions
    .add('d.provider = ?', filter.provider)
    .add('d.subscription_id = ?', filter.subscription_id?.toLowerCase())
    .add('d.service_name = ?', filter.service_name)
    .add('d.resource_group = ?', filter.resource_group?.toLowerCase())
    .add('d.meter_category = ?', filter.meter_category)
    .add('d.resource_id = ?', filter.resource_id?.toLowerCase());
}

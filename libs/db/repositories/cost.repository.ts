import { monthStart, type Day } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from '../database.js';
import {
  Conditions,
  orderOf,
  readAll,
  readList,
  type ListPage,
  type ListRequest,
  type ListSource,
  type Order,
  type SortColumn,
  type Sorting,
} from '../list.js';
import { filterTotals, rollup, type CostFilter, type CostSource } from './cost-rollup.js';

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

/** A ledger record; grouped records carry only the asked dimensions. Amounts are decimal strings. */
export interface CostRow {
  date?: Day;
  tenant_id?: string;
  currency: string;
  cost: string | null;
  amortized_cost: string | null;
  [dimension: string]: string | null | undefined;
}

export interface RevisionRow {
  tenant_id: string;
  date: Day;
  source: string;
  provider: string;
  billing_account_id: string | null;
  subscription_id: string | null;
  currency: string;
  old_cost: string | null;
  new_cost: string | null;
  old_amortized_cost: string | null;
  new_amortized_cost: string | null;
  old_rows: number;
  new_rows: number;
  run_id: string | null;
  revised_at: Date;
}

export interface RevisionFilter {
  tenant_id?: string;
  subscription_id?: string;
  provider?: string;
  from?: Day;
  to?: Day;
  currency?: string;
  run_id?: string;
}

/** Decimal without exponent or trailing zeros. */
const decimal = (expression: string) => `trim_scale(${expression})::text`;
/** Dimensions that the rollup carries too, so that facts need not be read. */
const ROLLUP_DIMENSIONS: readonly string[] = ['provider', 'subscription_id', 'service_name'];
const AMOUNTS_SORTABLE: Record<string, SortColumn> = {
  cost: { expression: `coalesce(cost_sum, '-Infinity')`, type: 'numeric' },
  amortized_cost: { expression: `coalesce(amortized_sum, '-Infinity')`, type: 'numeric' },
};

/** How records may be sorted; `c` is what `chargesByDay` answers. */
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

/** Reads the ledger: records, groups, revisions. Summaries are in `CostSummaryRepository`. */
export class CostRepository {
  constructor(private readonly database: Database) {}

  /** Daily records at the finest grain; what several datasets say of one charge is one record. */
  async list(scope: TenantScope, filter: CostFilter, request: ListRequest): Promise<ListPage<CostRow>> {
    const { source, conditions } = recordsOf(scope, filter, request.sort);
    return readList<CostRow>(this.database, scope, source, conditions, request);
  }

  /** The same, whole. */
  all(scope: TenantScope, filter: CostFilter, sort?: string): AsyncGenerator<CostRow[], void> {
    const { source, conditions } = recordsOf(scope, filter, sort);
    return readAll<CostRow>(this.database, scope, source, conditions, sort);
  }

  /** Sums by up to three dimensions and a period; currency is always a key. */
  group(
    scope: TenantScope,
    filter: CostFilter,
    dimensions: readonly CostDimensionName[],
    granularity: Granularity,
    request: ListRequest,
  ): Promise<ListPage<CostRow>> {
    const { source, conditions } = groupsOf(scope, filter, dimensions, granularity);
    return readList<CostRow>(this.database, scope, source, conditions, request);
  }

  /** The same, whole. */
  allGroups(
    scope: TenantScope,
    filter: CostFilter,
    dimensions: readonly CostDimensionName[],
    granularity: Granularity,
    sort?: string,
  ): AsyncGenerator<CostRow[], void> {
    const { source, conditions } = groupsOf(scope, filter, dimensions, granularity);
    return readAll<CostRow>(this.database, scope, source, conditions, sort);
  }

  /** How days that had been published moved, newest revision first. */
  revisions(scope: TenantScope, filter: RevisionFilter, request: ListRequest): Promise<ListPage<RevisionRow>> {
    const conditions = new Conditions()
      .within(scope, 'tenant_id')
      .add('tenant_id = ?', filter.tenant_id)
      .add('subscription_id = ?', filter.subscription_id?.toLowerCase())
      .add('provider = ?', filter.provider)
      .add('day >= ?', filter.from)
      .add('day <= ?', filter.to)
      .add('currency = ?', filter.currency)
      .add('run_id = ?', filter.run_id);
    return readList<RevisionRow>(
      this.database,
      scope,
      {
        columns: `tenant_id, day AS date, source, provider, billing_account_id, subscription_id, currency,
          ${decimal('old_cost')} AS old_cost, ${decimal('new_cost')} AS new_cost,
          ${decimal('old_amortized_cost')} AS old_amortized_cost, ${decimal('new_amortized_cost')} AS new_amortized_cost,
          old_rows::float8 AS old_rows, new_rows::float8 AS new_rows, run_id, created_at AS revised_at`,
        from: 'cost_day_revisions',
        sortable: {
          revised_at: { expression: 'created_at', type: 'timestamptz' },
          date: { expression: 'day', type: 'date' },
        },
        defaultSort: '-revised_at',
        tieBreakers: [
          { expression: 'tenant_id', type: 'uuid' },
          { expression: 'id', type: 'bigint' },
        ],
      },
      conditions,
      request,
    );
  }
}

/** A list and what it is filtered by. */
interface Filtered {
  source: ListSource;
  conditions: Conditions;
}

function recordsOf(scope: TenantScope, filter: CostFilter, sort?: string): Filtered {
  const order = orderOf(RECORD_SORTING, sort);
  const days = ofMatchingMonths(scope, filter, filterTotals(scope, filter));
  const facts = filterFacts(filter, new Conditions(days.values));
  const described = filterDescriptions(filter, new Conditions(days.values).add(DESCRIBES_CHARGE));
  const from = `(SELECT * FROM (${chargesByDay(days, facts, order.direction)}) c ORDER BY ${order.sql}) c
    CROSS JOIN LATERAL (SELECT d.* FROM cost_dimensions d ${described.where} OFFSET 0) d`;
  const source = {
    columns: `c.day AS date, d.provider, c.tenant_id, d.subscription_id, d.resource_group, d.service_name, d.meter_category,
      d.charge_type, d.pricing_model, d.publisher, d.location, d.resource_id, c.currency,
      ${decimal('c.cost_sum')} AS cost, ${decimal('c.amortized_sum')} AS amortized_cost`,
    from,
    ...RECORD_SORTING,
    count: answerable(filter) ? countOf(scope, filter) : countOfMatching(scope, filter),
  };
  return { source, conditions: new Conditions(days.values).around(from) };
}

function groupsOf(
  scope: TenantScope,
  filter: CostFilter,
  dimensions: readonly CostDimensionName[],
  granularity: Granularity,
): Filtered {
  const { sql, conditions } = answerable(filter, dimensions)
    ? rollup(scope, filter, dimensions.includes('subscription_id'))
    : charges(scope, filter);
  const period = { daily: 'day', monthly: `date_trunc('month', day)::date`, none: null }[granularity];
  const keys = [
    ...(period ? [{ sql: period, name: 'date' }] : []),
    ...[...dimensions, 'currency'].map((name) => ({ sql: name, name })),
  ];
  const from = `(
    SELECT ${keys.map((key) => `${key.sql} AS ${key.name}`).join(', ')},
           sum(cost) AS cost_sum, sum(amortized_cost) AS amortized_sum
    FROM (${sql}) charges
    GROUP BY ${keys.map((key) => key.sql).join(', ')}
  ) g`;
  const first: SortColumn = period ? { expression: 'date', type: 'date' } : { expression: 'currency', type: 'text' };
  const source = {
    columns: `${keys.map(({ name }) => name).join(', ')}, ${decimal('cost_sum')} AS cost, ${decimal('amortized_sum')} AS amortized_cost`,
    from,
    sortable: { [period ? 'date' : 'currency']: first, ...AMOUNTS_SORTABLE },
    defaultSort: period ? 'date' : 'currency',
    tieBreakers: [
      first,
      ...dimensions.map((dimension) => ({ expression: `coalesce(${dimension}, '')`, type: 'text' })),
      // Absent and empty are different keys that coalesce makes equal.
      ...dimensions.map((dimension) => ({ expression: `(${dimension} IS NULL)`, type: 'boolean' })),
      { expression: 'currency', type: 'text' },
    ],
  };
  return { source, conditions: conditions.around(from) };
}

/** True when the rollup can answer, so that no fact need be read. */
function answerable(filter: CostFilter, dimensions: readonly CostDimensionName[] = []): boolean {
  const onlyFactsKnow = [filter.resource_group, filter.meter_category, filter.resource_id];
  return (
    dimensions.every((name) => ROLLUP_DIMENSIONS.includes(name)) && onlyFactsKnow.every((value) => value === undefined)
  );
}

/** All that speaks of one charge is of one owner: a subscription (ingestion) or a billing account (files). */
const OWNER = `coalesce(s.subscription_id, s.billing_account_id, '')`;

/**
 * Whose datasets have charges on which days, and how many, in the order of days and owners: rows of day, its month and
 * place therein, tenant_id, owner, datasets and rows.
 */
function ownerDays({ where }: Conditions, direction: Order['direction'] = 'ASC'): string {
  return `SELECT x.day, date_trunc('month', x.day::timestamp)::date AS month, extract(day FROM x.day)::integer AS place,
      x.tenant_id, ${OWNER} AS owner, array_agg(x.dataset_id) AS datasets, sum(x.rows) AS rows
    FROM (SELECT t.day, t.tenant_id, t.dataset_id, sum(t.rows) AS rows FROM cost_daily_totals t ${where} GROUP BY 1, 2, 3) x
    JOIN cost_datasets s ON s.tenant_id = x.tenant_id AND s.id = x.dataset_id
    GROUP BY x.day, x.tenant_id, ${OWNER}
    ORDER BY x.day ${direction}, x.tenant_id ${direction}, ${OWNER} ${direction}`;
}

/** The fact `f` has a charge on `k`'s day. */
const CHARGED_ON_DAY = '(f.costs[k.place] IS NOT NULL OR f.amortized_costs[k.place] IS NOT NULL)';
/** `d` says what the charge `c` was for. */
const DESCRIBES_CHARGE = 'd.tenant_id = c.tenant_id AND d.id = c.id';

/**
 * Charges, each with its sums over datasets: rows of day, tenant_id, owner, id (of what describes it), currency, sums, and
 * what these are sorted by. Owner by owner, day by day, because the rollup knows them: a page by date then reads the days
 * that it shows, not the period. Which month a day's facts are in is known when it is read, and before that the largest
 * month is everybody's estimate. OFFSET 0 leaves no choice but the key, for facts as for what describes them: reading
 * all dimensions for each day of a small owner would take longer than its days together.
 */
function chargesByDay(days: Conditions, facts: Conditions, direction: Order['direction']): string {
  return `SELECT k.day, k.tenant_id, k.owner, s.*,
      coalesce(s.cost_sum, '-Infinity') AS cost_order, coalesce(s.amortized_sum, '-Infinity') AS amortized_order
    FROM (${ownerDays(days, direction)}) k
    CROSS JOIN LATERAL (
      SELECT m.dimension_id AS id, m.currency, sum(m.cost) AS cost_sum, sum(m.amortized_cost) AS amortized_sum
      FROM unnest(k.datasets) AS of (dataset_id)
      CROSS JOIN LATERAL (
        SELECT f.dimension_id, f.currency, f.costs[k.place] AS cost, f.amortized_costs[k.place] AS amortized_cost
        FROM costs_monthly f
        ${facts.add('f.tenant_id = k.tenant_id AND f.dataset_id = of.dataset_id AND f.month = k.month').add(CHARGED_ON_DAY).where}
        OFFSET 0
      ) m
      GROUP BY m.dimension_id, m.currency
    ) s`;
}

/** How many records there are: the rollup counts them; only what several datasets speak of has to be merged first. */
function countOf(scope: TenantScope, filter: CostFilter): Statement {
  const days = filterTotals(scope, filter);
  const facts = filterDescriptions(filter, filterFacts(filter, new Conditions(days.values))).add(
    'cardinality(k.datasets) > 1',
  );
  const sql = `WITH k AS MATERIALIZED (${ownerDays(days)})
    SELECT (SELECT coalesce(sum(k.rows), 0) FROM k WHERE cardinality(k.datasets) = 1) + (
      SELECT count(*) FROM (
        SELECT FROM k
        JOIN costs_monthly f ON f.tenant_id = k.tenant_id AND f.dataset_id = ANY(k.datasets) AND f.month = k.month
          AND ${CHARGED_ON_DAY}
        JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
        ${facts.where}
        GROUP BY k.tenant_id, k.day, d.id, f.currency
      ) merged) AS total`;
  return { sql, values: days.values };
}

/** The same where the rollup cannot tell: all that is described like this, merged. */
function countOfMatching(scope: TenantScope, filter: CostFilter): Statement {
  const conditions = describedFacts(scope, filter, new Conditions())
    .add('(a.cost IS NOT NULL OR a.amortized_cost IS NOT NULL)')
    .add('f.month + a.place::integer - 1 >= ?::date', filter.from)
    .add('f.month + a.place::integer - 1 <= ?::date', filter.to);
  const sql = `SELECT count(*) AS total FROM (
      SELECT FROM ${DESCRIBED_FACTS}
      CROSS JOIN LATERAL unnest(f.costs, f.amortized_costs) WITH ORDINALITY AS a (cost, amortized_cost, place)
      ${conditions.where}
      GROUP BY f.tenant_id, f.month, a.place, ${OWNER}, d.id, f.currency
    ) merged`;
  return { sql, values: conditions.values };
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

const DESCRIBED_FACTS = `cost_dimensions d
  JOIN costs_monthly f ON f.tenant_id = d.tenant_id AND f.dimension_id = d.id
  JOIN cost_datasets s ON s.tenant_id = f.tenant_id AND s.id = f.dataset_id`;

function describedFacts(scope: TenantScope, filter: CostFilter, conditions: Conditions): Conditions {
  conditions.within(scope, 'd.tenant_id').add('d.tenant_id = ?', filter.tenant_id);
  return filterDescriptions(filter, filterFacts(filter, conditions));
}

/** The rollup says which datasets have charges in which months, so that no others are read. */
function charges(scope: TenantScope, filter: CostFilter): CostSource {
  const days = filterTotals(scope, filter);
  const conditions = filterDescriptions(filter, filterFacts(filter, new Conditions(days.values)))
    .add('f.day >= ?::date', filter.from)
    .add('f.day <= ?::date', filter.to);
  const sql = `SELECT f.day, f.currency, f.cost, f.amortized_cost, d.*
    FROM (
      SELECT DISTINCT t.tenant_id, t.dataset_id, date_trunc('month', t.day::timestamp)::date AS month
      FROM cost_daily_totals t ${days.where}
    ) k
    JOIN costs_daily f ON f.tenant_id = k.tenant_id AND f.dataset_id = k.dataset_id AND f.month = k.month
    JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id ${conditions.where}`;
  return { sql, conditions };
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

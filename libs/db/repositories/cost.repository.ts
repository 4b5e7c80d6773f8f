import { monthStart, type Day } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Database, Statement } from '../database.js';
import { Conditions, readList, type ListPage, type ListRequest, type SortColumn } from '../list.js';
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

/** Reads the ledger: records, groups, revisions. Summaries are in `CostSummaryRepository`. */
export class CostRepository {
  constructor(private readonly database: Database) {}

  /** Daily records at the finest grain; what several datasets say of one charge is one record. */
  list(scope: TenantScope, filter: CostFilter, request: ListRequest): Promise<ListPage<CostRow>> {
    const days = filterTotals(scope, filter);
    const facts = filterFacts(filter, new Conditions(days.values).add(CHARGED_ON_DAY));
    // Owner by owner, day by day, because the rollup knows them: a page then reads those it shows, not the period.
    const from = `(${ownerDays(days)}) k
      CROSS JOIN LATERAL (
        SELECT d.*, f.currency, sum(f.costs[k.place]) AS cost_sum, sum(f.amortized_costs[k.place]) AS amortized_sum
        FROM costs_monthly f JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
        ${facts.where}
        GROUP BY d.tenant_id, d.id, f.currency
      ) c`;
    return readList<CostRow>(
      this.database,
      scope,
      {
        columns: `k.day AS date, c.provider, k.tenant_id, c.subscription_id, c.resource_group, c.service_name, c.meter_category,
          c.charge_type, c.pricing_model, c.publisher, c.location, c.resource_id, c.currency,
          ${decimal('cost_sum')} AS cost, ${decimal('amortized_sum')} AS amortized_cost`,
        from,
        sortable: { date: { expression: 'k.day', type: 'date' }, ...AMOUNTS_SORTABLE },
        defaultSort: 'date',
        tieBreakers: [
          { expression: 'k.day', type: 'date' },
          { expression: 'k.tenant_id', type: 'uuid' },
          { expression: 'k.owner', type: 'text' },
          { expression: 'c.id', type: 'bigint' },
          { expression: 'c.currency', type: 'text' },
        ],
        count: answerable(filter) ? countOf(scope, filter) : undefined,
      },
      facts.around(from),
      request,
    );
  }

  /** Sums by up to three dimensions and a period; currency is always a key. */
  group(
    scope: TenantScope,
    filter: CostFilter,
    dimensions: readonly CostDimensionName[],
    granularity: Granularity,
    request: ListRequest,
  ): Promise<ListPage<CostRow>> {
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
    return readList<CostRow>(
      this.database,
      scope,
      {
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
      },
      conditions.around(from),
      request,
    );
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

/** True when the rollup can answer, so that no fact need be read. */
function answerable(filter: CostFilter, dimensions: readonly CostDimensionName[] = []): boolean {
  const onlyFactsKnow = [filter.resource_group, filter.meter_category, filter.resource_id];
  return (
    dimensions.every((name) => ROLLUP_DIMENSIONS.includes(name)) && onlyFactsKnow.every((value) => value === undefined)
  );
}

/**
 * Whose datasets have charges on which days, and how many: rows of day, its month and place therein, tenant_id, owner,
 * datasets and rows. An owner is a subscription (ingestion) or a billing account (files), and all that speaks of one charge
 * is of one owner.
 */
function ownerDays({ where }: Conditions): string {
  return `SELECT x.day, date_trunc('month', x.day::timestamp)::date AS month, extract(day FROM x.day)::integer AS place,
      x.tenant_id, coalesce(s.subscription_id, s.billing_account_id, '') AS owner, array_agg(x.dataset_id) AS datasets,
      sum(x.rows) AS rows
    FROM (SELECT t.day, t.tenant_id, t.dataset_id, sum(t.rows) AS rows FROM cost_daily_totals t ${where} GROUP BY 1, 2, 3) x
    JOIN cost_datasets s ON s.tenant_id = x.tenant_id AND s.id = x.dataset_id
    GROUP BY x.day, x.tenant_id, coalesce(s.subscription_id, s.billing_account_id, '')`;
}

/** A month of `k`'s datasets has a charge on its day. */
const CHARGED_ON_DAY = `f.tenant_id = k.tenant_id AND f.dataset_id = ANY(k.datasets) AND f.month = k.month
  AND (f.costs[k.place] IS NOT NULL OR f.amortized_costs[k.place] IS NOT NULL)`;

/** How many records there are: the rollup counts them; only what several datasets speak of has to be merged first. */
function countOf(scope: TenantScope, filter: CostFilter): Statement {
  const days = filterTotals(scope, filter);
  const facts = filterFacts(filter, new Conditions(days.values).add('cardinality(k.datasets) > 1'));
  const sql = `WITH k AS MATERIALIZED (${ownerDays(days)})
    SELECT (SELECT coalesce(sum(k.rows), 0) FROM k WHERE cardinality(k.datasets) = 1) + (
      SELECT count(*) FROM (
        SELECT FROM k
        JOIN costs_monthly f ON ${CHARGED_ON_DAY}
        JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
        ${facts.where}
        GROUP BY k.tenant_id, k.day, d.id, f.currency
      ) merged) AS total`;
  return { sql, values: days.values };
}

/** The rollup says which datasets have charges in which months, so that no others are read. */
function charges(scope: TenantScope, filter: CostFilter): CostSource {
  const days = filterTotals(scope, filter);
  const conditions = filterFacts(filter, new Conditions(days.values))
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

/** What the rollup leaves open; months are bounded again, so that whole partitions are left out. */
function filterFacts(filter: CostFilter, conditions: Conditions): Conditions {
  return conditions
    .add(`f.month >= ?::date`, filter.from && monthStart(filter.from))
    .add('f.month <= ?::date', filter.to)
    .add('f.currency = ?', filter.currency)
    .add('d.provider = ?', filter.provider)
    .add('d.subscription_id = ?', filter.subscription_id?.toLowerCase())
    .add('d.service_name = ?', filter.service_name)
    .add('d.resource_group = ?', filter.resource_group?.toLowerCase())
    .add('d.meter_category = ?', filter.meter_category)
    .add('d.resource_id = ?', filter.resource_id?.toLowerCase());
}

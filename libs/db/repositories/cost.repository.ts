import type { Day } from '#core/day.js';
import type { TenantScope } from '#core/scope.js';
import type { Database } from '../database.js';
import { Conditions, readAll, readList, type ListPage, type ListRequest } from '../list.js';
import { groupsOf, type CostDimensionName, type Granularity } from './cost-groups.js';
import { decimal, recordsOf } from './cost-records.js';
import type { CostFilter } from './cost-rollup.js';

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

import type { Day } from '#core/day.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '../database.js';

/** Months of the ledger, by their first days. */
interface ExpiredMonths {
  forgotten: Day[];
  /** To be tried again, because a long reader or a publication held them. */
  postponed: Day[];
}

/** PostgreSQL's code for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = '55P03';
const LONGEST_WAIT = '2s';
const MONTHS_BEFORE = `
  SELECT to_date(right(c.relname, 7), 'YYYY_MM')::text AS month
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'public.costs_monthly'::regclass
    AND to_date(right(c.relname, 7), 'YYYY_MM') + interval '1 month' <= $1::date
  ORDER BY 1`;

/** What keeps the database in shape and in size. Everything may be done by any worker, at any time, again. */
export class HousekeepingRepository {
  constructor(private readonly database: Database) {}

  /** Makes the ledger's partitions of these months, so that no publication has to wait for one. */
  async prepareMonths(months: readonly Day[]): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query('SELECT ensure_cost_partition(month) FROM unnest($1::date[]) AS m (month)', [months]),
    );
  }

  /**
   * Forgets what the sources published of months that ended before the day, each in a transaction of its own. A month that
   * somebody is busy with is postponed: who waits for it would make every reader of costs wait.
   */
  async expireCosts(before: Day, sources: readonly string[]): Promise<ExpiredMonths> {
    const months = await this.database.query<{ month: Day }>(ALL_TENANTS, MONTHS_BEFORE, [before]);
    const expired: ExpiredMonths = { forgotten: [], postponed: [] };
    for (const { month } of months) {
      try {
        if (await this.expireMonth(month, sources)) expired.forgotten.push(month);
      } catch (error) {
        if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw error;
        expired.postponed.push(month);
      }
    }
    return expired;
  }

  private expireMonth(month: Day, sources: readonly string[]): Promise<boolean> {
    return this.database.transaction(ALL_TENANTS, async (tx) => {
      await tx.query(`SET LOCAL lock_timeout = '${LONGEST_WAIT}'`);
      const [row] = await tx.query<{ found: boolean }>('SELECT expire_cost_month($1, $2) AS found', [month, sources]);
      return row!.found;
    });
  }

  /** Forgets metrics that ended before the instant, and those of resources that are gone; answers how many. */
  async expireMetrics(before: Date | null): Promise<number> {
    return this.database.transaction(ALL_TENANTS, async (tx) => {
      const rows = await tx.query<{ tenant_id: string }>(
        `DELETE FROM resource_metrics m
         WHERE m.to_at < $1 OR NOT EXISTS (
           SELECT FROM resources r
           WHERE r.tenant_id = m.tenant_id AND r.resource_id = m.resource_id AND r.deleted_at IS NULL)
         RETURNING m.tenant_id`,
        [before],
      );
      const tenants = [...new Set(rows.map(({ tenant_id }) => tenant_id))].sort();
      await tx.query('SELECT count_data_version(tenant) FROM unnest($1::uuid[]) AS t (tenant)', [tenants]);
      return rows.length;
    });
  }
}

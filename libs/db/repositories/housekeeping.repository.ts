import type { Day } from '#core/day.js';
import { ALL_TENANTS } from '#core/scope.js';
import type { Database } from '../database.js';

/** What keeps the database in shape and in size. Everything may be done by any worker, at any time, again. */
export class HousekeepingRepository {
  constructor(private readonly database: Database) {}

  /** Makes the ledger's partitions of these months, so that no publication has to wait for one. */
  async prepareMonths(months: readonly Day[]): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query('SELECT ensure_cost_partition(month) FROM unnest($1::date[]) AS m (month)', [months]),
    );
  }

  /** Forgets what the sources published of months that ended before the day; answers their first days. */
  async expireCosts(before: Day, sources: readonly string[]): Promise<Day[]> {
    const rows = await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query<{ month: Day }>('SELECT e.month::text FROM expire_costs($1, $2) AS e (month)', [before, sources]),
    );
    return rows.map(({ month }) => month);
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

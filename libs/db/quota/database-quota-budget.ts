import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import type { QuotaBooking, QuotaBudget, QuotaDraw, QuotaReading } from '#core/quota.js';
import type { Database, Statement } from '../database.js';

/**
 * Quotas kept in PostgreSQL, so that any number of workers share them. Time is the database's: workers' clocks differ.
 * A sliding window per key, because Azure does not say where its own periods begin.
 */
export class DatabaseQuotaBudget implements QuotaBudget {
  constructor(private readonly database: Database) {}

  async book(tenantId: string, draws: readonly QuotaDraw[], maxWaitMs: number): Promise<QuotaBooking> {
    if (draws.length === 0) return { waitMs: 0, key: null };
    const booking = {
      sql: `SELECT wait_ms, waits_for FROM book_quota($1, $2::text[], $3::integer[], $4::integer[], $5::interval[], $6::interval)`,
      values: [
        tenantId,
        draws.map(({ key }) => key),
        draws.map(({ units }) => units),
        draws.map(({ limit }) => limit),
        draws.map(({ periodMs }) => interval(periodMs)),
        interval(maxWaitMs),
      ],
    };
    // A call that is forgotten with a crash is a call too many, which Azure tells.
    const [[row]] = await this.database.writes<[{ wait_ms: number; waits_for: string | null }]>(
      oneTenant(tenantId),
      [booking],
      { durable: false },
    );
    return { waitMs: Math.max(0, row!.wait_ms), key: row!.waits_for };
  }

  async correct(tenantId: string, readings: readonly QuotaReading[]): Promise<void> {
    if (readings.length === 0) return;
    // Under the lock: answers that arrive together would each see what others used as missing from the books, and each
    // enter all of it.
    await this.locked(tenantId, {
      sql: `INSERT INTO quota_uses (tenant_id, key, at, units, expires_at)
         SELECT $1, r.key, clock_timestamp(), r.used - ours.used, clock_timestamp() + r.period
         FROM unnest($2::text[], $3::integer[], $4::interval[]) AS r (key, used, period)
         CROSS JOIN LATERAL (
           SELECT coalesce(sum(u.units), 0)::integer AS used FROM quota_uses u
           WHERE u.tenant_id = $1 AND u.key = r.key AND u.at > clock_timestamp() - r.period
         ) ours
         WHERE r.used > ours.used`,
      values: [
        tenantId,
        readings.map(({ key }) => key),
        readings.map(({ used }) => used),
        readings.map(({ periodMs }) => interval(periodMs)),
      ],
    });
  }

  async close(tenantId: string, key: string, ms: number): Promise<void> {
    // Under the lock: two that delete each other's row would wait for each other.
    await this.locked(tenantId, {
      sql: `WITH over AS (
           DELETE FROM quota_closures WHERE tenant_id = $1 AND key <> $2 AND until <= clock_timestamp()
         )
         INSERT INTO quota_closures AS c (tenant_id, key, until) VALUES ($1, $2, clock_timestamp() + $3::interval)
         ON CONFLICT (tenant_id, key) DO UPDATE SET until = greatest(c.until, excluded.until)`,
      values: [tenantId, key, interval(ms)],
    });
  }

  async room(tenantId: string, draws: readonly QuotaDraw[], withinMs: number): Promise<number | null> {
    const limited = draws.filter(({ limit }) => limit !== null);
    if (limited.length === 0) return null;
    const used = await this.database.query<{ key: string; units: number }>(
      oneTenant(tenantId),
      `SELECT d.key, coalesce(sum(u.units), 0)::float8 AS units
       FROM unnest($2::text[], $3::interval[]) AS d (key, period)
       LEFT JOIN quota_uses u ON u.tenant_id = $1 AND u.key = d.key
         -- What leaves the period before the time is up is room again.
         AND u.at > clock_timestamp() + greatest($4::interval - d.period, interval '0') - d.period
       GROUP BY d.key`,
      [tenantId, limited.map(({ key }) => key), limited.map(({ periodMs }) => interval(periodMs)), interval(withinMs)],
    );
    const unitsOf = new Map(used.map(({ key, units }) => [key, units]));
    return Math.min(
      ...limited.map(({ key, limit, units, periodMs }) => {
        const periods = Math.max(1, Math.floor(withinMs / periodMs));
        return Math.max(0, Math.floor((limit! * periods - (unitsOf.get(key) ?? 0)) / units));
      }),
    );
  }

  /** Changes the books of a tenant while nobody else does: under the lock that `book_quota` takes. */
  private async locked(tenantId: string, change: Statement): Promise<void> {
    // A statement of its own: what the change sees is as of its start.
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended('azcops.quota.' || $1, 0))`;
    await this.database.writes(oneTenant(tenantId), [{ sql: lock, values: [tenantId] }, change]);
  }

  /** Units used in the running period per tenant and key, and the keys that are closed; for metrics. */
  state(): Promise<{ tenant_id: string; key: string; units: number; closed_seconds: number }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT coalesce(u.tenant_id, c.tenant_id) AS tenant_id, coalesce(u.key, c.key) AS key,
              coalesce(u.units, 0)::float8 AS units,
              greatest(0, extract(epoch FROM c.until - clock_timestamp()))::float8 AS closed_seconds
       FROM (SELECT tenant_id, key, sum(units) AS units FROM quota_uses
             WHERE expires_at > clock_timestamp() GROUP BY tenant_id, key) u
       FULL JOIN quota_closures c USING (tenant_id, key)`,
    );
  }
}

function interval(ms: number): string {
  return `${ms} milliseconds`;
}

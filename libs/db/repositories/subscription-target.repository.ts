import type { TargetSubscription } from '#core/connector.js';
import type { Day, DayRange } from '#core/day.js';
import type { SubscriptionRecord } from '#core/records.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import type { Database, Transaction } from '../database.js';
import { parseDayRanges } from '../day-ranges.js';
import type { RecordSink, SinkTarget } from '../record-sink.js';

/** A sub-account found in an imported file. */
export interface ImportedSubscription {
  provider: string;
  subscriptionId: string;
  displayName: string;
}

const ARM = 'Microsoft';
const COSTS = 'cost-management';
/** A discovered subscription that the provider no longer lists: moved, deleted for good, or out of the credential's sight. */
export const UNLISTED = 'Unlisted';
/** Discovery runs hourly: a credential that has listed nothing for so long does not read either. */
const LISTING_LASTS = `interval '2 days'`;
/** How long a month that Azure has no costs for is left alone: asking for it every day would use up the quota. */
const UNAVAILABLE_LASTS = `interval '7 days'`;
/** Daily exports bring a month's first days up to two days later than the API could. */
const EXPORT_DELIVERS = `interval '3 days'`;
/** SQL: ingestion may read subscription `s`, were it the only one to see it. */
const READABLE = `s.source <> 'import' AND s.removed_at IS NULL AND s.state <> '${UNLISTED}'`;
/** SQL: ingestion reads subscription `s` under its tenant. */
export const READ_HERE = `${READABLE} AND NOT s.read_elsewhere`;

/** The subscriptions as ingestion knows them: found by discovery and imports, and which of them it reads. */
export class SubscriptionTargetRepository {
  constructor(private readonly database: Database) {}

  /**
   * One that several registered tenants see (Azure Lighthouse) is read once: by a tenant whose credential still lists it,
   * the one that it lives in before others, then the oldest.
   */
  async chooseReaders(): Promise<void> {
    await this.database.transaction(ALL_TENANTS, (tx) =>
      tx.query(
        `WITH reader AS (
           SELECT DISTINCT ON (s.subscription_id) s.subscription_id, s.tenant_id
           FROM subscriptions s JOIN tenants t ON t.id = s.tenant_id AND t.removed_at IS NULL
           WHERE s.provider = $1 AND ${READABLE}
           ORDER BY s.subscription_id, coalesce(s.listed_at > now() - ${LISTING_LASTS}, false) DESC,
                    coalesce(s.home_tenant_id = t.azure_tenant_id, false) DESC, t.created_at, t.id
         )
         UPDATE subscriptions s SET read_elsewhere = NOT s.read_elsewhere
         FROM subscriptions seen LEFT JOIN reader ON reader.subscription_id = seen.subscription_id
         WHERE seen.tenant_id = s.tenant_id AND seen.id = s.id AND s.provider = $1 AND s.source <> 'import'
           AND s.read_elsewhere <> coalesce(reader.tenant_id <> s.tenant_id, false)`,
        [ARM],
      ),
    );
  }

  /** Azure subscriptions that ingestion reads under this tenant, with what was published of their costs. */
  async targets(tenantId: string, only: readonly string[] | null = null): Promise<TargetSubscription[]> {
    const rows = await this.database.query<{
      subscription_id: string;
      state: string;
      quota_id: string | null;
      covered: string;
      asked_at: Date | null;
      unavailable: string;
      owned_elsewhere: Day[];
    }>(
      // What another tenant read of a subscription before is beyond this tenant's own scope.
      ALL_TENANTS,
      `WITH owned AS (
         SELECT DISTINCT t.subscription_id, d.month, d.source
         FROM cost_datasets d JOIN cost_daily_totals t ON t.tenant_id = d.tenant_id AND t.dataset_id = d.id
         WHERE d.tenant_id = $1 AND d.source <> $3 AND t.provider = $2 AND t.subscription_id IS NOT NULL
       ), owned_or_awaited AS (
         SELECT subscription_id, month FROM owned
         UNION
         -- Else the API would own each new month before the export that owns the others could.
         SELECT o.subscription_id, n.month
         FROM owned o
         JOIN cost_export_runs r
           ON r.tenant_id = $1 AND r.source = o.source AND r.month = o.month AND r.submitted_at > now() - ${EXPORT_DELIVERS}
         CROSS JOIN LATERAL (SELECT (o.month + interval '1 month')::date AS month) n
         WHERE NOT EXISTS (SELECT FROM cost_datasets d WHERE d.tenant_id = $1 AND d.source = $3
                           AND d.subscription_id = o.subscription_id AND d.month = n.month)
       )
       SELECT s.subscription_id, s.state, s.quota_id,
              (SELECT coalesce(range_agg(d.covered), '{}')::text FROM cost_datasets d
               WHERE d.source = $3 AND d.subscription_id = s.subscription_id) AS covered,
              (SELECT max(w.finished_at) FROM ingestion_windows w
               WHERE w.tenant_id = s.tenant_id AND w.subscription_id = s.subscription_id AND w.connector = $3
                 AND w.status <> 'cancelled' AND w.to_day >= (w.finished_at AT TIME ZONE 'UTC')::date - 1) AS asked_at,
              (SELECT coalesce(range_agg(daterange(w.from_day, w.to_day, '[]')), '{}')::text FROM ingestion_windows w
               WHERE w.tenant_id = s.tenant_id AND w.subscription_id = s.subscription_id AND w.connector = $3
                 AND w.lasting AND w.finished_at > now() - ${UNAVAILABLE_LASTS}) AS unavailable,
              ARRAY(SELECT o.month::text FROM owned_or_awaited o WHERE o.subscription_id = s.subscription_id ORDER BY 1) AS owned_elsewhere
       FROM subscriptions s
       WHERE s.tenant_id = $1 AND s.provider = $2 AND ${READ_HERE} AND ($4::text[] IS NULL OR s.subscription_id = ANY($4))
       ORDER BY s.subscription_id`,
      [tenantId, ARM, COSTS, only],
    );
    return rows.map((row) => ({
      subscriptionId: row.subscription_id,
      state: row.state,
      quotaId: row.quota_id,
      costsCovered: parseDayRanges(row.covered),
      costsUnavailable: parseDayRanges(row.unavailable),
      costsAskedAt: row.asked_at?.toISOString() ?? null,
      costMonthsOwnedElsewhere: row.owned_elsewhere,
    }));
  }

  /** Discovered subscriptions as the sink of a window: few enough to hold, published together. */
  openSink(target: SinkTarget): Promise<RecordSink<'subscription'>> {
    const found: SubscriptionRecord[] = [];
    return Promise.resolve({
      add: async (records) => void found.push(...records),
      publish: (proof, checkpoint) =>
        this.database.transaction(oneTenant(target.tenantId), async (tx) => {
          await this.storeDiscovered(tx, target.tenantId, found, proof.complete);
          const published = { rows: found.length, totals: [] };
          await checkpoint(tx, published);
          return published;
        }),
      discard: async () => undefined,
    });
  }

  /** Brings the registry up to what discovery saw. What people removed stays removed; what a whole list lacks is unlisted. */
  private async storeDiscovered(
    tx: Transaction,
    tenantId: string,
    seen: readonly SubscriptionRecord[],
    isComplete: boolean,
  ): Promise<void> {
    // Pages may overlap, and one statement may not touch a row twice.
    const records = [...new Map(seen.map((record) => [record.subscriptionId, record])).values()];
    await tx.query(
      `INSERT INTO subscriptions (tenant_id, provider, subscription_id, display_name, state, quota_id, home_tenant_id, managed_by,
                                  listed_at, source)
       SELECT DISTINCT ON (subscription_id) $1::uuid, $2, subscription_id, display_name, state, quota_id, home_tenant_id,
              ARRAY(SELECT jsonb_array_elements_text(managed_by)), now(), 'discovery'
       FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])
         AS found (subscription_id, display_name, state, quota_id, home_tenant_id, managed_by)
       ON CONFLICT (tenant_id, provider, subscription_id) DO UPDATE
         SET display_name = excluded.display_name, state = excluded.state, quota_id = excluded.quota_id,
             home_tenant_id = excluded.home_tenant_id, managed_by = excluded.managed_by, listed_at = excluded.listed_at,
             source = CASE WHEN subscriptions.source = 'import' THEN excluded.source ELSE subscriptions.source END`,
      [
        tenantId,
        ARM,
        records.map((record) => record.subscriptionId),
        records.map((record) => record.displayName),
        records.map((record) => record.state),
        records.map((record) => record.quotaId),
        records.map((record) => record.homeTenantId),
        records.map((record) => JSON.stringify(record.managedBy)),
      ],
    );
    // An empty list is what a credential without any role gets: that says nothing about the subscriptions.
    if (!isComplete || records.length === 0) return;
    await tx.query(
      `UPDATE subscriptions SET state = $3
       WHERE tenant_id = $1 AND provider = $2 AND source = 'discovery' AND state <> $3
         AND NOT subscription_id = ANY($4::text[])`,
      [tenantId, ARM, UNLISTED, records.map((record) => record.subscriptionId)],
    );
  }

  /** Makes the sub-accounts of imported files known; what discovery or people registered stays as it is. */
  async storeImported(tx: Transaction, tenantId: string, found: readonly ImportedSubscription[]): Promise<void> {
    await tx.query(
      `INSERT INTO subscriptions (tenant_id, provider, subscription_id, display_name, source)
       SELECT $1, found.*, 'import' FROM unnest($2::text[], $3::text[], $4::text[]) AS found
       ON CONFLICT (tenant_id, provider, subscription_id) DO NOTHING`,
      [
        tenantId,
        found.map(({ provider }) => provider),
        found.map(({ subscriptionId }) => subscriptionId),
        found.map(({ displayName }) => displayName),
      ],
    );
  }

  /** Which other tenants have charges of these sub-accounts on these days: sums over all tenants hold both. */
  heldElsewhere(
    tenantId: string,
    subscriptions: readonly Pick<ImportedSubscription, 'provider' | 'subscriptionId'>[],
    { from, to }: DayRange,
  ): Promise<{ tenant: string; subscription_ids: string[] }[]> {
    return this.database.query(
      ALL_TENANTS,
      `SELECT t.name AS tenant, array_agg(s.subscription_id ORDER BY s.subscription_id) AS subscription_ids
       FROM unnest($2::text[], $3::text[]) AS f (provider, subscription_id)
       JOIN subscriptions s
         ON s.provider = f.provider AND s.subscription_id = f.subscription_id AND s.tenant_id <> $1
       JOIN tenants t ON t.id = s.tenant_id
       WHERE EXISTS (SELECT FROM cost_daily_totals c
                     WHERE c.tenant_id = s.tenant_id AND c.provider = s.provider AND c.subscription_id = s.subscription_id
                       AND c.day BETWEEN $4 AND $5)
       GROUP BY t.id, t.name ORDER BY t.name`,
      [
        tenantId,
        subscriptions.map(({ provider }) => provider),
        subscriptions.map(({ subscriptionId }) => subscriptionId),
        from,
        to,
      ],
    );
  }
}

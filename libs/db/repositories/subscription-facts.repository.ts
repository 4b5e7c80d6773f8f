import { addDays, type Day } from '#core/day.js';
import type { CostWindow, InventoryResource, ResourceCost, SubscriptionFacts } from '#core/facts.js';
import type { MetricRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import type { Database, Statement } from '../database.js';
import { HOLDS_CHARGES_OF } from './cost-coverage.js';

const ARM = 'Microsoft';
/** Days that a month's costs are taken from, and how far back they may end. */
const WINDOW_DAYS = 30;
const LATEST_AGE_DAYS = 7;

/** Why rules cannot judge a subscription at all. */
export type NotReady = 'inventory_not_read' | 'inventory_incomplete';

interface SubscriptionRow {
  displayName: string;
  quotaId: string | null;
  inventoryAt: Date | null;
  /** When the latest of its resources was seen. */
  seenAt: Date | null;
}

interface WindowRow {
  from: Day;
  to: Day;
  days: number;
  amounts: 'effective' | 'billed';
}

/** Everything known of a subscription, as rules are given it. */
export class SubscriptionFactsRepository {
  constructor(private readonly database: Database) {}

  /** The facts, or why there are none that conclusions may rest on. `today` is the UTC day that is not over. */
  async load(tenantId: string, subscriptionId: string, today: Day): Promise<SubscriptionFacts | NotReady> {
    const scope = oneTenant(tenantId);
    const [subscriptions, resources, metrics, windows] = await this.database.queries<
      [SubscriptionRow, InventoryResource, MetricRecord, WindowRow]
    >(scope, [
      subscriptionOf(tenantId, subscriptionId),
      resourcesOf(tenantId, subscriptionId),
      metricsOf(tenantId, subscriptionId),
      costWindowOf(tenantId, subscriptionId, today),
    ]);
    const [subscription] = subscriptions;
    if (!subscription?.inventoryAt) return 'inventory_not_read';
    // A read that was cut short has brought some resources up to date and others not: relations between them may be gone.
    if (subscription.seenAt && subscription.seenAt > subscription.inventoryAt) return 'inventory_incomplete';
    const { displayName, quotaId, inventoryAt } = subscription;
    const [window] = windows;
    const costs = window ? await this.costsOf(tenantId, subscriptionId, window) : null;
    return { subscriptionId, displayName, quotaId, inventoryAt, resources, metrics, costs };
  }

  private async costsOf(tenantId: string, subscriptionId: string, window: WindowRow): Promise<CostWindow> {
    const amount = window.amounts === 'effective' ? 'f.amortized_cost' : 'f.cost';
    const week = (weeksAgo: number) =>
      `trim_scale(coalesce(sum(${amount}) FILTER (WHERE f.day > $4::date - ${7 * (weeksAgo + 1)}
         AND f.day <= $4::date - ${7 * weeksAgo}), 0))::text`;
    // Summed before it is told what was paid for: by the dimensions' key a few are found, by their subscription all are read.
    const rows = await this.database.query<ResourceCost>(
      oneTenant(tenantId),
      `SELECT c.resource_id AS "resourceId", c.meter_category AS "meterCategory", c.pricing_model AS "pricingModel",
              c.charge_type AS "chargeType", s.currency, s.amount, s.weeks, s."firstDay"
       FROM (
         SELECT f.dimension_id, f.currency, trim_scale(sum(${amount}))::text AS amount,
                ARRAY[${[3, 2, 1, 0].map(week).join(', ')}] AS weeks, min(f.day)::text AS "firstDay"
         FROM (${OWN_DATASETS}) o
         JOIN costs_daily f ON f.tenant_id = $1 AND f.dataset_id = o.id AND f.day BETWEEN $3 AND $4
              AND f.month BETWEEN date_trunc('month', $3::date::timestamp)::date AND $4
         WHERE ${amount} IS NOT NULL
         GROUP BY f.dimension_id, f.currency
       ) s JOIN cost_dimensions c ON c.tenant_id = $1 AND c.id = s.dimension_id
       WHERE c.subscription_id = $2`,
      [tenantId, subscriptionId, window.from, window.to],
    );
    return { ...window, costs: rows };
  }
}

function subscriptionOf(tenantId: string, subscriptionId: string): Statement {
  return {
    sql: `SELECT display_name AS "displayName", quota_id AS "quotaId", inventory_at AS "inventoryAt",
                 (SELECT max(last_seen_at) FROM resources r
                  WHERE r.tenant_id = $1 AND r.subscription_id = $2 AND r.deleted_at IS NULL) AS "seenAt"
          FROM subscriptions WHERE tenant_id = $1 AND subscription_id = $2 AND provider = $3`,
    values: [tenantId, subscriptionId, ARM],
  };
}

function resourcesOf(tenantId: string, subscriptionId: string): Statement {
  return {
    sql: `SELECT resource_id AS "resourceId", original_id AS "originalId", subscription_id AS "subscriptionId", name, type,
                 kind, location, resource_group AS "resourceGroup", managed_by AS "managedBy", tags, sku, properties,
                 first_seen_at AS "firstSeenAt"
          FROM resources WHERE tenant_id = $1 AND subscription_id = $2 AND deleted_at IS NULL ORDER BY resource_id`,
    values: [tenantId, subscriptionId],
  };
}

function metricsOf(tenantId: string, subscriptionId: string): Statement {
  return {
    sql: `SELECT resource_id AS "resourceId", subscription_id AS "subscriptionId", resource_type AS "resourceType", metric,
                 unit, from_at AS "from", to_at AS "to", interval_minutes AS "intervalMinutes", average, minimum, maximum,
                 p05, p95, sample_count AS "sampleCount", coverage
          FROM resource_metrics WHERE tenant_id = $1 AND subscription_id = $2`,
    values: [tenantId, subscriptionId],
  };
}

/** SQL: the datasets that hold charges of subscription $2 in the days from $3 to $4. */
const OWN_DATASETS = `SELECT d.id, d.kind, d.covered FROM cost_datasets d
  WHERE ${HOLDS_CHARGES_OF} AND d.covered && daterange($3::date, $4::date, '[]')`;

/** The last days that are over and published; effective cost before billed cost. No row where they end too long ago. */
function costWindowOf(tenantId: string, subscriptionId: string, today: Day): Statement {
  return {
    sql: `WITH covered AS (
            SELECT 'effective' AS amounts, range_agg(covered) FILTER (WHERE kind <> 'actual') AS days FROM (${OWN_DATASETS}) o
            UNION ALL
            SELECT 'billed', range_agg(covered) FILTER (WHERE kind <> 'amortized') FROM (${OWN_DATASETS}) o
          ), over AS (
            SELECT amounts, days * datemultirange(daterange($3::date, $4::date, '[]')) AS days FROM covered
          ), ending AS (
            SELECT amounts, days, upper(days) - 1 AS last FROM over WHERE NOT isempty(days)
          )
          SELECT (last - ${WINDOW_DAYS - 1})::text AS "from", last::text AS "to", amounts,
                 (SELECT sum(upper(part) - lower(part)) FROM unnest(days * datemultirange(daterange(last - ${WINDOW_DAYS - 1}, last, '[]'))) AS part)::int
                   AS days
          FROM ending WHERE last >= $4::date - ${LATEST_AGE_DAYS - 1}
          ORDER BY amounts DESC LIMIT 1`,
    values: [tenantId, subscriptionId, addDays(today, -WINDOW_DAYS - LATEST_AGE_DAYS), addDays(today, -1)],
  };
}

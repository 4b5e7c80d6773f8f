import type pg from 'pg';
import { withClient } from '../../../scripts/postgres-logins.js';
import { seedFinding, seedMetric } from './test-findings.js';

/** Entra tenants of the test estate. */
export const CONTOSO = '20000000-0000-4000-8000-000000000001';
export const FABRIKAM = '20000000-0000-4000-8000-000000000002';
/** Never registered. */
export const STRANGER = '20000000-0000-4000-8000-00000000000f';
export const SUBSCRIPTION = {
  contoso: '30000000-0000-4000-8000-000000000001',
  fabrikam: '30000000-0000-4000-8000-000000000002',
};

export interface Estate {
  contoso: string;
  fabrikam: string;
  contosoSubscription: string;
  fabrikamSubscription: string;
  contosoRun: string;
  fabrikamRun: string;
  everyoneRun: string;
  contosoFinding: string;
  fabrikamFinding: string;
  contosoChannel: string;
  fabrikamChannel: string;
  contosoDelivery: string;
  fabrikamDelivery: string;
}

export interface SeededCost {
  tenantId: string;
  subscriptionId: string;
  day: string;
  resource?: string;
  service?: string;
  currency?: string;
  cost: string | null;
  amortized?: string | null;
}

/**
 * Two tenants, each with a subscription, resources, metrics, costs of two days, a revision, a recommendation, a channel to
 * which a delivery failed, a finished run and an audit entry.
 */
export async function seedEstate(ownerUrl: string): Promise<Estate> {
  return withClient(ownerUrl, async (client) => {
    const one = async (sql: string, values: unknown[]) =>
      (await client.query<{ id: string }>(`${sql} RETURNING id`, values)).rows[0]!.id;
    const tenant = (name: string, azureTenantId: string) =>
      one(`INSERT INTO tenants (name, type, azure_tenant_id) VALUES ($1, 'external', $2)`, [name, azureTenantId]);
    const contoso = await tenant('Contoso', CONTOSO);
    const fabrikam = await tenant('Fabrikam 100%_real', FABRIKAM);
    const subscription = (tenantId: string, subscriptionId: string, name: string) =>
      one(
        `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source) VALUES ($1, $2, $3, 'discovery')`,
        [tenantId, subscriptionId, name],
      );
    const run = (tenantId: string | null, status: string) =>
      one(
        `INSERT INTO ingestion_runs (tenant_id, mode, status, source, request_key, requested_by, started_at, finished_at, windows_total)
         VALUES ($1, 'full', $2, 'schedule', gen_random_uuid()::text, 'scheduler', now(), now(), 2)`,
        [tenantId, status],
      );
    const finding = (tenantId: string, subscriptionId: string) =>
      seedFinding(client, {
        tenantId,
        subscriptionId,
        title: 'Right-size the virtual machine',
        resourceId: resourceId(subscriptionId, 'vm').toLowerCase(),
      });
    const channel = (tenantId: string) =>
      one(
        `INSERT INTO delivery_channels (tenant_id, name, kind, url, secret_ref)
         VALUES ($1, 'Automation', 'webhook', 'https://hooks.example.com/secret/path?code=key', 'AUTOMATION')`,
        [tenantId],
      );
    const delivery = (tenantId: string, channelId: string) =>
      one(
        `INSERT INTO deliveries (tenant_id, channel_id, kind, status, attempts, finished_at, reason, action, response_status)
         VALUES ($1, $2, 'test', 'failed', 1, now(), 'The receiver answered 404.', 'Check the address.', 404)`,
        [tenantId, channelId],
      );
    const [contosoChannel, fabrikamChannel] = [await channel(contoso), await channel(fabrikam)];
    const estate: Estate = {
      contoso,
      fabrikam,
      contosoSubscription: await subscription(contoso, SUBSCRIPTION.contoso, 'Contoso Production'),
      fabrikamSubscription: await subscription(fabrikam, SUBSCRIPTION.fabrikam, 'Fabrikam_Production'),
      contosoRun: await run(contoso, 'partially_succeeded'),
      fabrikamRun: await run(fabrikam, 'succeeded'),
      everyoneRun: await run(null, 'succeeded'),
      contosoFinding: await finding(contoso, SUBSCRIPTION.contoso),
      fabrikamFinding: await finding(fabrikam, SUBSCRIPTION.fabrikam),
      contosoChannel,
      fabrikamChannel,
      contosoDelivery: await delivery(contoso, contosoChannel),
      fabrikamDelivery: await delivery(fabrikam, fabrikamChannel),
    };
    for (const [tenantId, subscriptionId] of [
      [contoso, SUBSCRIPTION.contoso],
      [fabrikam, SUBSCRIPTION.fabrikam],
    ] as const) {
      await seedCosts(client, [
        { tenantId, subscriptionId, day: '2026-03-01', cost: '12.3400', amortized: '10.50' },
        { tenantId, subscriptionId, day: '2026-03-01', resource: 'db', service: 'SQL Database', cost: '0.0000001200' },
        { tenantId, subscriptionId, day: '2026-03-02', cost: '-3.10', amortized: null },
        {
          tenantId,
          subscriptionId,
          day: '2026-03-02',
          resource: 'db',
          service: 'SQL Database',
          currency: 'USD',
          cost: '100',
        },
      ]);
      await seedResource(client, tenantId, subscriptionId, 'vm', { env: 'prod', 'cost center': '42' });
      await seedResource(client, tenantId, subscriptionId, 'db', {});
      const vm = { tenantId, subscriptionId, resourceId: resourceId(subscriptionId, 'vm') };
      await seedMetric(client, { ...vm, metric: 'Percentage CPU' });
      await seedMetric(client, { ...vm, metric: 'Available Memory Percentage', average: 70 });
      await client.query(
        `INSERT INTO cost_day_revisions (tenant_id, day, source, provider, subscription_id, currency, old_cost, new_cost, old_rows, new_rows)
         VALUES ($1, '2026-03-01', 'cost-management', 'Microsoft', $2, 'EUR', 12.30, 12.3400, 1, 2)`,
        [tenantId, subscriptionId],
      );
      await client.query(
        `INSERT INTO audit_logs (tenant_id, actor_id, action, object_type, object_id) VALUES ($1, 'seed', 'tenant.create', 'tenant', 'seeded')`,
        [tenantId],
      );
    }
    await seedWindows(client, estate);
    return estate;
  });
}

/** A succeeded window with its proof, and one that failed. */
async function seedWindows(client: pg.Client, { contoso, contosoRun }: Estate): Promise<void> {
  await client.query(
    `INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope, subscription_id, from_day, to_day, status, attempt,
       reason, action, rows, proof, totals, finished_at)
     VALUES ($1, $2, 'cost', 'cost-management', $3, $3, '2026-03-01', '2026-03-31', 'succeeded', 1, NULL, NULL, 3,
             '{"pages": 1, "rows": 3, "expected": 3, "complete": true}', '[{"currency": "EUR", "cost": "9.24", "amortized_cost": null}]', now()),
            ($1, $2, 'cost', 'cost-management', 'other', 'other', '2026-03-01', '2026-03-31', 'failed', 3,
             'The application may not read costs.', 'Grant the role "Cost Management Reader".', 0, NULL, '[]', now())`,
    [contoso, contosoRun, SUBSCRIPTION.contoso],
  );
}

export async function seedResource(
  client: pg.Client,
  tenantId: string,
  subscriptionId: string,
  name: string,
  tags: Record<string, string>,
): Promise<void> {
  await client.query(
    `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, location, resource_group, tags, properties, first_seen_at, last_seen_at)
     VALUES ($1, lower($2), $2, $3, $4, 'microsoft.compute/virtualmachines', 'westeurope', 'rg', $5, '{"size": 1}', now(), now())`,
    [tenantId, resourceId(subscriptionId, name), subscriptionId, name, tags],
  );
}

export function resourceId(subscriptionId: string, name: string): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/${name}`;
}

/** A month whose only amount is that of `g.day`. */
const ofDay = (amount: string) => `
  array_fill(NULL::numeric, ARRAY[extract(day FROM g.day)::integer - 1]) || ${amount}
  || array_fill(NULL::numeric, ARRAY[31 - extract(day FROM g.day)::integer])`;

/** Writes ledger rows with dimensions and rollups, as published from Cost Management. */
export async function seedCosts(client: pg.Client, costs: readonly SeededCost[]): Promise<void> {
  const months = new Set(costs.map(({ day }) => `${day.slice(0, 7)}-01`));
  for (const month of months) await client.query('SELECT ensure_cost_partition($1)', [month]);
  const rows = costs.map(
    ({ resource = 'vm', service = 'Virtual Machines', currency = 'EUR', amortized = null, ...cost }) => ({
      ...cost,
      resource_id: resourceId(cost.subscriptionId, resource).toLowerCase(),
      service,
      currency,
      amortized,
    }),
  );
  await client.query(
    `WITH given AS (
       SELECT g.*, date_trunc('month', g.day)::date AS month
       FROM jsonb_to_recordset($1) AS g ("tenantId" uuid, "subscriptionId" text, day date, resource_id text, service text,
                                         currency text, cost numeric, amortized numeric)
     ), datasets AS (
       INSERT INTO cost_datasets (tenant_id, source, subscription_id, kind, month, covered, published_at)
       SELECT "tenantId", 'cost-management', "subscriptionId", 'both', month, range_agg(daterange(day, day, '[]')), now()
       FROM given GROUP BY 1, 3, 5
       ON CONFLICT ON CONSTRAINT cost_datasets_owner_uq DO UPDATE SET covered = cost_datasets.covered + excluded.covered
       RETURNING tenant_id, id, subscription_id, month
     ), dimensions AS (
       INSERT INTO cost_dimensions (tenant_id, key, provider, subscription_id, resource_group, service_name, meter_category,
                                    charge_type, pricing_model, publisher, location, resource_id)
       SELECT DISTINCT "tenantId", sha256(("subscriptionId" || resource_id || service)::bytea), 'Microsoft', "subscriptionId", 'rg',
                       service, service, 'Usage', 'OnDemand', 'Microsoft', 'westeurope', resource_id
       FROM given
       ON CONFLICT ON CONSTRAINT cost_dimensions_key_uq DO UPDATE SET provider = excluded.provider
       RETURNING tenant_id, id, subscription_id, resource_id, service_name
     ), totals AS (
       INSERT INTO cost_daily_totals (tenant_id, dataset_id, day, provider, subscription_id, service_name, currency, cost, amortized_cost, rows)
       SELECT g."tenantId", s.id, g.day, 'Microsoft', g."subscriptionId", g.service, g.currency, sum(g.cost), sum(g.amortized), count(*)
       FROM given g JOIN datasets s ON s.tenant_id = g."tenantId" AND s.subscription_id = g."subscriptionId" AND s.month = g.month
       GROUP BY g."tenantId", s.id, g.day, g."subscriptionId", g.service, g.currency
     )
     INSERT INTO costs_monthly (tenant_id, dataset_id, month, dimension_id, currency, costs, amortized_costs)
     SELECT g."tenantId", s.id, g.month, d.id, g.currency,
            sum_by_day(${ofDay('g.cost')}) FILTER (WHERE g.cost IS NOT NULL),
            sum_by_day(${ofDay('g.amortized')}) FILTER (WHERE g.amortized IS NOT NULL)
     FROM given g
     JOIN datasets s ON s.tenant_id = g."tenantId" AND s.subscription_id = g."subscriptionId" AND s.month = g.month
     JOIN dimensions d ON d.tenant_id = g."tenantId" AND d.resource_id = g.resource_id AND d.service_name = g.service
     GROUP BY g."tenantId", s.id, g.month, d.id, g.currency
     ON CONFLICT ON CONSTRAINT costs_monthly_pk DO UPDATE
       SET costs = add_month(costs_monthly.costs, excluded.costs),
           amortized_costs = add_month(costs_monthly.amortized_costs, excluded.amortized_costs)`,
    [JSON.stringify(rows)],
  );
}

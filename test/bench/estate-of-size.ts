import pg from 'pg';
import { addDays, addMonths, monthStart, type Day } from '#core/day.js';

/** How large the estate is: every resource has one charge a day. */
export interface EstateSize {
  subscriptions: number;
  /** Per subscription. */
  resources: number;
  /** Last day with charges. */
  to: Day;
  days: number;
}

const SERVICES = 12;

/** Fills an empty, migrated database with one tenant's ledger, inventory and recommendations; answers the facts. */
export async function fillEstate(ownerUrl: string, size: EstateSize, azureTenantId: string): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO tenants (name, type, azure_tenant_id) VALUES ('Estate', 'internal', $1) RETURNING id`,
      [azureTenantId],
    );
    const tenant = rows[0]!.id;
    const from = addDays(size.to, 1 - size.days);
    await client.query(
      `INSERT INTO subscriptions (tenant_id, subscription_id, display_name, source)
       SELECT $1, '5b000000-0000-4000-8000-' || lpad(to_hex(s), 12, '0'), 'Subscription ' || s, 'discovery'
       FROM generate_series(1, $2) s`,
      [tenant, size.subscriptions],
    );
    await client.query(
      `INSERT INTO resources (tenant_id, resource_id, original_id, subscription_id, name, type, location, resource_group,
                              tags, properties, first_seen_at, last_seen_at)
       SELECT $1, lower(named.full_id), named.full_id, s.subscription_id, 'vm-' || r, 'microsoft.compute/virtualmachines', 'westeurope',
              'rg-' || r % 40, '{"env": "prod", "cost-center": "4711"}',
              '{"hardwareProfile": {"vmSize": "Standard_D4s_v5"}, "storageProfile": {"osDisk": {"osType": "Linux"}}}', now(), now()
       FROM subscriptions s CROSS JOIN generate_series(1, $2) r
       CROSS JOIN LATERAL (SELECT '/subscriptions/' || s.subscription_id || '/resourceGroups/rg-' || r % 40 ||
         '/providers/Microsoft.Compute/virtualMachines/vm-' || r AS full_id) named`,
      [tenant, size.resources],
    );
    await client.query(
      `INSERT INTO cost_dimensions (tenant_id, key, provider, subscription_id, resource_group, service_name, meter_category,
                                    charge_type, pricing_model, publisher, resource_id)
       SELECT tenant_id, sha256(resource_id::bytea), 'Microsoft', subscription_id, resource_group,
              'Service ' || abs(hashtext(resource_id)) % ${SERVICES}, 'Meter ' || abs(hashtext(resource_id)) % 40, 'Usage',
              'OnDemand', 'Azure', resource_id FROM resources`,
    );
    await client.query(
      `INSERT INTO recommendations (tenant_id, subscription_id, resource_id, source, source_id, rule, category, title, impact,
         estimated_monthly_savings, currency, savings_method, confidence, evidence, first_seen_at, last_seen_at)
       SELECT tenant_id, subscription_id, resource_id, 'advisor', resource_id, 'advisor/e10b1381', 'cost',
              'Right-size or shut down underutilised virtual machines', 'High', abs(hashtext(resource_id)) % 100000 / 100.0,
              'EUR', 'stated', 0.9, '{"problem": "It idles", "targetSku": "Standard_D2s_v5"}', now(), now()
       FROM resources WHERE abs(hashtext(resource_id)) % 10 = 0`,
    );
    for (let month = monthStart(from); month <= size.to; month = addMonths(month, 1)) {
      await client.query('SELECT ensure_cost_partition($1)', [month]);
      const values = [tenant, month, from, size.to];
      await client.query(
        `INSERT INTO cost_datasets (tenant_id, source, subscription_id, kind, month, covered, published_at)
         SELECT $1, 'cost-management', subscription_id, 'both', $2::date,
                datemultirange(daterange(greatest($2::date, $3::date), least(($2::date + interval '1 month - 1 day')::date, $4::date), '[]')),
                now() FROM subscriptions`,
        values,
      );
      await client.query(
        `INSERT INTO costs_monthly (tenant_id, dataset_id, month, dimension_id, currency, costs, amortized_costs)
         SELECT $1, s.id, $2, d.id, 'EUR', amounts, amounts
         FROM cost_datasets s
         JOIN cost_dimensions d ON d.tenant_id = s.tenant_id AND d.subscription_id = s.subscription_id
         CROSS JOIN LATERAL (
           SELECT array_agg(CASE WHEN day BETWEEN greatest($2::date, $3::date) AND least(($2::date + interval '1 month - 1 day')::date, $4::date)
             THEN (abs(hashtext(d.id || day::text)) % 100000)::numeric / 7919 END ORDER BY day) AS amounts
           FROM generate_series($2::date, $2::date + 30, '1 day') day
         ) a
         WHERE s.month = $2::date`,
        values,
      );
    }
    const { rowCount } = await client.query(
      `INSERT INTO cost_daily_totals (tenant_id, dataset_id, day, provider, subscription_id, service_name, currency, cost,
                                      amortized_cost, rows)
       SELECT f.tenant_id, f.dataset_id, f.day, d.provider, d.subscription_id, d.service_name, f.currency, sum(f.cost),
              sum(f.amortized_cost), count(*)
       FROM costs_daily f JOIN cost_dimensions d ON d.tenant_id = f.tenant_id AND d.id = f.dimension_id
       GROUP BY 1, 2, 3, 4, 5, 6, 7`,
    );
    if (!rowCount) throw new Error('the estate has no costs');
    await client.query('VACUUM (ANALYZE)');
    return size.subscriptions * size.resources * size.days;
  } finally {
    await client.end();
  }
}

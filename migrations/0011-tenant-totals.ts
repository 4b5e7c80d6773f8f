import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A second rollup without subscriptions and datasets, so that what a thousand subscriptions cost is no more to add up than
 * what ten do. Reasons: docs/adr/0003-cost-ledger-layout.md
 */
export class TenantTotals1760000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Summands: each publication adds its own, negative ones for what it replaced, so that publications of one tenant
      -- never wait for each other. The counts tell an absent amount from zero. Workers fold them now and then.
      CREATE TABLE cost_tenant_totals (
        tenant_id uuid NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        day date NOT NULL,
        provider text NOT NULL,
        service_name text,
        currency text NOT NULL,
        cost numeric NOT NULL,
        amortized_cost numeric NOT NULL,
        costs bigint NOT NULL,
        amortized_costs bigint NOT NULL,
        totals bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT cost_tenant_totals_pk PRIMARY KEY (tenant_id, id)
      );
      CREATE INDEX cost_tenant_totals_day_ix ON cost_tenant_totals (tenant_id, day);
      CALL scope_to_tenant('cost_tenant_totals', 'tenant_id');
      GRANT SELECT ON cost_tenant_totals TO azcops_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON cost_tenant_totals TO azcops_worker;

      CREATE FUNCTION add_to_tenant_totals() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
      BEGIN
        INSERT INTO cost_tenant_totals
          (tenant_id, day, provider, service_name, currency, cost, amortized_cost, costs, amortized_costs, totals)
        SELECT tenant_id, day, provider, service_name, currency, sign * coalesce(sum(cost), 0),
               sign * coalesce(sum(amortized_cost), 0), sign * count(cost), sign * count(amortized_cost), sign * count(*)
        FROM changed GROUP BY tenant_id, day, provider, service_name, currency;
        RETURN NULL;
      END $$;
      CREATE TRIGGER cost_daily_totals_added AFTER INSERT ON cost_daily_totals
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION add_to_tenant_totals();
      CREATE TRIGGER cost_daily_totals_removed AFTER DELETE ON cost_daily_totals
        REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION add_to_tenant_totals();
      -- The rollup is replaced, never changed: an update would leave the sums behind.
      REVOKE UPDATE ON cost_daily_totals FROM azcops_worker;

      INSERT INTO cost_tenant_totals
        (tenant_id, day, provider, service_name, currency, cost, amortized_cost, costs, amortized_costs, totals)
      SELECT tenant_id, day, provider, service_name, currency, coalesce(sum(cost), 0), coalesce(sum(amortized_cost), 0),
             count(cost), count(amortized_cost), count(*)
      FROM cost_daily_totals GROUP BY tenant_id, day, provider, service_name, currency;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      GRANT UPDATE ON cost_daily_totals TO azcops_worker;
      DROP TRIGGER cost_daily_totals_removed ON cost_daily_totals;
      DROP TRIGGER cost_daily_totals_added ON cost_daily_totals;
      DROP FUNCTION add_to_tenant_totals;
      DROP TABLE cost_tenant_totals;
    `);
  }
}

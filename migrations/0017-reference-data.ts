import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Azure publishes for everybody: list prices. */
export class ReferenceData1760000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- No tenant and no row-level security: prices are public, and one tenant's read of them serves all. A currency in a
      -- region is replaced as a whole; the list has no key of its own that could be relied on.
      CREATE TABLE retail_prices (
        currency text NOT NULL,
        region text NOT NULL,
        id bigint GENERATED ALWAYS AS IDENTITY,
        service_name text NOT NULL,
        product_name text NOT NULL,
        sku_name text NOT NULL,
        arm_sku_name text,
        meter_id text NOT NULL,
        meter_name text NOT NULL,
        unit_of_measure text NOT NULL,
        type text NOT NULL,
        reservation_term text,
        tier_minimum_units numeric NOT NULL,
        retail_price numeric NOT NULL,
        is_primary_meter_region boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT retail_prices_pk PRIMARY KEY (currency, region, id),
        CONSTRAINT retail_prices_type_ck CHECK (type IN ('Consumption', 'Reservation'))
      );
      GRANT SELECT ON retail_prices TO azcops_api;
      GRANT SELECT, INSERT, DELETE ON retail_prices TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE retail_prices;');
  }
}

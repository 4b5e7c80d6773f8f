import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Azure publishes for everybody: list prices, and what sizes of virtual machines can do. */
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

      -- The same for all tenants, but for is_restricted: that is said to the subscription which was asked.
      CREATE TABLE virtual_machine_sizes (
        region text NOT NULL,
        name text NOT NULL,
        family text NOT NULL,
        v_cpus integer NOT NULL,
        memory_gib double precision NOT NULL,
        max_data_disks integer,
        max_network_interfaces integer,
        premium_io boolean NOT NULL,
        accelerated_networking boolean NOT NULL,
        ephemeral_os_disk boolean NOT NULL,
        architecture text NOT NULL,
        generations text[] NOT NULL,
        uncached_iops integer,
        uncached_bytes_per_second double precision,
        temporary_disk_mib integer,
        is_restricted boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT virtual_machine_sizes_pk PRIMARY KEY (region, name),
        CONSTRAINT virtual_machine_sizes_architecture_ck CHECK (architecture IN ('x64', 'Arm64'))
      );
      GRANT SELECT ON virtual_machine_sizes TO azcops_api;
      GRANT SELECT, INSERT, DELETE ON virtual_machine_sizes TO azcops_worker;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE virtual_machine_sizes; DROP TABLE retail_prices;');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever sees all tenants pages through the inventory in the order of ids, across tenants. */
export class InventoryOrder1760000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX resources_order_ix ON resources (resource_id, tenant_id) WHERE deleted_at IS NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX resources_order_ix');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who reads a subscription that several tenants see, and which refusals last. */
export class OneReader1760000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Another registered tenant reads the subscription. Decided by the planner, which alone sees all tenants.
      ALTER TABLE subscriptions ADD read_elsewhere boolean NOT NULL DEFAULT false;
      -- Azure itself said that it has nothing to serve; false where a role, a setting or an import is in the way.
      ALTER TABLE ingestion_windows ADD lasting boolean NOT NULL DEFAULT false;
      -- Across tenants: a day of a subscription has one owner.
      CREATE INDEX cost_datasets_subscription_ix ON cost_datasets (subscription_id, month);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX cost_datasets_subscription_ix;
      ALTER TABLE ingestion_windows DROP lasting;
      ALTER TABLE subscriptions DROP read_elsewhere;
    `);
  }
}

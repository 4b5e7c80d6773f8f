import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('cost_daily_totals')
@Index('cost_daily_totals_day_ix', ['tenantId', 'day', 'datasetId', 'rows'])
export class CostDailyTotal extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_daily_totals_pk' })
  tenantId: string;

  @PrimaryColumn({ name: 'dataset_id', type: 'bigint', primaryKeyConstraintName: 'cost_daily_totals_pk' })
  datasetId: string;

  @PrimaryColumn({ type: 'date', primaryKeyConstraintName: 'cost_daily_totals_pk' })
  day: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_daily_totals_pk',
  })
  id: string;

  @Column({ type: 'text' })
  provider: string;

  @Column({ name: 'billing_account_id', type: 'text', nullable: true })
  billingAccountId: string | null;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ name: 'service_name', type: 'text', nullable: true })
  serviceName: string | null;

  @Column({ type: 'text' })
  currency: string;

  @Column({ type: 'numeric', nullable: true })
  cost: string | null;

  @Column({ name: 'amortized_cost', type: 'numeric', nullable: true })
  amortizedCost: string | null;

  @Column({ type: 'bigint' })
  rows: string;
}

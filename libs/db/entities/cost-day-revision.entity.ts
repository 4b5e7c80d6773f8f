import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('cost_day_revisions')
@Index('cost_day_revisions_day_ix', ['tenantId', 'day'])
export class CostDayRevision extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_day_revisions_pk' })
  tenantId: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_day_revisions_pk',
  })
  id: string;

  @Column({ type: 'date' })
  day: string;

  @Column({ type: 'text' })
  source: string;

  @Column({ type: 'text' })
  provider: string;

  @Column({ name: 'billing_account_id', type: 'text', nullable: true })
  billingAccountId: string | null;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ type: 'text' })
  currency: string;

  @Column({ name: 'old_cost', type: 'numeric', nullable: true })
  oldCost: string | null;

  @Column({ name: 'new_cost', type: 'numeric', nullable: true })
  newCost: string | null;

  @Column({ name: 'old_amortized_cost', type: 'numeric', nullable: true })
  oldAmortizedCost: string | null;

  @Column({ name: 'new_amortized_cost', type: 'numeric', nullable: true })
  newAmortizedCost: string | null;

  @Column({ name: 'old_rows', type: 'bigint' })
  oldRows: string;

  @Column({ name: 'new_rows', type: 'bigint' })
  newRows: string;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;
}

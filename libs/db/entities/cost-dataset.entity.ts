import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('cost_datasets')
@Unique('cost_datasets_owner_uq', ['tenantId', 'source', 'billingAccountId', 'subscriptionId', 'kind', 'month'])
@Index('cost_datasets_subscription_ix', ['subscriptionId', 'month'])
@Check('cost_datasets_kind_ck', `kind IN ('actual', 'amortized', 'both')`)
export class CostDataset extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_datasets_pk' })
  @ForeignKey(() => Tenant, { name: 'cost_datasets_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_datasets_pk',
  })
  id: string;

  @Column({ type: 'text' })
  source: string;

  @Column({ name: 'billing_account_id', type: 'text', nullable: true })
  billingAccountId: string | null;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ type: 'text' })
  kind: 'actual' | 'amortized' | 'both';

  @Column({ type: 'date' })
  month: string;

  /** Days that were published, as a PostgreSQL multirange. */
  @Column({ type: 'datemultirange', default: () => `'{}'` })
  covered: string;

  @Column({ type: 'text', array: true, nullable: true })
  grain: string[] | null;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;

  @Column({ name: 'published_at', type: 'timestamptz' })
  publishedAt: Date;
}

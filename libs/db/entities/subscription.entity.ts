import { Check, Column, Entity, ForeignKey, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('subscriptions')
@Unique('subscriptions_provider_id_uq', ['tenantId', 'provider', 'subscriptionId'])
@Check('subscriptions_source_ck', `source IN ('manual', 'discovery', 'import')`)
export class Subscription extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'subscriptions_pk' })
  @ForeignKey(() => Tenant, { name: 'subscriptions_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'subscriptions_pk' })
  id: string;

  @Column({ type: 'text', default: 'Microsoft' })
  provider: string;

  /** The provider's id, lower-cased. */
  @Column({ name: 'subscription_id', type: 'text' })
  subscriptionId: string;

  @Column({ name: 'display_name', type: 'text' })
  displayName: string;

  @Column({ type: 'text', default: 'Enabled' })
  state: string;

  @Column({ name: 'quota_id', type: 'text', nullable: true })
  quotaId: string | null;

  @Column({ name: 'billing_scope', type: 'text', nullable: true })
  billingScope: string | null;

  @Column({ name: 'home_tenant_id', type: 'text', nullable: true })
  homeTenantId: string | null;

  @Column({ type: 'text' })
  source: 'manual' | 'discovery' | 'import';

  @Column({ name: 'removed_at', type: 'timestamptz', nullable: true })
  removedAt: Date | null;
}

import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('subscriptions')
@Unique('subscriptions_provider_id_uq', ['tenantId', 'provider', 'subscriptionId'])
@Index('subscriptions_provider_ix', ['provider', 'subscriptionId'])
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

  /** Entra tenants that the subscription is delegated to (Azure Lighthouse). */
  @Column({ name: 'managed_by', type: 'text', array: true, default: () => `'{}'` })
  managedBy: string[];

  /** When the provider last listed it to this tenant's credential. */
  @Column({ name: 'listed_at', type: 'timestamptz', nullable: true })
  listedAt: Date | null;

  /** Another registered tenant reads it: where it lives, or whoever was first. */
  @Column({ name: 'read_elsewhere', type: 'boolean', default: false })
  readElsewhere: boolean;

  @Column({ type: 'text' })
  source: 'manual' | 'discovery' | 'import';

  @Column({ name: 'removed_at', type: 'timestamptz', nullable: true })
  removedAt: Date | null;

  /** When its inventory was last read whole. */
  @Column({ name: 'inventory_at', type: 'timestamptz', nullable: true })
  inventoryAt: Date | null;
}

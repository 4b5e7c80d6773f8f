import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('resources')
@Index('resources_order_ix', ['resourceId', 'tenantId'], { where: 'deleted_at IS NULL' })
@Index('resources_type_ix', ['tenantId', 'type', 'resourceId'])
@Index('resources_subscription_ix', ['tenantId', 'subscriptionId', 'resourceId'])
@Index('resources_tags_ix', { synchronize: false })
export class Resource extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'resources_pk' })
  @ForeignKey(() => Tenant, { name: 'resources_tenant_fk' })
  tenantId: string;

  @PrimaryColumn({ name: 'resource_id', type: 'text', primaryKeyConstraintName: 'resources_pk' })
  resourceId: string;

  @Column({ name: 'original_id', type: 'text' })
  originalId: string;

  @Column({ name: 'subscription_id', type: 'text' })
  subscriptionId: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  type: string;

  @Column({ type: 'text', nullable: true })
  kind: string | null;

  @Column({ type: 'text', nullable: true })
  location: string | null;

  @Column({ name: 'resource_group', type: 'text', nullable: true })
  resourceGroup: string | null;

  /** Id of what it belongs to, lower-cased. */
  @Column({ name: 'managed_by', type: 'text', nullable: true })
  managedBy: string | null;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  tags: Record<string, string>;

  @Column({ type: 'jsonb', nullable: true })
  sku: Record<string, unknown> | null;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  properties: Record<string, unknown>;

  @Column({ name: 'first_seen_at', type: 'timestamptz' })
  firstSeenAt: Date;

  @Column({ name: 'last_seen_at', type: 'timestamptz' })
  lastSeenAt: Date;

  @Column({ name: 'deleted_at', type: 'timestamptz', nullable: true })
  deletedAt: Date | null;
}

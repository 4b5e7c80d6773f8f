import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** What a tenant does not want to hear about; a column that is null matches everything. */
@Entity('recommendation_exemptions')
@Index('recommendation_exemptions_active_ix', ['tenantId'], { where: 'ended_at IS NULL' })
@Check(
  'recommendation_exemptions_scope_ck',
  'num_nonnulls(rule, subscription_id, resource_id) > 0 AND (resource_group IS NULL OR subscription_id IS NOT NULL)',
)
export class RecommendationExemption extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'recommendation_exemptions_pk' })
  @ForeignKey(() => Tenant, { name: 'recommendation_exemptions_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'recommendation_exemptions_pk' })
  id: string;

  @Column({ type: 'text', nullable: true })
  rule: string | null;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ name: 'resource_group', type: 'text', nullable: true })
  resourceGroup: string | null;

  @Column({ name: 'resource_id', type: 'text', nullable: true })
  resourceId: string | null;

  @Column({ type: 'text' })
  reason: string;

  @Column({ name: 'author_id', type: 'text' })
  authorId: string;

  @Column({ name: 'author_name', type: 'text', nullable: true })
  authorName: string | null;

  /** Null: until somebody ends it. */
  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  /** When it stopped to matter, by a person or by itself. */
  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt: Date | null;
}

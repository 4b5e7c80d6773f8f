import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { ChannelFilter } from '#core/delivery.js';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** Where a tenant is told of its recommendations. */
@Entity('delivery_channels')
@Index('delivery_channels_name_ix', ['tenantId', 'name'], { unique: true, where: 'removed_at IS NULL' })
@Check('delivery_channels_kind_ck', `kind IN ('webhook', 'slack', 'teams', 'servicenow', 'jira')`)
@Check('delivery_channels_digest_ck', `digest IN ('each', 'daily')`)
export class DeliveryChannel extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'delivery_channels_pk' })
  @ForeignKey(() => Tenant, { name: 'delivery_channels_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'delivery_channels_pk' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  kind: string;

  /** Null where the secret holds it. */
  @Column({ type: 'text', nullable: true })
  url: string | null;

  /** Names configuration, never a secret. */
  @Column({ name: 'secret_ref', type: 'text' })
  secretRef: string;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  options: Record<string, unknown>;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  filter: ChannelFilter;

  @Column({ type: 'text', default: 'each' })
  digest: string;

  @Column({ type: 'boolean', default: true })
  enabled: boolean;

  @Column({ name: 'removed_at', type: 'timestamptz', nullable: true })
  removedAt: Date | null;
}

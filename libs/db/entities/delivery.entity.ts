import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import type { Day } from '#core/day.js';
import { DeliveryChannel } from './delivery-channel.entity.js';
import { RecommendationEvent } from './recommendation-event.entity.js';
import { Timestamps } from './timestamps.js';

/** Something to be told to a channel, and what became of it. */
@Entity('deliveries')
@Index('deliveries_event_ix', ['tenantId', 'channelId', 'eventId'], { unique: true, where: 'event_id IS NOT NULL' })
@Index('deliveries_day_ix', ['tenantId', 'channelId', 'digestDay'], { unique: true, where: 'digest_day IS NOT NULL' })
@Index('deliveries_pending_ix', ['tenantId', 'channelId', 'eventId'], { where: `status = 'pending'` })
@Index('deliveries_order_ix', ['tenantId', 'channelId', 'recommendationId', 'eventId'], { where: `status = 'pending'` })
@Index('deliveries_collected_ix', ['tenantId', 'channelId', 'createdAt'], {
  where: `status = 'collected' AND digest_id IS NULL`,
})
@Index('deliveries_digest_ix', ['tenantId', 'digestId'], { where: 'digest_id IS NOT NULL' })
@Index('deliveries_recommendation_ix', ['tenantId', 'recommendationId', 'createdAt'])
@Index('deliveries_created_ix', ['tenantId', 'createdAt'])
@ForeignKey(() => DeliveryChannel, ['tenantId', 'channelId'], ['tenantId', 'id'], { name: 'deliveries_channel_fk' })
@ForeignKey(() => RecommendationEvent, ['tenantId', 'eventId'], ['tenantId', 'id'], { name: 'deliveries_event_fk' })
@ForeignKey(() => Delivery, ['tenantId', 'digestId'], ['tenantId', 'id'], { name: 'deliveries_digest_fk' })
@Check('deliveries_kind_ck', `kind IN ('event', 'digest', 'test')`)
@Check('deliveries_status_ck', `status IN ('pending', 'collected', 'delivered', 'failed')`)
export class Delivery extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'deliveries_pk' })
  tenantId: string;

  /** The key by which receivers tell a repetition. */
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'deliveries_pk' })
  id: string;

  @Column({ name: 'channel_id', type: 'uuid' })
  channelId: string;

  @Column({ type: 'text' })
  kind: string;

  @Column({ name: 'event_id', type: 'bigint', nullable: true })
  eventId: string | null;

  @Column({ name: 'recommendation_id', type: 'uuid', nullable: true })
  recommendationId: string | null;

  /** The digest that tells of it. */
  @Column({ name: 'digest_id', type: 'uuid', nullable: true })
  digestId: string | null;

  /** Of a digest. */
  @Column({ name: 'digest_day', type: 'date', nullable: true })
  digestDay: Day | null;

  @Column({ type: 'text', default: 'pending' })
  status: string;

  @Column({ type: 'integer', default: 0 })
  attempts: number;

  /** While a worker sends: when another one may take over. */
  @Column({ name: 'next_attempt_at', type: 'timestamptz', default: () => 'now()' })
  nextAttemptAt: Date;

  /** An attempt that fails later is the last one. */
  @Column({ name: 'expires_at', type: 'timestamptz', default: () => `(now() + '1 day')` })
  expiresAt: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt: Date | null;

  /** Why the last attempt did not deliver. */
  @Column({ type: 'text', nullable: true })
  reason: string | null;

  @Column({ type: 'text', nullable: true })
  action: string | null;

  @Column({ name: 'response_status', type: 'integer', nullable: true })
  responseStatus: number | null;

  /** The ticket's key. */
  @Column({ name: 'external_ref', type: 'text', nullable: true })
  externalRef: string | null;

  @Column({ name: 'external_url', type: 'text', nullable: true })
  externalUrl: string | null;
}

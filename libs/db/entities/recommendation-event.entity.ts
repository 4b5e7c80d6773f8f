import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Recommendation } from './recommendation.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('recommendation_events')
@Index('recommendation_events_recommendation_ix', ['tenantId', 'recommendationId', 'id'])
@ForeignKey(() => Recommendation, ['tenantId', 'recommendationId'], ['tenantId', 'id'], {
  name: 'recommendation_events_recommendation_fk',
})
@Check(
  'recommendation_events_kind_ck',
  `kind IN ('found', 'changed', 'resolved', 'returned', 'approved', 'rejected', 'executed', 'dismissed', 'reopened', 'verified')`,
)
export class RecommendationEvent extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'recommendation_events_pk' })
  tenantId: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    primaryKeyConstraintName: 'recommendation_events_pk',
    generatedIdentity: 'ALWAYS',
  })
  id: string;

  @Column({ name: 'recommendation_id', type: 'uuid' })
  recommendationId: string;

  /** What was observed (found, changed, resolved, returned, verified) or decided. */
  @Column({ type: 'text' })
  kind: string;

  @Column({ name: 'from_status', type: 'text', nullable: true })
  fromStatus: string | null;

  @Column({ name: 'to_status', type: 'text', nullable: true })
  toStatus: string | null;

  @Column({ type: 'text', nullable: true })
  reason: string | null;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  details: Record<string, unknown>;

  /** Null where no person acted. */
  @Column({ name: 'actor_id', type: 'text', nullable: true })
  actorId: string | null;

  @Column({ name: 'actor_name', type: 'text', nullable: true })
  actorName: string | null;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId: string | null;
}

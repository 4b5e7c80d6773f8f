import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { IngestionRun } from './ingestion-run.entity.js';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('ingestion_windows')
@Unique('ingestion_windows_unit_uq', ['tenantId', 'runId', 'connector', 'scope', 'fromDay'])
@Index('ingestion_windows_run_ix', ['runId'])
@Index('ingestion_windows_open_ix', ['status'], { where: `status IN ('pending', 'running')` })
@Index('ingestion_windows_subscription_ix', ['tenantId', 'subscriptionId', 'finishedAt'])
@Index('ingestion_windows_success_ix', ['connector', 'finishedAt'], { where: `status = 'succeeded'` })
@Index('ingestion_windows_unreleased_ix', ['runId', 'tenantId', 'connector', 'ordinal'], {
  where: `status = 'pending' AND queued_at IS NULL`,
})
@Index('ingestion_windows_awake_ix', ['runId', 'tenantId', 'connector'], {
  where: `status IN ('pending', 'running') AND queued_at IS NOT NULL`,
})
@Check(
  'ingestion_windows_status_ck',
  `status IN ('pending', 'running', 'succeeded', 'unavailable', 'failed', 'cancelled')`,
)
export class IngestionWindow extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'ingestion_windows_pk' })
  @ForeignKey(() => Tenant, { name: 'ingestion_windows_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'ingestion_windows_pk' })
  id: string;

  @Column({ name: 'run_id', type: 'uuid' })
  @ForeignKey(() => IngestionRun, { name: 'ingestion_windows_run_fk' })
  runId: string;

  @Column({ type: 'text' })
  stage: string;

  @Column({ type: 'text' })
  connector: string;

  @Column({ type: 'text' })
  scope: string;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ name: 'from_day', type: 'date', nullable: true })
  fromDay: string | null;

  @Column({ name: 'to_day', type: 'date', nullable: true })
  toDay: string | null;

  @Column({ type: 'text', default: 'pending' })
  status: string;

  /** The fencing number: a commit must carry the current one, so a paused worker cannot commit late. */
  @Column({ type: 'integer', default: 0 })
  attempt: number;

  /** Attempts that ended in a failure worth another try; a killed worker's attempt is not one. */
  @Column({ type: 'integer', default: 0 })
  failures: number;

  @Column({ type: 'text', nullable: true })
  worker: string | null;

  @Column({ name: 'heartbeat_at', type: 'timestamptz', nullable: true })
  heartbeatAt: Date | null;

  @Column({ name: 'waiting_until', type: 'timestamptz', nullable: true })
  waitingUntil: Date | null;

  @Column({ type: 'text', nullable: true })
  reason: string | null;

  @Column({ type: 'text', nullable: true })
  action: string | null;

  /** The source has nothing to serve: asking again soon is pointless. */
  @Column({ type: 'boolean', default: false })
  lasting: boolean;

  @Column({ type: 'integer', default: 0 })
  pages: number;

  @Column({ type: 'bigint', default: 0 })
  rows: string;

  @Column({ type: 'jsonb', nullable: true })
  proof: Record<string, unknown> | null;

  @Column({ type: 'jsonb', default: () => `'[]'` })
  totals: unknown[];

  /** The planner's order within its stage. */
  @Column({ type: 'integer', default: 0 })
  ordinal: number;

  /** Null until the window is released to the queue: only so many of a source are awake at once. */
  @Column({ name: 'queued_at', type: 'timestamptz', nullable: true })
  queuedAt: Date | null;

  /** First attempt whose pages still count: the read stopped to wait for quota and goes on where it was. */
  @Column({ name: 'continued_from', type: 'integer', nullable: true })
  continuedFrom: number | null;

  @Column({ name: 'continued_at', type: 'timestamptz', nullable: true })
  continuedAt: Date | null;

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt: Date | null;
}

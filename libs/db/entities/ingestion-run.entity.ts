import { Check, Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('ingestion_runs')
@Unique('ingestion_runs_tick_uq', ['tick'])
@Index('ingestion_runs_active_request_uq', ['requestKey'], { unique: true, where: `status IN ('queued', 'running')` })
@Index('ingestion_runs_created_ix', ['createdAt'])
@Check('ingestion_runs_mode_ck', `mode IN ('full', 'incremental')`)
@Check('ingestion_runs_source_ck', `source IN ('api', 'cli', 'schedule')`)
@Check(
  'ingestion_runs_status_ck',
  `status IN ('queued', 'running', 'succeeded', 'partially_succeeded', 'failed', 'cancelled')`,
)
export class IngestionRun extends Timestamps {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'ingestion_runs_pk' })
  id: string;

  /** Null for a run over all tenants, which is the operator's alone. */
  @Column({ name: 'tenant_id', type: 'uuid', nullable: true })
  @ForeignKey(() => Tenant, { name: 'ingestion_runs_tenant_fk' })
  tenantId: string | null;

  @Column({ type: 'text' })
  mode: string;

  @Column({ type: 'text', default: 'queued' })
  status: string;

  @Column({ type: 'text' })
  source: string;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  request: Record<string, unknown>;

  @Column({ name: 'request_key', type: 'text' })
  requestKey: string;

  /** The scheduled instant this run answers; unique, so that two workers cannot both run it. */
  @Column({ type: 'text', nullable: true })
  tick: string | null;

  @Column({ type: 'text', nullable: true })
  stage: string | null;

  @Column({ name: 'windows_total', type: 'integer', nullable: true })
  windowsTotal: number | null;

  @Column({ name: 'requested_by', type: 'text', nullable: true })
  requestedBy: string | null;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId: string | null;

  @Column({ type: 'text', nullable: true })
  error: string | null;

  /** How much of the estate the quota allowed to plan, per tenant and connector. */
  @Column({ type: 'jsonb', default: () => `'[]'` })
  refresh: unknown[];

  @Column({ name: 'started_at', type: 'timestamptz', nullable: true })
  startedAt: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt: Date | null;
}

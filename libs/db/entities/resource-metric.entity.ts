import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** How a resource was used over the latest look-back window, one row per metric. */
@Entity('resource_metrics')
@Index('resource_metrics_subscription_ix', ['tenantId', 'subscriptionId'])
@Check('resource_metrics_coverage_ck', `coverage >= 0 AND coverage <= 1`)
export class ResourceMetric extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'resource_metrics_pk' })
  @ForeignKey(() => Tenant, { name: 'resource_metrics_tenant_fk' })
  tenantId: string;

  @PrimaryColumn({ name: 'resource_id', type: 'text', primaryKeyConstraintName: 'resource_metrics_pk' })
  resourceId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'resource_metrics_pk' })
  metric: string;

  @Column({ name: 'subscription_id', type: 'text' })
  subscriptionId: string;

  @Column({ name: 'resource_type', type: 'text' })
  resourceType: string;

  @Column({ type: 'text' })
  unit: string;

  @Column({ name: 'from_at', type: 'timestamptz' })
  fromAt: Date;

  @Column({ name: 'to_at', type: 'timestamptz' })
  toAt: Date;

  @Column({ name: 'interval_minutes', type: 'integer' })
  intervalMinutes: number;

  @Column({ type: 'double precision', nullable: true })
  average: number | null;

  @Column({ type: 'double precision', nullable: true })
  minimum: number | null;

  @Column({ type: 'double precision', nullable: true })
  maximum: number | null;

  @Column({ type: 'double precision', nullable: true })
  p05: number | null;

  @Column({ type: 'double precision', nullable: true })
  p95: number | null;

  @Column({ name: 'sample_count', type: 'integer' })
  sampleCount: number;

  /** Share of the asked points that had a value, 0 to 1. */
  @Column({ type: 'double precision' })
  coverage: number;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;
}

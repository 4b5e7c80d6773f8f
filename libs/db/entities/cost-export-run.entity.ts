import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** The run of an export that a billing month was published from. */
@Entity('cost_export_runs')
@Check('cost_export_runs_kind_ck', `kind IN ('actual', 'amortized', 'both')`)
export class CostExportRun extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_export_runs_pk' })
  @ForeignKey(() => Tenant, { name: 'cost_export_runs_tenant_fk' })
  tenantId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'cost_export_runs_pk' })
  source: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'cost_export_runs_pk' })
  kind: 'actual' | 'amortized' | 'both';

  @PrimaryColumn({ type: 'date', primaryKeyConstraintName: 'cost_export_runs_pk' })
  month: string;

  @Column({ name: 'run_id', type: 'text' })
  runId: string;

  @Column({ name: 'submitted_at', type: 'timestamptz' })
  submittedAt: Date;
}

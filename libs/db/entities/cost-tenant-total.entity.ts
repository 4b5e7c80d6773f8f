import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('cost_tenant_totals')
@Index('cost_tenant_totals_day_ix', ['tenantId', 'day'])
export class CostTenantTotal extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_tenant_totals_pk' })
  tenantId: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_tenant_totals_pk',
  })
  id: string;

  @Column({ type: 'date' })
  day: string;

  @Column({ type: 'text' })
  provider: string;

  @Column({ name: 'service_name', type: 'text', nullable: true })
  serviceName: string | null;

  @Column({ type: 'text' })
  currency: string;

  @Column({ type: 'numeric' })
  cost: string;

  @Column({ name: 'amortized_cost', type: 'numeric' })
  amortizedCost: string;

  /** Rows of the rollup that carry a billed cost; those of a removal count negative, like its amounts. */
  @Column({ type: 'bigint' })
  costs: string;

  @Column({ name: 'amortized_costs', type: 'bigint' })
  amortizedCosts: string;

  /** Rows of the rollup. */
  @Column({ type: 'bigint' })
  totals: string;
}

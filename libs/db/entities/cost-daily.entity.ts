import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

const PRIMARY_KEY = 'costs_daily_pk';

@Entity('costs_daily')
export class CostDaily extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: PRIMARY_KEY })
  tenantId: string;

  @PrimaryColumn({ name: 'dataset_id', type: 'bigint', primaryKeyConstraintName: PRIMARY_KEY })
  datasetId: string;

  @PrimaryColumn({ type: 'date', primaryKeyConstraintName: PRIMARY_KEY })
  day: string;

  @PrimaryColumn({ name: 'dimension_id', type: 'bigint', primaryKeyConstraintName: PRIMARY_KEY })
  dimensionId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: PRIMARY_KEY })
  currency: string;

  @Column({ type: 'numeric', nullable: true })
  cost: string | null;

  @Column({ name: 'amortized_cost', type: 'numeric', nullable: true })
  amortizedCost: string | null;
}

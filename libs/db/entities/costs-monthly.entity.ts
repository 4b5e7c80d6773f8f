import { Check, Column, Entity, PrimaryColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

const PRIMARY_KEY = 'costs_monthly_pk';

/** The charges of one dataset, dimension and currency in one month: 31 places, one for each day. */
@Check('costs_monthly_days_ck', `cardinality(costs) = 31 AND cardinality(amortized_costs) = 31`)
@Entity('costs_monthly')
export class CostsMonthly extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: PRIMARY_KEY })
  tenantId: string;

  @PrimaryColumn({ name: 'dataset_id', type: 'bigint', primaryKeyConstraintName: PRIMARY_KEY })
  datasetId: string;

  @PrimaryColumn({ type: 'date', primaryKeyConstraintName: PRIMARY_KEY })
  month: string;

  @PrimaryColumn({ name: 'dimension_id', type: 'bigint', primaryKeyConstraintName: PRIMARY_KEY })
  dimensionId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: PRIMARY_KEY })
  currency: string;

  @Column({ type: 'numeric', array: true, nullable: true })
  costs: (string | null)[] | null;

  @Column({ name: 'amortized_costs', type: 'numeric', array: true, nullable: true })
  amortizedCosts: (string | null)[] | null;
}

import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('cost_dimensions')
@Unique('cost_dimensions_key_uq', ['tenantId', 'key'])
@Index('cost_dimensions_resource_ix', ['tenantId', 'resourceId'])
export class CostDimension extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'cost_dimensions_pk' })
  tenantId: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'cost_dimensions_pk',
  })
  id: string;

  @Column({ type: 'bytea' })
  key: Buffer;

  @Column({ type: 'text' })
  provider: string;

  @Column({ name: 'billing_account_id', type: 'text', nullable: true })
  billingAccountId: string | null;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ name: 'resource_group', type: 'text', nullable: true })
  resourceGroup: string | null;

  @Column({ name: 'service_name', type: 'text', nullable: true })
  serviceName: string | null;

  @Column({ name: 'meter_category', type: 'text', nullable: true })
  meterCategory: string | null;

  @Column({ name: 'charge_type', type: 'text', nullable: true })
  chargeType: string | null;

  @Column({ name: 'pricing_model', type: 'text', nullable: true })
  pricingModel: string | null;

  @Column({ type: 'text', nullable: true })
  publisher: string | null;

  @Column({ type: 'text', nullable: true })
  location: string | null;

  @Column({ name: 'resource_id', type: 'text', nullable: true })
  resourceId: string | null;
}

import { Check, Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

/** A list price, the same for all tenants. */
@Entity('retail_prices')
@Check('retail_prices_type_ck', `type IN ('Consumption', 'Reservation')`)
export class RetailPrice extends Timestamps {
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'retail_prices_pk' })
  currency: string;

  /** `global` for what costs the same everywhere. */
  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'retail_prices_pk' })
  region: string;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'retail_prices_pk',
  })
  id: string;

  @Column({ name: 'service_name', type: 'text' })
  serviceName: string;

  @Column({ name: 'product_name', type: 'text' })
  productName: string;

  @Column({ name: 'sku_name', type: 'text' })
  skuName: string;

  @Column({ name: 'arm_sku_name', type: 'text', nullable: true })
  armSkuName: string | null;

  @Column({ name: 'meter_id', type: 'text' })
  meterId: string;

  @Column({ name: 'meter_name', type: 'text' })
  meterName: string;

  @Column({ name: 'unit_of_measure', type: 'text' })
  unitOfMeasure: string;

  @Column({ type: 'text' })
  type: string;

  @Column({ name: 'reservation_term', type: 'text', nullable: true })
  reservationTerm: string | null;

  @Column({ name: 'tier_minimum_units', type: 'numeric' })
  tierMinimumUnits: string;

  @Column({ name: 'retail_price', type: 'numeric' })
  retailPrice: string;

  @Column({ name: 'is_primary_meter_region', type: 'boolean' })
  isPrimaryMeterRegion: boolean;
}

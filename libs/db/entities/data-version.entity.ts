import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('data_versions')
export class DataVersion extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'data_versions_pk' })
  tenantId: string;

  /** Writers at the same time mostly count in different ones; the version is their sum. */
  @PrimaryColumn({ type: 'smallint', primaryKeyConstraintName: 'data_versions_pk' })
  stripe: number;

  @Column({ type: 'bigint', default: 1 })
  version: string;
}

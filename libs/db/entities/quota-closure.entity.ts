import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A quota under which the source refuses calls until an instant that it has stated. */
@Entity('quota_closures')
export class QuotaClosure {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'quota_closures_pk' })
  tenantId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'quota_closures_pk' })
  key: string;

  @Column({ type: 'timestamptz' })
  until: Date;
}

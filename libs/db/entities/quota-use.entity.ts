import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** Booked calls of the last period of each quota; written by `book_quota`, gone once they no longer count. */
@Entity('quota_uses')
@Index('quota_uses_expiry_ix', ['tenantId', 'expiresAt'])
export class QuotaUse {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'quota_uses_pk' })
  tenantId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'quota_uses_pk' })
  key: string;

  @PrimaryColumn({ type: 'timestamptz', primaryKeyConstraintName: 'quota_uses_pk' })
  at: Date;

  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'quota_uses_pk',
  })
  id: string;

  @Column({ type: 'integer' })
  units: number;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt: Date;
}

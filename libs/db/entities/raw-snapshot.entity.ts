import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('raw_snapshots')
@Unique('raw_snapshots_path_uq', ['tenantId', 'path'])
@Index('raw_snapshots_window_ix', ['windowId'])
export class RawSnapshot extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'raw_snapshots_pk' })
  @ForeignKey(() => Tenant, { name: 'raw_snapshots_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'raw_snapshots_pk' })
  id: string;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;

  @Column({ name: 'window_id', type: 'uuid', nullable: true })
  windowId: string | null;

  @Column({ type: 'integer', nullable: true })
  attempt: number | null;

  @Column({ type: 'text' })
  source: string;

  @Column({ type: 'text' })
  path: string;

  @Column({ type: 'text' })
  sha256: string;

  @Column({ type: 'bigint' })
  bytes: string;

  @Column({ name: 'stored_bytes', type: 'bigint' })
  storedBytes: string;

  /** SHA-256 of the request that it answers; null for pages of files. */
  @Column({ name: 'request_hash', type: 'text', nullable: true })
  requestHash: string | null;

  @Column({ type: 'integer', nullable: true })
  status: number | null;

  @Column({ type: 'jsonb', nullable: true })
  headers: Record<string, string> | null;
}

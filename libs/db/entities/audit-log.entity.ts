import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('audit_logs')
@Index('audit_logs_tenant_created_ix', ['tenantId', 'createdAt'])
export class AuditLog extends Timestamps {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'audit_logs_pk' })
  id: string;

  @Column({ name: 'tenant_id', type: 'uuid', nullable: true })
  tenantId: string | null;

  @Column({ name: 'actor_tenant_id', type: 'text', nullable: true })
  actorTenantId: string | null;

  @Column({ name: 'actor_id', type: 'text' })
  actorId: string;

  @Column({ name: 'actor_name', type: 'text', nullable: true })
  actorName: string | null;

  @Column({ type: 'text' })
  action: string;

  @Column({ name: 'object_type', type: 'text' })
  objectType: string;

  @Column({ name: 'object_id', type: 'text' })
  objectId: string;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  changes: Record<string, unknown>;

  @Column({ name: 'correlation_id', type: 'text', nullable: true })
  correlationId: string | null;
}

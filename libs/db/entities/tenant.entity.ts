import { Check, Column, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Timestamps } from './timestamps.js';

@Entity('tenants')
@Unique('tenants_azure_tenant_id_uq', ['azureTenantId'])
@Check('tenants_type_ck', `type IN ('internal', 'external')`)
export class Tenant extends Timestamps {
  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'tenants_pk' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  type: 'internal' | 'external';

  @Column({ name: 'azure_tenant_id', type: 'text' })
  azureTenantId: string;

  /** Names configured credentials; never a secret. */
  @Column({ name: 'credential_ref', type: 'text', nullable: true })
  credentialRef: string | null;

  @Column({ name: 'removed_at', type: 'timestamptz', nullable: true })
  removedAt: Date | null;
}

import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** Where a tenant departs from a rule's defaults. */
@Entity('rule_settings')
export class RuleSetting extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'rule_settings_pk' })
  @ForeignKey(() => Tenant, { name: 'rule_settings_tenant_fk' })
  tenantId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'rule_settings_pk' })
  rule: string;

  @Column({ type: 'boolean', default: true })
  enabled: boolean;

  /** By name; what is absent keeps its default. */
  @Column({ type: 'jsonb', default: () => `'{}'` })
  thresholds: Record<string, number>;
}

import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

/** The latest evaluation of a rule over a subscription. */
@Entity('rule_evaluations')
export class RuleEvaluation extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'rule_evaluations_pk' })
  @ForeignKey(() => Tenant, { name: 'rule_evaluations_tenant_fk' })
  tenantId: string;

  @PrimaryColumn({ name: 'subscription_id', type: 'text', primaryKeyConstraintName: 'rule_evaluations_pk' })
  subscriptionId: string;

  @PrimaryColumn({ type: 'text', primaryKeyConstraintName: 'rule_evaluations_pk' })
  rule: string;

  /** Resources that the rule is about, whatever it said of them. */
  @Column({ type: 'integer' })
  examined: number;

  @Column({ type: 'integer' })
  found: number;

  /** How many could not be judged, by reason. */
  @Column({ name: 'not_evaluated', type: 'jsonb', default: () => `'{}'` })
  notEvaluated: Record<string, number>;

  @Column({ name: 'evaluated_at', type: 'timestamptz' })
  evaluatedAt: Date;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId: string | null;
}

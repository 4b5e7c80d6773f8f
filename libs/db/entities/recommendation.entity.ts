import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { Tenant } from './tenant.entity.js';
import { Timestamps } from './timestamps.js';

@Entity('recommendations')
@Unique('recommendations_finding_uq', ['tenantId', 'rule', 'subscriptionId', 'resourceId', 'sourceId'])
@Index('recommendations_source_ix', ['tenantId', 'source', 'subscriptionId'])
@Index('recommendations_id_uq', ['id'], { unique: true })
// Over an expression, which cannot be said here.
@Index('recommendations_score_ix', { synchronize: false })
@Index('recommendations_resource_ix', ['tenantId', 'resourceId'])
@Index('recommendations_executed_ix', ['tenantId', 'subscriptionId'], { where: `status = 'executed'` })
@Index('recommendations_snoozed_ix', ['dismissedUntil'], { where: 'dismissed_until IS NOT NULL' })
@Check(
  'recommendations_action_ck',
  `action IN ('remove', 'stop', 'resize', 'retier', 'relicense', 'commit', 'upgrade', 'label')`,
)
@Check('recommendations_risk_ck', `risk IN ('low', 'medium', 'high')`)
@Check('recommendations_effort_ck', `effort IN ('low', 'medium', 'high')`)
@Check('recommendations_method_ck', `savings_method IN ('measured', 'priced', 'stated', 'guessed')`)
@Check('recommendations_status_ck', `status IN ('open', 'approved', 'executed', 'rejected', 'dismissed')`)
@Check('recommendations_observed_ck', `observed IN ('present', 'resolved')`)
export class Recommendation extends Timestamps {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid', primaryKeyConstraintName: 'recommendations_pk' })
  @ForeignKey(() => Tenant, { name: 'recommendations_tenant_fk' })
  tenantId: string;

  @PrimaryGeneratedColumn('uuid', { primaryKeyConstraintName: 'recommendations_pk' })
  id: string;

  @Column({ name: 'subscription_id', type: 'text', nullable: true })
  subscriptionId: string | null;

  @Column({ name: 'resource_id', type: 'text', nullable: true })
  resourceId: string | null;

  /** Who found it: our rules, or a connector by its id. */
  @Column({ type: 'text', default: 'rules' })
  source: string;

  /** The source's own id of the finding, where one rule has several on a resource. */
  @Column({ name: 'source_id', type: 'text', nullable: true })
  sourceId: string | null;

  /** Findings that share this exclude each other: at most one of them can be carried out. */
  @Column({ name: 'alternative_of', type: 'text', nullable: true })
  alternativeOf: string | null;

  @Column({ name: 'resource_group', type: 'text', nullable: true })
  resourceGroup: string | null;

  @Column({ type: 'text', nullable: true })
  impact: string | null;

  /** Somebody has silenced it at its source. */
  @Column({ type: 'boolean', default: false })
  suppressed: boolean;

  @Column({ type: 'text' })
  rule: string;

  @Column({ type: 'text' })
  category: string;

  @Column({ type: 'text' })
  title: string;

  /** A person's decision. */
  @Column({ type: 'text', default: 'open' })
  status: string;

  /** What the last complete evaluation saw. */
  @Column({ type: 'text', default: 'present' })
  observed: string;

  @Column({ name: 'estimated_monthly_savings', type: 'numeric', nullable: true })
  estimatedMonthlySavings: string | null;

  @Column({ type: 'text', nullable: true })
  currency: string | null;

  @Column({ name: 'savings_method', type: 'text', nullable: true })
  savingsMethod: string | null;

  @Column({ type: 'numeric', nullable: true })
  confidence: string | null;

  @Column({ name: 'confidence_parts', type: 'jsonb', default: () => `'{}'` })
  confidenceParts: Record<string, unknown>;

  @Column({ type: 'text', nullable: true })
  reason: string | null;

  /** What is to be done, in the order in which one thing makes the next pointless. */
  @Column({ type: 'text', nullable: true })
  action: string | null;

  @Column({ type: 'text', nullable: true })
  risk: string | null;

  @Column({ type: 'text', nullable: true })
  effort: string | null;

  @Column({ name: 'savings_low', type: 'numeric', nullable: true })
  savingsLow: string | null;

  @Column({ name: 'savings_high', type: 'numeric', nullable: true })
  savingsHigh: string | null;

  /** What the subject costs a month today, of which the savings are a part. */
  @Column({ name: 'monthly_cost', type: 'numeric', nullable: true })
  monthlyCost: string | null;

  @Column({ type: 'numeric', nullable: true })
  score: string | null;

  @Column({ name: 'score_parts', type: 'jsonb', default: () => `'{}'` })
  scoreParts: Record<string, unknown>;

  @Column({ type: 'jsonb', default: () => `'{}'` })
  evidence: Record<string, unknown>;

  @Column({ name: 'first_seen_at', type: 'timestamptz' })
  firstSeenAt: Date;

  @Column({ name: 'last_seen_at', type: 'timestamptz' })
  lastSeenAt: Date;

  @Column({ name: 'resolved_at', type: 'timestamptz', nullable: true })
  resolvedAt: Date | null;

  @Column({ name: 'executed_at', type: 'timestamptz', nullable: true })
  executedAt: Date | null;

  /** When a dismissal ends by itself. */
  @Column({ name: 'dismissed_until', type: 'timestamptz', nullable: true })
  dismissedUntil: Date | null;

  @Column({ name: 'verified_monthly_savings', type: 'numeric', nullable: true })
  verifiedMonthlySavings: string | null;

  /** What the ledger said after it was carried out. */
  @Column({ type: 'jsonb', nullable: true })
  verification: Record<string, unknown> | null;
}

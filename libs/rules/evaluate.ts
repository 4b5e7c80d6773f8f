import type { InventoryResource, RuleSetting } from '#core/facts.js';
import type { AssessmentRecord, RecommendationRecord } from '#core/records.js';
import { SUBSCRIPTION_TYPE, type Estate } from './estate.js';
import { fine, undecided, type Rule, type RuleContext, type Verdict } from './rule.js';
import { methodConfidence } from './savings.js';
import { isMarkedToKeep } from './tags.js';

/** What is told of a rule that threw: a defect of ours, which must not silence the others. */
export type OnRuleFailure = (rule: string, resourceId: string, error: unknown) => void;

/** What each rule says about the estate, rule by rule. A rule that a tenant switched off examines nothing. */
export function* evaluateRules(
  rules: Iterable<Rule>,
  estate: Estate,
  settings: ReadonlyMap<string, RuleSetting>,
  onFailure: OnRuleFailure,
): Generator<AssessmentRecord> {
  for (const rule of rules) yield evaluateRule(rule, estate, settings, onFailure);
}

function evaluateRule(
  rule: Rule,
  estate: Estate,
  settings: ReadonlyMap<string, RuleSetting>,
  onFailure: OnRuleFailure,
): AssessmentRecord {
  const context = contextOf(rule, estate, settings);
  const resources = isOff(rule, settings) ? [] : rule.resourceTypes.flatMap((type) => estate.ofType(type));
  const found: RecommendationRecord[] = [];
  const left: { resourceId: string | null; reason: string }[] = [];
  for (const resource of resources) {
    const verdict = judge(rule, resource, context, onFailure);
    if (verdict.kind === 'found') found.push(recommendationOf(rule, resource, verdict));
    if (verdict.kind === 'undecided') left.push({ resourceId: subjectOf(resource), reason: verdict.reason });
  }
  const { subscriptionId } = estate.facts;
  return { rule: rule.id, subscriptionId, examined: resources.length, found, undecided: left };
}

/** What a rule is evaluated with. */
export function contextOf(rule: Rule, estate: Estate, settings: ReadonlyMap<string, RuleSetting>): RuleContext {
  return {
    estate,
    thresholds: thresholdsOf(rule, settings.get(rule.id)),
    now: estate.now,
    finds: (other, resource) =>
      !isOff(other, settings) && other.evaluate(resource, contextOf(other, estate, settings)).kind === 'found',
  };
}

function isOff(rule: Rule, settings: ReadonlyMap<string, RuleSetting>): boolean {
  return settings.get(rule.id)?.enabled === false;
}

function judge(rule: Rule, resource: InventoryResource, context: RuleContext, onFailure: OnRuleFailure): Verdict {
  try {
    const verdict = rule.evaluate(resource, context);
    // An owner's word stands above every rule that would take something away or change it.
    const isChange = rule.action !== 'label' && rule.action !== 'commit';
    return verdict.kind === 'found' && isChange && isMarkedToKeep(resource) ? fine('marked_to_keep') : verdict;
  } catch (error) {
    onFailure(rule.id, resource.resourceId, error);
    return undecided('rule_failed');
  }
}

/** The defaults with the tenant's own values, which stay within the bounds even where those have narrowed since. */
export function thresholdsOf(rule: Rule, setting: Pick<RuleSetting, 'thresholds'> | undefined): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rule.thresholds).map(([name, threshold]) => {
      const own = setting?.thresholds[name];
      return [
        name,
        own === undefined ? threshold.default : Math.min(threshold.maximum, Math.max(threshold.minimum, own)),
      ];
    }),
  );
}

function recommendationOf(
  rule: Rule,
  resource: InventoryResource,
  { reason, evidence, saving, certainty, alternativeOf }: Extract<Verdict, { kind: 'found' }>,
): RecommendationRecord {
  const parts = {
    condition: Number(certainty.toFixed(4)),
    method: methodConfidence(saving),
    data: Number((saving?.data ?? 1).toFixed(4)),
  };
  const confidence = Object.values(parts).reduce((product, part) => product * part, 1);
  return {
    sourceId: `${rule.id}:${resource.resourceId}`,
    rule: rule.id,
    category: rule.category,
    title: rule.title,
    reason,
    subscriptionId: resource.subscriptionId,
    resourceId: subjectOf(resource),
    impact: rule.impact,
    action: rule.action,
    risk: rule.risk,
    effort: rule.effort,
    estimatedMonthlySavings: saving?.monthly ?? null,
    savingsLow: saving?.low ?? null,
    savingsHigh: saving?.high ?? null,
    monthlyCost: saving?.monthlyCost ?? null,
    currency: saving?.currency ?? null,
    savingsMethod: saving?.method ?? null,
    confidence: confidence.toFixed(2),
    confidenceParts: parts,
    alternativeOf: alternativeOf ?? null,
    suppressed: false,
    evidence: { ...evidence, ...saving?.evidence },
  };
}

/** A finding about the subscription names no resource. */
function subjectOf({ type, resourceId }: InventoryResource): string | null {
  return type === SUBSCRIPTION_TYPE ? null : resourceId;
}

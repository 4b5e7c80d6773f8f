import type { RecommendationRow, RecommendationSubject } from '#db/repositories/recommendation.repository.js';
import { RULES } from '#rules/registry.js';
import { runbookSteps, type RunbookStep } from '#rules/rule-page.js';

/** How a person follows the recommendation; null for what was not found by our own rules. */
export function runbookOf(item: RecommendationRow, resource: RecommendationSubject | null): RunbookStep[] | null {
  const rule = RULES.get(item.rule);
  if (!rule) return null;
  const subscription = item.subscription_id ?? '';
  return runbookSteps(rule, {
    id: resource?.id ?? `/subscriptions/${subscription}`,
    name: resource?.name ?? subscription,
    resource_group: item.resource_group ?? '',
    subscription,
    location: resource?.location ?? '',
    evidence: item.evidence,
  });
}

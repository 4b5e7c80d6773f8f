import type { EventSummary, Message, ToldEvent, ToldRecommendation } from '#core/delivery.js';

type LinkTo = (recommendation: ToldRecommendation) => string;

/** What receivers get; docs/delivery.md describes it. Members are added, never renamed. */
export function webhookBody(message: Message, now: Date, linkTo: LinkTo) {
  switch (message.kind) {
    case 'event':
      return {
        type: `recommendation.${message.event.kind}`,
        timestamp: message.event.at,
        data: eventView(message.event, linkTo),
      };
    case 'summary':
      return {
        type: 'recommendations.digest',
        timestamp: now,
        data: { day: message.day, ...summaryView(message.summary, linkTo) },
      };
    case 'test':
      return { type: 'delivery.test', timestamp: now, data: { channel: message.channelName } };
  }
}

function eventView(event: ToldEvent, linkTo: LinkTo) {
  return {
    event: {
      id: event.id,
      kind: event.kind,
      at: event.at,
      from_status: event.fromStatus,
      to_status: event.toStatus,
      reason: event.reason,
      actor_name: event.actorName,
      details: event.details,
    },
    recommendation: recommendationView(event.recommendation, linkTo),
  };
}

function recommendationView(told: ToldRecommendation, linkTo: LinkTo) {
  return {
    id: told.id,
    azure_tenant_id: told.azureTenantId,
    tenant_name: told.tenantName,
    subscription_id: told.subscriptionId,
    subscription_name: told.subscriptionName,
    resource_group: told.resourceGroup,
    resource_id: told.resourceId,
    rule: told.rule,
    category: told.category,
    title: told.title,
    reason: told.reason,
    status: told.status,
    observed: told.observed,
    risk: told.risk,
    effort: told.effort,
    estimated_monthly_savings: told.estimatedMonthlySavings,
    verified_monthly_savings: told.verifiedMonthlySavings,
    currency: told.currency,
    savings_method: told.savingsMethod,
    url: linkTo(told),
  };
}

function summaryView({ total, groups, biggest }: EventSummary, linkTo: LinkTo) {
  return {
    total,
    groups: groups.map((group) => ({
      kind: group.kind,
      category: group.category,
      currency: group.currency,
      recommendations: group.recommendations,
      estimated_monthly_savings: group.estimatedMonthlySavings,
      guessed_monthly_savings: group.guessedMonthlySavings,
    })),
    biggest: biggest.map((event) => eventView(event, linkTo)),
  };
}

import type { EventSummary, Message, ToldEvent, ToldRecommendation } from '#core/delivery.js';

export const RECOMMENDATION_ID = '4f1c2d3e-0000-4000-8000-000000000001';

/** A recommendation as messages tell of it. */
export function toldRecommendation(changes: Partial<ToldRecommendation> = {}): ToldRecommendation {
  return {
    id: RECOMMENDATION_ID,
    tenantName: 'Contoso',
    azureTenantId: '20000000-0000-4000-8000-000000000001',
    subscriptionId: '30000000-0000-4000-8000-000000000001',
    subscriptionName: 'Production',
    resourceId:
      '/subscriptions/30000000-0000-4000-8000-000000000001/resourcegroups/rg/providers/microsoft.compute/disks/old',
    resourceGroup: 'rg',
    rule: 'unattached_disk',
    category: 'storage',
    title: 'Delete the unattached disk old',
    reason: 'Nothing has used it for 60 days.',
    status: 'open',
    observed: 'present',
    risk: 'low',
    effort: 'low',
    estimatedMonthlySavings: '123.456',
    verifiedMonthlySavings: null,
    currency: 'EUR',
    savingsMethod: 'measured',
    ...changes,
  };
}

export function toldEvent(changes: Partial<ToldEvent> = {}): ToldEvent {
  return {
    id: '7',
    kind: 'found',
    at: new Date('2026-11-26T06:00:00Z'),
    fromStatus: null,
    toStatus: 'open',
    reason: null,
    actorName: null,
    details: {},
    recommendation: toldRecommendation(),
    ...changes,
  };
}

export function eventMessage(
  changes: Partial<ToldEvent> = {},
  ticketKey: string | null = null,
): Message & { kind: 'event' } {
  return { kind: 'event', id: '99999999-0000-4000-8000-000000000009', event: toldEvent(changes), ticketKey };
}

export function summaryMessage(summary: Partial<EventSummary> = {}, day: string | null = '2026-11-26'): Message {
  const group = { kind: 'found', category: 'storage', currency: 'EUR', guessedMonthlySavings: '0' } as const;
  return {
    kind: 'summary',
    id: '99999999-0000-4000-8000-000000000009',
    day,
    summary: {
      total: 3,
      groups: [
        { ...group, recommendations: 2, estimatedMonthlySavings: '150.5' },
        { ...group, kind: 'resolved', recommendations: 1, estimatedMonthlySavings: '20', guessedMonthlySavings: '7' },
      ],
      biggest: [toldEvent()],
      ...summary,
    },
  };
}

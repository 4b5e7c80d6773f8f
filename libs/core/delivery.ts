import type { Day } from './day.js';

/** Where recommendations can be told of. */
export const CHANNEL_KINDS = ['webhook', 'slack', 'teams', 'servicenow', 'jira'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** What can happen to a recommendation: observed by the machine, or decided by people. */
export const EVENT_KINDS = [
  'found',
  'changed',
  'resolved',
  'returned',
  'approved',
  'rejected',
  'executed',
  'dismissed',
  'reopened',
  'verified',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** What a channel wants to hear of; a member that is absent lets everything through. */
export interface ChannelFilter {
  event_kinds?: EventKind[];
  categories?: string[];
  rules?: string[];
  subscription_ids?: string[];
  /** Decimal strings by currency; a currency that is not named has no minimum, an unknown amount does not reach any. */
  minimum_monthly_savings?: Record<string, string>;
}

/** What configuration holds under a channel's `secret_ref`; which members are needed is the kind's. */
export interface DeliverySecret {
  /** Address that is a secret itself, as of Slack and Teams webhooks. */
  url?: string;
  /** `whsec_…`, as Standard Webhooks writes them. */
  signingSecret?: string;
  /** The one before, which receivers may still expect. */
  previousSigningSecret?: string;
  username?: string;
  password?: string;
  /** Bearer token. */
  token?: string;
  /** Entra tenant whose own administrators may name this secret; the operator may name all. */
  tenantId?: string;
}

/** A recommendation as messages tell of it. */
export interface ToldRecommendation {
  id: string;
  tenantName: string;
  azureTenantId: string;
  subscriptionId: string | null;
  subscriptionName: string | null;
  resourceId: string | null;
  resourceGroup: string | null;
  rule: string;
  category: string;
  title: string;
  reason: string | null;
  status: string;
  observed: string;
  risk: string | null;
  effort: string | null;
  /** Decimal string, like every amount here. */
  estimatedMonthlySavings: string | null;
  verifiedMonthlySavings: string | null;
  currency: string | null;
  savingsMethod: string | null;
}

/** Something that happened to a recommendation. */
export interface ToldEvent {
  id: string;
  kind: EventKind;
  at: Date;
  fromStatus: string | null;
  toStatus: string | null;
  /** What whoever decided said. */
  reason: string | null;
  /** Null where no person acted. */
  actorName: string | null;
  details: Record<string, unknown>;
  recommendation: ToldRecommendation;
}

/** How often something happened, and what it is about a month. Amounts are of one currency; null currency: unknown. */
export interface EventGroup {
  kind: EventKind;
  category: string;
  currency: string | null;
  recommendations: number;
  /** Of alternatives the best one counts. */
  estimatedMonthlySavings: string;
  /** What is only guessed, and never added to what is known. */
  guessedMonthlySavings: string;
}

/** Many events at once. */
export interface EventSummary {
  /** Recommendations, however much happened to each. */
  total: number;
  groups: EventGroup[];
  /** Those with the largest savings, largest first. */
  biggest: ToldEvent[];
}

/** What is to be told. `id` is the same at every attempt, so that a receiver can tell a repetition. */
export type Message =
  /** `ticketKey`: what an earlier message about the recommendation became. */
  | { kind: 'event'; id: string; event: ToldEvent; ticketKey: string | null }
  /** Without a day: events that came at once. */
  | { kind: 'summary'; id: string; day: Day | null; summary: EventSummary }
  | { kind: 'test'; id: string; channelName: string };

/** A URL as people may see it: path and query of a webhook are often its secret. */
export function maskedUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? origin : `${origin}/…`;
}

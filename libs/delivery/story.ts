import { divideDecimal } from '#core/money.js';
import type { EventGroup, EventKind, EventSummary, Message, ToldEvent, ToldRecommendation } from '#core/delivery.js';

/** A message in words, before it takes the form of a receiver. Nothing in it is escaped. */
export interface Story {
  title: string;
  text: string | null;
  facts: { label: string; value: string }[];
  /** A line each, with where it leads to. */
  items: { text: string; url: string }[];
  /** How many there are beside the items. */
  more: string | null;
  /** Where the whole can be seen. */
  url: string | null;
}

type LinkTo = (recommendation: ToldRecommendation) => string;

/** What happened, as a heading, in the order in which summaries tell of it. */
const HAPPENED: Readonly<Record<EventKind, string>> = {
  found: 'New',
  returned: 'Back again',
  changed: 'Changed',
  reopened: 'Reopened',
  approved: 'Approved',
  rejected: 'Rejected',
  dismissed: 'Dismissed',
  executed: 'Executed',
  resolved: 'Resolved',
  verified: 'Savings verified',
};

/** Puts a message into words. */
export function storyOf(message: Message, linkTo: LinkTo): Story {
  switch (message.kind) {
    case 'event':
      return eventStory(message.event, linkTo);
    case 'summary':
      return summaryStory(message.day ? `Recommendations on ${message.day}` : null, message.summary, linkTo);
    case 'test':
      return {
        title: 'AzCops can reach you',
        text: `This is a test of the channel “${message.channelName}”.`,
        facts: [],
        items: [],
        more: null,
        url: null,
      };
  }
}

function eventStory(event: ToldEvent, linkTo: LinkTo): Story {
  const { recommendation } = event;
  const { estimatedMonthlySavings, verifiedMonthlySavings, currency, savingsMethod, resourceId } = recommendation;
  const before = event.details['previous_monthly_savings'];
  const facts: [label: string, value: string | null][] = [
    ['Savings', savings(estimatedMonthlySavings, currency, savingsMethod === 'guessed')],
    ['Before', event.kind === 'changed' && typeof before === 'string' ? savings(before, currency, false) : null],
    ['Verified savings', savings(verifiedMonthlySavings, currency, false)],
    ['Resource', resourceId && resourceId.split('/').at(-1)!],
    ['Resource group', recommendation.resourceGroup],
    ['Subscription', recommendation.subscriptionName ?? recommendation.subscriptionId],
    ['Tenant', recommendation.tenantName],
    ['Category', recommendation.category],
    ['Risk and effort', [recommendation.risk, recommendation.effort].filter(Boolean).join(', ') || null],
    [`${HAPPENED[event.kind]} by`, event.actorName],
    ['Because', event.reason],
  ];
  return {
    title: `${HAPPENED[event.kind]}: ${recommendation.title}`,
    text: recommendation.reason,
    facts: facts.flatMap(([label, value]) => (value ? [{ label, value }] : [])),
    items: [],
    more: null,
    url: linkTo(recommendation),
  };
}

function summaryStory(title: string | null, { total, groups, biggest }: EventSummary, linkTo: LinkTo): Story {
  const kinds = Object.keys(HAPPENED) as EventKind[];
  const left = total - biggest.length;
  return {
    title: title ?? `${total} recommendations moved`,
    text: null,
    facts: kinds.flatMap((kind) => {
      const ofKind = groups.filter((group) => group.kind === kind);
      return ofKind.length > 0 ? [{ label: HAPPENED[kind], value: ofKind.map(groupLine).join('; ') }] : [];
    }),
    items: biggest.map((event) => ({ text: itemLine(event), url: linkTo(event.recommendation) })),
    more: left > 0 ? `and ${left} more` : null,
    url: null,
  };
}

function groupLine({ category, currency, recommendations, ...amounts }: EventGroup): string {
  const known = amount(amounts.estimatedMonthlySavings, currency);
  const guessed = amount(amounts.guessedMonthlySavings, currency);
  const sums = [known && `${known} a month`, guessed && `${guessed} a month guessed`].filter(Boolean);
  return `${recommendations} ${category}${sums.length > 0 ? ` (${sums.join(', ')})` : ''}`;
}

function itemLine({ kind, recommendation }: ToldEvent): string {
  const { estimatedMonthlySavings, currency, savingsMethod, title } = recommendation;
  const worth = savings(estimatedMonthlySavings, currency, savingsMethod === 'guessed');
  return `${HAPPENED[kind]}: ${title}${worth ? `, ${worth}` : ''}`;
}

function savings(value: string | null, currency: string | null, isGuess: boolean): string | null {
  const text = value && amount(value, currency);
  return text ? `${text} a month${isGuess ? ', guessed' : ''}` : null;
}

/** At most two places; null for nothing. */
function amount(value: string, currency: string | null): string | null {
  const rounded = divideDecimal(value, 1, 2);
  return rounded === '0' || currency === null ? null : `${rounded} ${currency}`;
}

/** Text on one line, of at most `most` UTF-16 units once escaped, cut between characters. */
export function clipped(text: string, most: number, escape: (character: string) => string = (same) => same): string {
  const characters = [...text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()].map(escape);
  if (characters.join('').length <= most) return characters.join('');
  let kept = '';
  for (const character of characters) {
    if (kept.length + character.length >= most) break;
    kept += character;
  }
  return `${kept}…`;
}

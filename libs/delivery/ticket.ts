import type { DeliverySecret, EventKind, Message, ToldRecommendation } from '#core/delivery.js';
import { InvariantError } from '#core/errors.js';

const CLOSES: ReadonlySet<EventKind> = new Set(['resolved', 'executed', 'rejected', 'dismissed']);
const REOPENS: ReadonlySet<EventKind> = new Set(['returned', 'reopened']);

/** What an event means to a ticket: whether it makes one where there is none, closes it or opens it again. */
export function ticketMeaning(kind: EventKind): { makes: boolean; closes: boolean; reopens: boolean } {
  const closes = CLOSES.has(kind);
  return { makes: !closes && kind !== 'verified', closes, reopens: REOPENS.has(kind) };
}

/** By which the ticket of a recommendation is found again, whoever made it and however that ended. */
export function correlationOf({ id }: ToldRecommendation): string {
  return `azcops-${id}`;
}

/** Tickets are about one recommendation, so there are no summaries. */
export function eventOf(message: Message): Message & { kind: 'event' } {
  if (message.kind !== 'event') throw new InvariantError(`a ticket cannot tell of a ${message.kind}`);
  return message;
}

/** A bearer token where there is one, else user name and password. */
export function authorizationOf({ token, username, password }: DeliverySecret): string {
  return token ? `Bearer ${token}` : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

export function missingCredentials({ token, username, password }: DeliverySecret): string | null {
  return token || (username && password) ? null : '_USERNAME and _PASSWORD, or _TOKEN,';
}

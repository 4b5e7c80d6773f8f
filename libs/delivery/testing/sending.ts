import type { DeliverySecret, Message } from '#core/delivery.js';
import type { Channel, Receipt } from '../channel.js';
import { DeliveryPostponedError } from '../delivery-error.js';
import type { Incoming, Outgoing } from '../http-sender.js';
import type { Behaviour } from './https-receiver.js';

const NOW = new Date('2026-11-26T12:00:00.700Z');

/** One sending: what went over the wire, in order, and how it ended. */
export interface Sending {
  wire: Outgoing[];
  /** Bodies that were JSON. */
  json: any[];
  outcome: Receipt | Error;
}

/** Sends one message to a receiver that answers each request as told. */
export async function sendTo(
  channel: Channel,
  message: Message,
  answer: (outgoing: Outgoing) => Partial<Incoming>,
  { options = {}, secret = {} }: { options?: Record<string, unknown>; secret?: DeliverySecret } = {},
): Promise<Sending> {
  const wire: Outgoing[] = [];
  const outcome = await channel
    .send(
      message,
      { url: 'https://receiver.example.com', options: channel.options.parse(options), secret },
      {
        now: NOW,
        exchange: async (outgoing) => {
          wire.push(outgoing);
          return { status: 200, headers: {}, text: '', ...answer(outgoing) };
        },
        linkTo: ({ id }) => `https://finops.example/${id}?a=1&b=2`,
      },
    )
    .catch((error: unknown) => error as Error);
  return { wire, json: wire.map(({ body }) => (body === undefined ? null : JSON.parse(body))), outcome };
}

/** Lets a fake receiver answer what a channel sends, without a network. */
export function answeredBy(behaviour: Behaviour): (outgoing: Outgoing) => Incoming {
  return ({ method, url, headers, body = '' }) => {
    const { pathname, search } = new URL(url);
    const reply = behaviour({
      method,
      path: pathname + search,
      headers,
      body,
      json: body ? JSON.parse(body) : null,
    });
    if (reply instanceof Promise || reply === 'hang') throw new Error('only receivers that answer');
    if (reply === 'cut') throw new DeliveryPostponedError('The receiver could not be reached (ECONNRESET).');
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    return { status: reply.status, headers: reply.headers ?? {}, text };
  };
}

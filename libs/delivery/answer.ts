import { DeliveryPostponedError, DeliveryRefusedError } from './delivery-error.js';
import type { Incoming } from './http-sender.js';

/** Statuses that may pass, besides all from 500: too slow, too early, too many. */
const PASSING = new Set([408, 425, 429]);

const ADVICE: Record<number, string> = {
  400: 'The receiver does not understand the message. Check the options of the channel, then retry.',
  401: 'Renew the credentials that the channel’s secret_ref names, restart the worker, then retry.',
  403: 'Allow the account or address that the channel uses to do this, then retry.',
  404: 'Check the address of the channel: what it leads to does not exist or was revoked. Then retry.',
  410: 'The receiver wants no more messages. Disable or remove the channel.',
};

/** What a receiver said about its refusal, in its own format; null where nothing can be made of it. */
export type SaidBy = (answer: Incoming) => string | null;

/** Lets a good answer through; throws what the others mean. `now` is what dates in Retry-After are compared with. */
export function accepted(answer: Incoming, now: Date, saidBy: SaidBy = () => null): Incoming {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  const said = saidBy(answer)?.replace(/\s+/g, ' ').trim().slice(0, 500);
  const message = `The receiver answered ${status}${said ? `: ${said}` : '.'}`;
  if (status >= 500 || PASSING.has(status)) {
    throw new DeliveryPostponedError(message, status, retryAfterMs(headers['retry-after'], now));
  }
  const advice =
    status < 400
      ? 'The receiver wants the message elsewhere, and redirects are not followed. Give the channel the final address.'
      : (ADVICE[status] ?? 'Check address and options of the channel, then retry.');
  throw new DeliveryRefusedError(message, advice, status);
}

/** Both forms of RFC 9110: seconds, and a date. */
function retryAfterMs(header: string | string[] | undefined, now: Date): number | null {
  const value = String(header ?? '').trim();
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = /^[A-Z][a-z]+, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now.getTime());
}

/** The answer's JSON object; an empty one for anything else. */
export function jsonOf(answer: Incoming): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(answer.text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { accepted } from '../answer.js';
import type { Channel } from '../channel.js';
import { webhookBody } from './webhook-body.js';

/**
 * JSON to any receiver, signed as Standard Webhooks 1.0.0 says: the message's id, the attempt's time and the body, with
 * HMAC-SHA256. While keys change the message carries a signature of each.
 */
export const webhook: Channel = {
  kind: 'webhook',
  options: z.strictObject({}),
  addressIn: 'channel',
  mostEvents: 1,
  hasDigest: true,
  missing: ({ signingSecret }) => (signingSecret ? null : '_SIGNING_SECRET'),
  async send(message, { url, secret }, { now, exchange, linkTo }) {
    const body = JSON.stringify(webhookBody(message, now, linkTo));
    const timestamp = String(Math.floor(now.getTime() / 1000));
    const keys = [secret.signingSecret, secret.previousSigningSecret].filter((key) => key !== undefined);
    const answer = await exchange({
      method: 'POST',
      url,
      headers: {
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': keys.map((key) => signature(key, message.id, timestamp, body)).join(' '),
      },
      body,
    });
    return { responseStatus: accepted(answer, now).status };
  },
};

/** `v1,` and the signature in base64. `secret` is `whsec_` and the key in base64. */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Message } from '#core/delivery.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '../delivery-error.js';
import type { Incoming, Outgoing } from '../http-sender.js';
import { sendTo } from '../testing/sending.js';
import { eventMessage, RECOMMENDATION_ID, summaryMessage } from '../testing/told.js';
import { signature, webhook } from './webhook.channel.js';

const NEW = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const OLD = `whsec_${Buffer.alloc(32, 2).toString('base64')}`;

/** What one sending puts on the wire, and how it ends. */
async function sent(message: Message, answer: Partial<Incoming> = {}, secret = {}) {
  const { wire, json, outcome } = await sendTo(webhook, message, () => answer, {
    secret: { signingSecret: NEW, ...secret },
  });
  return { request: wire[0]!, body: json[0], outcome };
}

/** A receiver's check, written from the specification alone. */
function isGenuine({ headers, body }: Outgoing, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key)
    .update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`)
    .digest();
  return headers['webhook-signature']!.split(' ').some((entry) => {
    const [version, given = ''] = entry.split(',');
    const bytes = Buffer.from(given, 'base64');
    return version === 'v1' && bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

describe('a webhook', () => {
  it('signs as the reference vector of Standard Webhooks', () => {
    expect(
      signature(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        '1614265330',
        '{"test": 2432232314}',
      ),
    ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('carries the message’s id, the attempt’s second and a signature that the receiver can verify', async () => {
    const { request, outcome } = await sent(eventMessage());
    expect(outcome).toEqual({ responseStatus: 200 });
    expect(request.headers).toMatchObject({ 'webhook-id': eventMessage().id, 'webhook-timestamp': '1795694400' });
    expect(isGenuine(request, NEW)).toBe(true);
    expect(isGenuine(request, OLD)).toBe(false);
    expect(isGenuine({ ...request, body: `${request.body} ` }, NEW)).toBe(false);
    expect(isGenuine({ ...request, headers: { ...request.headers, 'webhook-id': 'other' } }, NEW)).toBe(false);
  });

  it('is signed with both keys while they change', async () => {
    const { request } = await sent(eventMessage(), {}, { previousSigningSecret: OLD });
    expect(request.headers['webhook-signature']).toMatch(/^v1,\S{44} v1,\S{44}$/);
    expect([isGenuine(request, NEW), isGenuine(request, OLD)]).toEqual([true, true]);
  });

  it('tells of an event and its recommendation', async () => {
    const { body } = await sent(eventMessage({ kind: 'approved', actorName: 'Petra', reason: 'Yes.' }));
    expect(body).toEqual({
      type: 'recommendation.approved',
      timestamp: '2026-11-26T06:00:00.000Z',
      data: {
        event: expect.objectContaining({ id: '7', kind: 'approved', actor_name: 'Petra', reason: 'Yes.' }),
        recommendation: expect.objectContaining({
          id: RECOMMENDATION_ID,
          estimated_monthly_savings: '123.456',
          currency: 'EUR',
          url: `https://finops.example/${RECOMMENDATION_ID}?a=1&b=2`,
        }),
      },
    });
  });

  it('tells of a day', async () => {
    const { body } = await sent(summaryMessage());
    expect(body).toMatchObject({
      type: 'recommendations.digest',
      data: {
        day: '2026-11-26',
        total: 3,
        groups: [
          { kind: 'found', currency: 'EUR', recommendations: 2, estimated_monthly_savings: '150.5' },
          { kind: 'resolved', guessed_monthly_savings: '7' },
        ],
        biggest: [{ recommendation: { id: RECOMMENDATION_ID } }],
      },
    });
  });

  it('can be tested', async () => {
    const { body } = await sent({ kind: 'test', id: 'x', channelName: 'Operations' });
    expect(body).toMatchObject({ type: 'delivery.test', data: { channel: 'Operations' } });
  });

  it.each([400, 401, 403, 404, 405, 410, 413, 422, 301, 308])(
    'that is answered with %d is refused, saying what to do',
    async (status) => {
      const { outcome } = await sent(eventMessage(), { status, text: 'echo of whsec_secret' });
      expect(outcome).toBeInstanceOf(DeliveryRefusedError);
      expect(outcome).toMatchObject({
        responseStatus: status,
        message: `The receiver answered ${status}.`,
        action: expect.stringMatching(/\w{4,}/),
      });
    },
  );

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('that is answered with %d may work later', async (status) => {
    const { outcome } = await sent(eventMessage(), { status });
    expect(outcome).toBeInstanceOf(DeliveryPostponedError);
    expect(outcome).toMatchObject({ responseStatus: status, retryAfterMs: null });
  });

  it.each([
    ['120', 120_000],
    ['Thu, 26 Nov 2026 12:05:00 GMT', 299_300],
    ['Thu, 26 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
  ])('waits as long as the receiver asks: Retry-After %s', async (header, retryAfterMs) => {
    const { outcome } = await sent(eventMessage(), { status: 429, headers: { 'retry-after': header } });
    expect(outcome).toMatchObject({ retryAfterMs });
  });
});

import { describe, expect, it } from 'vitest';
import type { Message } from '#core/delivery.js';
import type { Incoming } from '../http-sender.js';
import { sendTo } from '../testing/sending.js';
import { eventMessage, RECOMMENDATION_ID, summaryMessage, toldEvent, toldRecommendation } from '../testing/told.js';
import { slack } from './slack.channel.js';

const sent = (message: Message, answer: Partial<Incoming> = { text: 'ok' }) => sendTo(slack, message, () => answer);
const payload = async (message: Message) => (await sent(message)).json[0];

/** Checks a payload against the limits that Block Kit documents. */
function expectWithinLimits({ text, blocks }: any): void {
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const block of blocks) {
    const length = (part: any) => part.text.length;
    if (block.type === 'header') {
      expect(block.text.type).toBe('plain_text');
      expect(length(block.text)).toBeLessThanOrEqual(150);
    } else if (block.type === 'context') {
      expect(block.elements.length).toBeLessThanOrEqual(10);
    } else {
      expect(block.type).toBe('section');
      if (block.text) expect(length(block.text)).toBeLessThanOrEqual(3_000);
      expect(block.fields?.length ?? 1).toBeLessThanOrEqual(10);
      for (const field of block.fields ?? []) expect(length(field)).toBeLessThanOrEqual(2_000);
    }
    for (const part of [block.text, ...(block.fields ?? []), ...(block.elements ?? [])].filter(Boolean)) {
      expect(length(part)).toBeGreaterThan(0);
      expect(part.text.isWellFormed()).toBe(true);
      // Nothing but our own links is read as more than text, and no entity is cut in two.
      if (part.type === 'mrkdwn') {
        const shown = part.text.replace(/^<https:[^<>|]+\|([^<>]*)>$/, '$1');
        expect(shown).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
      }
    }
  }
}

describe('a Slack message', () => {
  it('tells of an event', async () => {
    const { text, blocks } = await payload(
      eventMessage({ kind: 'approved', actorName: 'Petra', reason: 'Unused since May' }),
    );
    expectWithinLimits({ text, blocks });
    expect(text).toBe('Approved: Delete the unattached disk old');
    expect(blocks[0].text.text).toBe('Approved: Delete the unattached disk old');
    expect(blocks[1].text.text).toBe('Nothing has used it for 60 days.');
    expect(blocks[2].fields.map((field: any) => field.text)).toEqual([
      '*Savings*\n123.46 EUR a month',
      '*Resource*\nold',
      '*Resource group*\nrg',
      '*Subscription*\nProduction',
      '*Tenant*\nContoso',
      '*Category*\nstorage',
      '*Risk and effort*\nlow, low',
      '*Approved by*\nPetra',
      '*Because*\nUnused since May',
    ]);
    expect(blocks[3].elements[0].text).toBe(`<https://finops.example/${RECOMMENDATION_ID}?a=1&amp;b=2|Details>`);
  });

  it('tells of a day: what happened, per category and currency, and the biggest', async () => {
    const { text, blocks } = await payload(summaryMessage());
    expectWithinLimits({ text, blocks });
    expect(text).toBe('Recommendations on 2026-11-26');
    expect(blocks[1].fields.map((field: any) => field.text)).toEqual([
      '*New*\n2 storage (150.5 EUR a month)',
      '*Resolved*\n1 storage (20 EUR a month, 7 EUR a month guessed)',
    ]);
    expect(blocks[2].text.text).toMatch(/^<https:.*\|New: Delete the unattached disk old, 123.46 EUR a month>$/);
    expect(blocks[3].elements[0].text).toBe('and 2 more');
  });

  it('says what changed, and what is only guessed', async () => {
    const recommendation = toldRecommendation({ savingsMethod: 'guessed', estimatedMonthlySavings: '200' });
    const { blocks } = await payload(
      eventMessage({ kind: 'changed', details: { previous_monthly_savings: '100' }, recommendation }),
    );
    const fields = blocks[2].fields.map((field: any) => field.text);
    expect(fields).toContain('*Savings*\n200 EUR a month, guessed');
    expect(fields).toContain('*Before*\n100 EUR a month');
  });

  it('mentions nobody and links nowhere, whatever things are called', async () => {
    const title = '<!channel> & <https://evil.example|click> *bold* &amp;';
    const recommendation = toldRecommendation({ title, reason: title, tenantName: title });
    for (const message of [
      eventMessage({ actorName: title, reason: title, recommendation }),
      summaryMessage({ biggest: [toldEvent({ recommendation })] }),
      { kind: 'test', id: 'x', channelName: title } as const,
    ]) {
      const json = await payload(message);
      expectWithinLimits(json);
      expect(JSON.stringify(json)).toContain('&lt;!channel&gt; &amp; &lt;https://evil.example|click&gt;');
    }
  });

  it.each(['x', '&', '💶', '"', '\u0007a'])('keeps to the limits with endless %j', async (character) => {
    const endless = character.repeat(10_000);
    const recommendation = toldRecommendation({
      title: endless,
      reason: endless,
      tenantName: endless,
      subscriptionName: endless,
      resourceId: `/${endless}`,
      resourceGroup: endless,
      category: endless,
    });
    const event = toldEvent({ actorName: endless, reason: endless, recommendation });
    expectWithinLimits(await payload({ ...eventMessage(), event }));
    const groups = Array.from({ length: 200 }, () => ({
      kind: 'found' as const,
      category: endless,
      currency: 'EUR',
      recommendations: 1,
      estimatedMonthlySavings: '1',
      guessedMonthlySavings: '1',
    }));
    const biggest = Array.from({ length: 10 }, () => event);
    expectWithinLimits(await payload(summaryMessage({ groups, biggest, total: 1_000 })));
  });

  it.each([
    [400, 'invalid_payload', 'The receiver answered 400: invalid_payload'],
    [403, 'action_prohibited', 'The receiver answered 403: action_prohibited'],
    [404, 'no_service', 'The receiver answered 404: no_service'],
    [410, 'channel_is_archived', 'The receiver answered 410: channel_is_archived'],
    [404, '<html>https://hooks.slack.com/services/T/B/X</html>', 'The receiver answered 404.'],
  ])('that is refused says why: %d %s', async (status, text, message) => {
    expect((await sent(eventMessage(), { status, text })).outcome).toMatchObject({ message, responseStatus: status });
  });
});

import { describe, expect, it } from 'vitest';
import type { Message } from '#core/delivery.js';
import type { Incoming } from '../http-sender.js';
import { sendTo } from '../testing/sending.js';
import { eventMessage, RECOMMENDATION_ID, summaryMessage, toldEvent, toldRecommendation } from '../testing/told.js';
import { teams } from './teams.channel.js';

const sent = (message: Message, answer: Partial<Incoming> = { status: 202 }) => sendTo(teams, message, () => answer);
const wire = async (message: Message) => {
  const { wire: requests, json, outcome } = await sent(message);
  expect(outcome).toEqual({ responseStatus: 202 });
  return { bytes: Buffer.byteLength(requests[0]!.body!), json: json[0], card: json[0].attachments[0].content };
};
const lines = (card: any): string[] =>
  card.body.map(({ inlines }: any) => inlines.map(({ text }: any) => text).join(''));

describe('a Teams message', () => {
  it('is an Adaptive Card in the envelope of workflows', async () => {
    const { json, card } = await wire(eventMessage({ kind: 'executed', actorName: 'Petra' }));
    expect(json).toMatchObject({
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null }],
    });
    expect(card).toMatchObject({ type: 'AdaptiveCard', version: '1.4' });
    expect(lines(card)).toEqual([
      'Executed: Delete the unattached disk old',
      'Nothing has used it for 60 days.',
      'Savings: 123.46 EUR a month',
      'Resource: old',
      'Resource group: rg',
      'Subscription: Production',
      'Tenant: Contoso',
      'Category: storage',
      'Risk and effort: low, low',
      'Executed by: Petra',
    ]);
    expect(card.actions).toEqual([
      { type: 'Action.OpenUrl', title: 'Details', url: `https://finops.example/${RECOMMENDATION_ID}?a=1&b=2` },
    ]);
  });

  it('tells of a day', async () => {
    const { card } = await wire(summaryMessage());
    expect(lines(card)).toEqual([
      'Recommendations on 2026-11-26',
      'New: 2 storage (150.5 EUR a month)',
      'Resolved: 1 storage (20 EUR a month, 7 EUR a month guessed)',
      'New: Delete the unattached disk old, 123.46 EUR a month',
      'and 2 more',
    ]);
    expect(card.body[3].inlines[0].selectAction.url).toContain(RECOMMENDATION_ID);
  });

  it('shows text in elements alone that read no Markdown', async () => {
    const title = '[click](https://evil.example) **bold** <at>all</at>';
    const recommendation = toldRecommendation({ title, reason: title });
    const { card } = await wire(eventMessage({ recommendation }));
    expect(card.body.every(({ type }: any) => type === 'RichTextBlock')).toBe(true);
    expect(lines(card)[0]).toContain(title);
  });

  it.each(['x', '"', '💶', '漢', '\u0007a'])('stays below 28 KB with endless %j', async (character) => {
    const endless = character.repeat(20_000);
    const recommendation = toldRecommendation({
      title: endless,
      reason: endless,
      tenantName: endless,
      subscriptionName: endless,
      resourceId: `/${endless}`,
      resourceGroup: endless,
      category: endless,
      verifiedMonthlySavings: '1',
    });
    const event = toldEvent({ actorName: endless, reason: endless, recommendation });
    expect((await wire({ ...eventMessage(), event })).bytes).toBeLessThan(28 * 1024);
    const kinds = ['found', 'changed', 'resolved', 'returned', 'approved', 'rejected', 'executed', 'verified'] as const;
    const groups = kinds.map((kind) => ({
      kind,
      category: endless,
      currency: 'EUR',
      recommendations: 1,
      estimatedMonthlySavings: '1',
      guessedMonthlySavings: '1',
    }));
    const biggest = Array.from({ length: 10 }, () => event);
    expect((await wire(summaryMessage({ groups, biggest, total: 1_000 }))).bytes).toBeLessThan(28 * 1024);
  });

  it('that is refused says why', async () => {
    const text = JSON.stringify({ error: { code: 'WorkflowNotFound', message: 'The workflow was deleted.' } });
    expect((await sent(eventMessage(), { status: 404, text })).outcome).toMatchObject({
      message: 'The receiver answered 404: WorkflowNotFound: The workflow was deleted.',
      action: expect.stringContaining('revoked'),
    });
  });
});

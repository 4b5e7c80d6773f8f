import { beforeEach, describe, expect, it } from 'vitest';
import type { EventKind, Message } from '#core/delivery.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '../delivery-error.js';
import { FakeJira, textOf } from '../testing/fake-jira.js';
import { answeredBy, sendTo } from '../testing/sending.js';
import { eventMessage, RECOMMENDATION_ID, toldRecommendation } from '../testing/told.js';
import { jira } from './jira.channel.js';

const CREDENTIALS = { username: 'azcops', password: 'p4ssw0rd' };
const LABEL = `azcops-${RECOMMENDATION_ID}`;

let server: FakeJira;
beforeEach(() => void (server = new FakeJira()));

const send = (message: Message, options: Record<string, unknown> = {}, secret: object = CREDENTIALS) =>
  sendTo(jira, message, answeredBy(server.behaviour), { options: { project_key: 'FIN', ...options }, secret });
const event = (kind: EventKind, ticketKey: string | null = null, changes = {}) =>
  eventMessage({ kind, ...changes }, ticketKey);

describe('a Jira issue', () => {
  it('is made of a new recommendation', async () => {
    const { outcome, wire } = await send(event('found'), { labels: ['finops'], issue_type: 'Story' });
    expect(outcome).toEqual({
      responseStatus: 201,
      ticket: { key: 'FIN-1', url: 'https://receiver.example.com/browse/FIN-1' },
    });
    expect(wire.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
      'POST /rest/api/3/search/jql',
      'POST /rest/api/3/issue',
    ]);
    const [{ fields }] = server.issues as [any];
    expect(fields).toMatchObject({
      project: { key: 'FIN' },
      issuetype: { name: 'Story' },
      summary: 'Delete the unattached disk old',
      labels: ['finops', LABEL],
    });
    expect(textOf(fields.description).slice(0, 3)).toEqual([
      'Nothing has used it for 60 days.',
      'Savings: 123.46 EUR a month',
      'Resource: old',
    ]);
  });

  it('is made once: a crash between making and recording it, or another channel, finds it by its label', async () => {
    await send(event('found'));
    server.settle();
    expect((await send(event('found'))).outcome).toMatchObject({ ticket: { key: 'FIN-1' } });
    expect(server.issues).toHaveLength(1);
    expect(server.issues[0]!.comments).toHaveLength(1);
  });

  it('is not asked for again before the search can know it, when nobody knows whether it was made', async () => {
    for (const after of ['cut', { status: 502 }] as const) {
      server.weather = { after };
      const { outcome } = await send(event('found'));
      expect(outcome).toBeInstanceOf(DeliveryPostponedError);
      expect((outcome as DeliveryPostponedError).retryAfterMs).toBe(180_000);
    }
    server.weather = { before: { status: 503, headers: { 'retry-after': '600' } } };
    expect((await send(event('found'))).outcome).toMatchObject({ retryAfterMs: 600_000 });
  });

  it('is commented and closed as things happen, found by the key that is known, however far the search lags', async () => {
    const options = { close_transition: 'done', reopen_transition: 'Reopen' };
    await send(event('found'), options);
    const [issue] = server.issues as [any];
    const told = async (kind: EventKind, changes = {}) => {
      const { outcome } = await send(event(kind, 'FIN-1', changes), options);
      expect(outcome).toMatchObject({ ticket: { key: 'FIN-1' } });
      return [textOf(issue.comments.at(-1))[0], issue.status];
    };
    const title = 'Delete the unattached disk old';
    expect(await told('approved', { actorName: 'Petra' })).toEqual([`Approved: ${title}`, 'To Do']);
    expect(textOf(issue.comments[0])).toContain('Approved by: Petra');
    expect(await told('executed')).toEqual([`Executed: ${title}`, 'Done']);
    // Where it stands already there is no such transition.
    expect(await told('resolved')).toEqual([`Resolved: ${title}`, 'Done']);
    expect(await told('verified')).toEqual([`Savings verified: ${title}`, 'Done']);
    expect(await told('returned')).toEqual([`Back again: ${title}`, 'To Do']);
    expect(await told('dismissed')).toEqual([`Dismissed: ${title}`, 'Done']);
    expect(server.issues).toHaveLength(1);
  });

  it('is only commented where no transition is configured', async () => {
    await send(event('found'));
    await send(event('resolved', 'FIN-1'));
    expect(server.issues[0]).toMatchObject({ status: 'To Do', comments: [expect.anything()] });
  });

  it.each(['resolved', 'executed', 'rejected', 'dismissed', 'verified'] as const)(
    'is not made of an end: %s',
    async (kind) => {
      expect((await send(event(kind))).outcome).toEqual({ responseStatus: 200 });
      expect(server.issues).toEqual([]);
    },
  );

  it.each(['found', 'changed', 'approved', 'returned', 'reopened'] as const)(
    'is made of what opens: %s',
    async (kind) => {
      await send(event(kind));
      expect(server.issues).toHaveLength(1);
    },
  );

  it('may be about anything, however long', async () => {
    const endless = 'é"\n'.repeat(5_000);
    const recommendation = toldRecommendation({ title: endless, reason: endless, tenantName: endless });
    expect((await send(event('found', null, { recommendation, reason: endless }))).outcome).toMatchObject({
      responseStatus: 201,
    });
  });

  it('that Jira refuses says why', async () => {
    expect((await send(event('found'), { project_key: 'OTHER' })).outcome).toMatchObject({
      message: 'The receiver answered 400: project: valid project is required',
      responseStatus: 400,
    });
    expect((await send(event('found'), { issue_type: 'Epic' })).outcome).toMatchObject({
      message: 'The receiver answered 400: issuetype: Specify a valid issue type',
    });
    expect((await send(event('found'), {}, { token: 'wrong' })).outcome).toMatchObject({
      message: 'The receiver answered 401: Client must be authenticated.',
      action: expect.stringContaining('secret_ref'),
    });
    expect((await send(event('changed', 'FIN-9'))).outcome).toBeInstanceOf(DeliveryRefusedError);
  });

  it('can be tested without making one', async () => {
    const test: Message = { kind: 'test', id: 'x', channelName: 'Jira' };
    expect((await send(test)).outcome).toEqual({ responseStatus: 200 });
    server.permissions.delete('CREATE_ISSUES');
    expect((await send(test)).outcome).toMatchObject({
      message: 'The account lacks the permissions CREATE_ISSUES in FIN.',
      action: expect.stringContaining('Grant'),
    });
    expect((await send(test, { project_key: 'OTHER' })).outcome).toMatchObject({ responseStatus: 404 });
    expect(server.issues).toEqual([]);
  });
});

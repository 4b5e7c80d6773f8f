import { beforeEach, describe, expect, it } from 'vitest';
import type { EventKind, Message } from '#core/delivery.js';
import { DeliveryPostponedError, DeliveryRefusedError } from '../delivery-error.js';
import { FakeServiceNow } from '../testing/fake-servicenow.js';
import { answeredBy, sendTo } from '../testing/sending.js';
import { eventMessage, RECOMMENDATION_ID, toldRecommendation } from '../testing/told.js';
import { servicenow } from './servicenow.channel.js';

const CREDENTIALS = { username: 'azcops', password: 'p4ssw0rd' };
const GROUP = 'd625dccec0a8016700a222a0f7900d06';

let server: FakeServiceNow;
beforeEach(() => void (server = new FakeServiceNow()));

const send = (message: Message, options: Record<string, unknown> = {}, secret: object = CREDENTIALS) =>
  sendTo(servicenow, message, answeredBy(server.behaviour), { options, secret });
const event = (kind: EventKind, changes = {}) => eventMessage({ kind, ...changes });
const incident = () => server.tables['incident']![0]!;

describe('a ServiceNow record', () => {
  it('is made of a new recommendation', async () => {
    const { outcome } = await send(event('found'), {
      assignment_group: GROUP,
      fields: { category: 'cloud', urgency: '3' },
    });
    expect(outcome).toEqual({
      responseStatus: 201,
      ticket: {
        key: 'INC0000001',
        url: 'https://receiver.example.com/nav_to.do?uri=incident.do%3Fsys_id%3D00000000000000000000000000000001',
      },
    });
    expect(incident()).toMatchObject({
      short_description: 'Delete the unattached disk old',
      correlation_id: `azcops-${RECOMMENDATION_ID}`,
      correlation_display: 'AzCops',
      assignment_group: GROUP,
      category: 'cloud',
      urgency: '3',
    });
    expect(incident()['description']).toContain(
      'Nothing has used it for 60 days.\nSavings: 123.46 EUR a month\nResource: old',
    );
  });

  it('is made once, whatever became of the answer', async () => {
    server.weather = { after: 'cut' };
    expect((await send(event('found'))).outcome).toBeInstanceOf(DeliveryPostponedError);
    expect((await send(event('found'))).outcome).toMatchObject({ ticket: { key: 'INC0000001' } });
    expect(server.tables['incident']).toHaveLength(1);
  });

  it('is noted and closed as things happen', async () => {
    const options = { reopen_fields: { state: '2' } };
    for (const kind of ['found', 'approved'] as const) await send(event(kind, { actorName: 'Petra' }), options);
    expect(incident()).toMatchObject({ state: '1' });
    expect(incident()['work_notes']).toContain('Approved: Delete the unattached disk old\n');
    expect(incident()['work_notes']).toContain('Approved by: Petra');
    await send(event('executed'), options);
    expect(incident()).toMatchObject({
      state: '6',
      close_code: 'Solution provided',
      close_notes: 'Executed: Delete the unattached disk old',
    });
    await send(event('returned'), options);
    expect(incident()).toMatchObject({ state: '2' });
    await send(event('resolved'), {
      close_fields: { state: '7', close_code: 'Closed by AzCops', close_notes: 'Gone' },
    });
    expect(incident()).toMatchObject({ state: '7', close_code: 'Closed by AzCops', close_notes: 'Gone' });
    expect(server.tables['incident']).toHaveLength(1);
  });

  it('is only noted where closing is switched off', async () => {
    await send(event('found'));
    await send(event('resolved'), { close_fields: {} });
    expect(incident()).toMatchObject({ state: '1', work_notes: expect.stringContaining('Resolved') });
  });

  it('is not made of an end', async () => {
    for (const kind of ['resolved', 'executed', 'rejected', 'dismissed', 'verified'] as const) {
      expect((await send(event(kind))).outcome).toEqual({ responseStatus: 200 });
    }
    expect(server.tables['incident']).toEqual([]);
  });

  it('must be found again: a table without correlation_id is refused and no other record is touched', async () => {
    server.tables['u_plain']!.push({ sys_id: '9'.repeat(32), short_description: 'somebody else’s' });
    const { outcome, wire } = await send(event('resolved'), { table: 'u_plain' });
    expect(outcome).toBeInstanceOf(DeliveryRefusedError);
    expect((outcome as DeliveryRefusedError).message).toContain('keeps no correlation_id');
    expect(wire.map(({ method }) => method)).toEqual(['GET']);
    server.tables['u_plain']!.length = 0;
    expect((await send(event('found'), { table: 'u_plain' })).outcome).toBeInstanceOf(DeliveryRefusedError);
  });

  it('may be about anything, however long', async () => {
    const endless = 'é"\n'.repeat(5_000);
    const recommendation = toldRecommendation({ title: endless, reason: endless, tenantName: endless });
    await send(event('found', { recommendation, reason: endless }));
    expect(incident()['short_description']!.length).toBeLessThanOrEqual(160);
    expect(incident()['description']!.length).toBeLessThanOrEqual(4_000);
  });

  it('that ServiceNow refuses says why', async () => {
    expect((await send(event('found'), { table: 'nothing' })).outcome).toMatchObject({
      message: 'The receiver answered 400: Invalid table nothing',
    });
    expect((await send(event('found'), {}, { token: 'wrong' })).outcome).toMatchObject({
      message: 'The receiver answered 401: User Not Authenticated: Required to provide Auth information',
    });
    await send(event('found'));
    const closing = { close_fields: { state: '6' } };
    expect((await send(event('resolved'), closing)).outcome).toMatchObject({
      responseStatus: 403,
      message: expect.stringContaining('Resolution code'),
    });
  });

  it('can be tested without making one', async () => {
    const test: Message = { kind: 'test', id: 'x', channelName: 'Desk' };
    expect((await send(test)).outcome).toEqual({ responseStatus: 200 });
    expect((await send(test, {}, { token: 'wrong' })).outcome).toMatchObject({ responseStatus: 401 });
    expect(server.tables['incident']).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestDeliveries } from '../../../test/harness/delivery.js';

let test: TestDeliveries;
beforeAll(async () => void (test = await TestDeliveries.open()));
afterAll(() => test.close());
beforeEach(() => test.reset());

describe('a chat', () => {
  const chat = (changes = {}) => test.channel({ kind: 'slack', url: null, secretRef: 'CHAT', ...changes });

  it('is written to at the address in its secret', async () => {
    await chat();
    await test.found({ title: 'Only this' });
    await test.work();
    expect(test.receiver.received.map(({ path, json }) => [path, json.text])).toEqual([
      ['/services/s3cr3t', 'New: Only this'],
    ]);
  });

  it('gets what comes at once as one message, of each recommendation in order', async () => {
    await chat();
    for (let index = 1; index <= 30; index += 1) await test.found({ estimated_monthly_savings: String(index) });
    const recommendation = await test.recommendation({ estimated_monthly_savings: '99' });
    for (const kind of ['found', 'approved', 'executed'] as const) await test.happens(kind, recommendation);
    await test.work();
    const [burst, ...later] = test.receiver.received.map(({ json }) => json);
    expect(burst.text).toBe('31 recommendations moved');
    expect(JSON.stringify(burst)).toContain('31 storage (564 EUR a month)');
    expect(burst.blocks.filter(({ type, text }: any) => type === 'section' && text)).toHaveLength(10);
    expect(later.map(({ text }) => text.split(':')[0])).toEqual(['Approved', 'Executed']);
    expect(new Set((await test.deliveries()).map(({ status }) => status))).toEqual(new Set(['delivered']));
  });

  it('that fails gets the same again', async () => {
    await chat();
    await test.found();
    await test.found();
    test.receiver.behaviour = () => ({ status: 500 });
    await test.work();
    expect(await test.deliveries()).toMatchObject([{ status: 'pending' }, { status: 'pending' }]);
    test.receiver.reset();
    await test.timePasses();
    await test.work();
    expect(test.receiver.received.map(({ json }) => json.text)).toEqual(['2 recommendations moved']);
  });

  it('leaves its address out of the log', async () => {
    await chat();
    await test.found();
    test.receiver.behaviour = () => ({ status: 404, body: 'no_service' });
    await test.work();
    expect(test.log).toContain('no_service');
    expect(test.log).not.toContain('s3cr3t');
  });
});

describe('a digest', () => {
  const at = (text: string) => void (test.now = () => new Date(text));
  /** Moves what has happened so far to another time. */
  const happenedAt = (text: string) =>
    test.rows('UPDATE deliveries SET created_at = $1 WHERE digest_id IS NULL', [text]);
  const digests = async () => (await test.deliveries()).filter(({ kind }) => kind === 'digest');

  it('tells once a day, at its hour, what has happened since the last one', async () => {
    await test.channel({ digest: 'daily' });
    const big = await test.recommendation({ estimated_monthly_savings: '500', title: 'Big' });
    await test.happens('found', big);
    await test.happens('changed', big);
    await test.happens('executed', big);
    await test.happens('resolved', big);
    for (const savings of ['1', '2', '3', '4', '5']) await test.found({ estimated_monthly_savings: savings });
    await test.found({ category: 'compute', currency: 'USD', estimated_monthly_savings: '7' });
    await test.found({ savings_method: 'guessed', estimated_monthly_savings: '9' });
    await happenedAt('2026-11-25T12:00:00Z');
    await test.work();
    at('2026-11-26T06:59:59Z');
    await test.worker().makeDigests();
    // Yesterday's hour was before all of it.
    expect(await digests()).toEqual([]);

    at('2026-11-26T07:00:00Z');
    await Promise.all([test.worker().makeDigests(), test.worker().makeDigests()]);
    await test.worker().makeDigests();
    await test.work();
    expect(await digests()).toMatchObject([{ digest_day: '2026-11-26', status: 'delivered' }]);
    expect(test.receiver.received).toHaveLength(1);
    const { type, data } = test.receiver.received[0]!.json;
    expect(type).toBe('recommendations.digest');
    const group = (kind: string, changes = {}) => ({
      kind,
      category: 'storage',
      currency: 'EUR',
      recommendations: 1,
      estimated_monthly_savings: '500',
      guessed_monthly_savings: '0',
      ...changes,
    });
    expect(data).toMatchObject({ day: '2026-11-26', total: 8 });
    expect(data.groups).toEqual([
      group('changed'),
      group('executed'),
      group('found', { category: 'compute', currency: 'USD', estimated_monthly_savings: '7' }),
      group('found', { recommendations: 7, estimated_monthly_savings: '515', guessed_monthly_savings: '9' }),
      group('resolved'),
    ]);
    expect(data.biggest.map((each: any) => each.recommendation.estimated_monthly_savings)).toEqual([
      '500',
      '9',
      '7',
      '5',
      '4',
    ]);
    const collected = (await test.deliveries()).filter(({ kind }) => kind === 'event');
    expect(new Set(collected.map(({ status, digest_id }) => `${status} ${digest_id}`))).toEqual(
      new Set([`collected ${(await digests())[0]!.id}`]),
    );
  });

  it('is not sent when nothing happened, and leaves what happens later to the next day', async () => {
    await test.channel({ digest: 'daily' });
    at('2026-11-26T07:00:00Z');
    await test.worker().makeDigests();
    expect(await digests()).toEqual([]);
    await test.found();
    await happenedAt('2026-11-26T07:00:00Z');
    at('2026-11-26T23:00:00Z');
    await test.worker().makeDigests();
    expect(await digests()).toEqual([]);
    at('2026-11-27T09:30:00Z');
    await test.worker().makeDigests();
    expect(await digests()).toMatchObject([{ digest_day: '2026-11-27' }]);
    at('2026-11-28T09:30:00Z');
    await test.worker().makeDigests();
    expect(await digests()).toHaveLength(1);
  });

  it('counts of alternatives the best, and what competes for the same usage once', async () => {
    await test.channel({ digest: 'daily' });
    const alternatives: [string | null, string][] = [
      ['resize/vm1', '10'],
      ['resize/vm1', '15'],
      ['commitment/reservation/s1/vm', '100'],
      ['commitment/savings-plan/s1/compute', '120'],
      [null, '1'],
    ];
    for (const [alternative_of, estimated_monthly_savings] of alternatives) {
      await test.found({ alternative_of, estimated_monthly_savings });
    }
    await happenedAt('2026-11-25T12:00:00Z');
    at('2026-11-26T07:00:00Z');
    await test.worker().makeDigests();
    await test.work();
    expect(test.receiver.received[0]!.json.data.groups).toMatchObject([
      { recommendations: 5, estimated_monthly_savings: '136' },
    ]);
  });

  it('stays one when its channel is told of each event from now on', async () => {
    const channel = await test.channel({ digest: 'daily' });
    await test.found();
    await happenedAt('2026-11-25T12:00:00Z');
    await test.rows(`UPDATE delivery_channels SET digest = 'each' WHERE id = $1`, [channel]);
    await test.found();
    at('2026-11-26T07:00:00Z');
    await test.worker().makeDigests();
    await test.work();
    expect(test.receiver.received.map(({ json }) => json.type).sort()).toEqual([
      'recommendation.found',
      'recommendations.digest',
    ]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChannelFilter, EventKind } from '#core/delivery.js';
import { signature } from '#delivery/webhook/webhook.channel.js';
import { SIGNING_SECRET, TestDeliveries } from '../../../test/harness/delivery.js';

let test: TestDeliveries;
beforeAll(async () => void (test = await TestDeliveries.open()));
afterAll(() => test.close());
beforeEach(() => test.reset());

const ids = () => test.receiver.received.map(({ headers }) => headers['webhook-id']);
const told = () => test.receiver.received.map(({ json }) => `${json.type} ${json.data.event?.id}`);
const statuses = async () => (await test.deliveries()).map(({ status }) => status);

describe('an event', () => {
  it('is told once to each channel that was there before it, signed', async () => {
    await test.found();
    const [one, two] = [await test.channel(), await test.channel()];
    const event = await test.found({ title: 'Delete the disk “old” & <b>' });
    await test.work();
    await test.work();
    expect(told()).toEqual([`recommendation.found ${event}`, `recommendation.found ${event}`]);
    const deliveries = await test.deliveries();
    expect(new Set(ids())).toEqual(new Set(deliveries.map(({ id }) => id)));
    expect(deliveries).toMatchObject([
      { status: 'delivered', attempts: 1, response_status: 200, reason: null },
      { status: 'delivered', attempts: 1, response_status: 200, reason: null },
    ]);
    const channels = await test.rows('SELECT DISTINCT channel_id AS id FROM deliveries');
    expect(channels.map((row: any) => row.id).sort()).toEqual([one, two].sort());
    for (const { headers, body, json } of test.receiver.received) {
      const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']] as [string, string];
      expect(headers['webhook-signature']).toBe(signature(SIGNING_SECRET, id, timestamp, body));
      expect(Math.abs(Number(timestamp) * 1000 - Date.now())).toBeLessThan(60_000);
      expect(json.data.recommendation).toMatchObject({
        title: 'Delete the disk “old” & <b>',
        tenant_name: 'Contoso',
        subscription_name: 's1',
        estimated_monthly_savings: '10.5',
      });
    }
  });

  it('that is rolled back is never told', async () => {
    await test.channel();
    const recommendation = await test.recommendation();
    const { worker } = test.ingestion.logins;
    await worker
      .transaction({ kind: 'tenant', tenantId: test.tenantId }, async (tx) => {
        await tx.query(
          `INSERT INTO recommendation_events (tenant_id, recommendation_id, kind) VALUES ($1, $2, 'found')`,
          [test.tenantId, recommendation],
        );
        throw new Error('no');
      })
      .catch(() => undefined);
    expect(await test.deliveries()).toEqual([]);
  });

  it('of people is told by the API’s login too', async () => {
    await test.channel();
    const recommendation = await test.recommendation();
    await test.ingestion.logins.api.transaction({ kind: 'tenant', tenantId: test.tenantId }, (tx) =>
      tx.query(
        `INSERT INTO recommendation_events (tenant_id, recommendation_id, kind, actor_name) VALUES ($1, $2, 'approved', 'Petra')`,
        [test.tenantId, recommendation],
      ),
    );
    await test.work();
    expect(test.receiver.received[0]!.json).toMatchObject({
      type: 'recommendation.approved',
      data: { event: { actor_name: 'Petra' } },
    });
  });

  it.each<[string, ChannelFilter, boolean]>([
    ['its kind', { event_kinds: ['found', 'resolved'] }, true],
    ['its kind', { event_kinds: ['resolved'] }, false],
    ['its category', { categories: ['storage'] }, true],
    ['its category', { categories: ['compute'] }, false],
    ['its rule', { rules: ['unattached_disk'] }, true],
    ['its rule', { rules: ['other'] }, false],
    ['its subscription', { subscription_ids: ['s1', 's2'] }, true],
    ['its subscription', { subscription_ids: ['s2'] }, false],
    ['its savings', { minimum_monthly_savings: { EUR: '10.5', USD: '100' } }, true],
    ['its savings', { minimum_monthly_savings: { EUR: '10.51' } }, false],
    ['its currency', { minimum_monthly_savings: { USD: '100' } }, true],
    ['all of it', { event_kinds: ['found'], categories: ['compute'] }, false],
  ])('is told or not by %s: %j', async (_what, filter, isTold) => {
    await test.channel({ filter });
    await test.found();
    expect(await statuses()).toEqual(isTold ? ['pending'] : []);
  });

  it('whose savings nobody knows reaches no minimum', async () => {
    await test.channel({ filter: { minimum_monthly_savings: { EUR: '0' } } });
    await test.found({ estimated_monthly_savings: null, currency: null });
    expect(await statuses()).toEqual([]);
  });

  it('that nobody wants to hear about is not told as news, but its end is', async () => {
    await test.channel();
    const suppressed = await test.recommendation({ suppressed: true });
    const exempt = await test.recommendation({ rule: 'exempt' });
    const expired = await test.recommendation({ rule: 'expired' });
    await test.rows(
      `INSERT INTO recommendation_exemptions (tenant_id, rule, reason, author_id, expires_at)
       VALUES ($1, 'exempt', 'x', 'x', NULL), ($1, 'expired', 'x', 'x', now() - interval '1 day')`,
      [test.tenantId],
    );
    const happened = async (kind: EventKind) => {
      for (const recommendation of [suppressed, exempt, expired]) await test.happens(kind, recommendation);
      const rows = await test.deliveries();
      await test.rows('TRUNCATE deliveries');
      return rows.length;
    };
    expect(await happened('found')).toBe(1);
    expect(await happened('changed')).toBe(1);
    expect(await happened('resolved')).toBe(3);
    expect(await happened('executed')).toBe(3);
  });

  it.each([
    ['open', 3],
    ['approved', 3],
    ['rejected', 0],
    ['dismissed', 0],
    ['executed', 0],
  ])('about what is %s is news or not: a ticket made of it would ask for what was decided', async (status, news) => {
    await test.channel();
    const recommendation = await test.recommendation({ status });
    for (const kind of ['found', 'changed', 'returned', 'resolved'] as const) await test.happens(kind, recommendation);
    expect(await statuses()).toHaveLength(news + 1);
  });
});

describe('channels', () => {
  it('that are disabled, removed or of a removed tenant are told nothing; a test goes through a disabled one', async () => {
    const disabled = await test.channel({ enabled: false });
    const removed = await test.channel();
    await test.rows('UPDATE delivery_channels SET removed_at = now() WHERE id = $1', [removed]);
    await test.found();
    expect(await test.deliveries()).toEqual([]);

    const paused = await test.channel();
    await test.found();
    await test.rows('UPDATE delivery_channels SET enabled = false WHERE id = $1', [paused]);
    await test.rows(`INSERT INTO deliveries (tenant_id, channel_id, kind) VALUES ($1, $2, 'test')`, [
      test.tenantId,
      disabled,
    ]);
    await test.work();
    expect(test.receiver.received.map(({ json }) => json.type)).toEqual(['delivery.test']);

    await test.rows('UPDATE delivery_channels SET enabled = true WHERE id = $1', [paused]);
    await test.rows('UPDATE tenants SET removed_at = now()');
    await test.work();
    expect(test.receiver.received).toHaveLength(1);
    await test.rows('UPDATE tenants SET removed_at = NULL');
    await test.work();
    expect(test.receiver.received).toHaveLength(2);
  });

  it('that hang or fail hold up nobody else', async () => {
    for (const path of ['hang', 'fail', 'good']) await test.channel({ url: `${test.receiver.url}/${path}` });
    const hanging = Promise.withResolvers<{ status: number }>();
    test.receiver.behaviour = ({ path }) =>
      path === '/hang' ? hanging.promise : { status: path === '/fail' ? 500 : 200 };
    for (let index = 0; index < 10; index += 1) await test.found();
    const worker = test.worker();
    await worker.tick();
    const delivered = async () => (await statuses()).filter((status) => status === 'delivered').length;
    await expect.poll(delivered, { timeout: 5_000 }).toBe(10);
    expect(test.receiver.received.filter(({ path }) => path === '/good')).toHaveLength(10);
    // A receiver that fails is not stormed.
    expect(test.receiver.received.filter(({ path }) => path === '/fail')).toHaveLength(4);
    await worker.tick();
    expect(test.receiver.received.filter(({ path }) => path === '/fail')).toHaveLength(4);
    // Nothing may be under way any more when the next test counts.
    hanging.resolve({ status: 200 });
    await worker.idle();
  });

  it('whose secret is not configured say which variable is missing', async () => {
    await test.channel({ secretRef: 'constructor'.toUpperCase() });
    await test.found();
    await test.work();
    expect(await test.deliveries()).toMatchObject([
      {
        status: 'failed',
        reason: 'The secret CONSTRUCTOR of the channel is not configured.',
        action: expect.stringContaining('DELIVERY_SECRET_CONSTRUCTOR_SIGNING_SECRET'),
      },
    ]);
  });
});

describe('what a receiver does not take', () => {
  it('is tried again later under the same id', async () => {
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => ({ status: 503 });
    await test.work();
    expect(await test.deliveries()).toMatchObject([
      { status: 'pending', attempts: 1, response_status: 503, reason: 'The receiver answered 503.' },
    ]);
    expect((await test.deliveries())[0]!.wait_seconds).toBeCloseTo(11, -1);
    await test.work();
    expect(test.receiver.received).toHaveLength(1);

    await test.timePasses();
    await test.work();
    expect((await test.deliveries())[0]!.wait_seconds).toBeGreaterThan(28);
    test.receiver.behaviour = () => ({ status: 204 });
    await test.timePasses();
    await test.work();
    expect(await test.deliveries()).toMatchObject([
      { status: 'delivered', attempts: 3, response_status: 204, reason: null, action: null },
    ]);
    expect(new Set(ids()).size).toBe(1);
  });

  it('waits as long as the receiver asks, all of its channel', async () => {
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => ({ status: 429, headers: { 'retry-after': '600' } });
    const worker = test.worker();
    await test.work(worker);
    expect((await test.deliveries())[0]!.wait_seconds).toBeGreaterThan(595);
    await test.found();
    await test.work(worker);
    expect(test.receiver.received).toHaveLength(1);
    test.now = () => new Date(Date.now() + 601_000);
    await test.work(worker);
    expect(test.receiver.received).toHaveLength(2);
  });

  it('because it hangs is tried again', async () => {
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => 'hang';
    await test.work(test.worker({}, 100));
    expect(await test.deliveries()).toMatchObject([
      { status: 'pending', reason: 'The receiver could not be reached (no answer in time).', response_status: null },
    ]);
  });

  it('for good fails at once, with what to do', async () => {
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => ({ status: 404 });
    await test.work();
    expect(await test.deliveries()).toMatchObject([
      { status: 'failed', attempts: 1, response_status: 404, action: expect.stringContaining('address') },
    ]);
    await test.timePasses();
    await test.work();
    expect(test.receiver.received).toHaveLength(1);
  });

  it('for a day has failed, and so has what waited behind it', async () => {
    await test.channel();
    const recommendation = await test.recommendation();
    await test.happens('found', recommendation);
    await test.happens('changed', recommendation);
    test.receiver.behaviour = () => 'cut';
    await test.rows(`UPDATE deliveries SET expires_at = now() - interval '1 second'`);
    await test.found();
    await test.work();
    expect(await test.deliveries()).toMatchObject([
      {
        status: 'failed',
        reason: expect.stringContaining('tried for a day'),
        action: expect.stringContaining('retry'),
      },
      { status: 'failed', reason: expect.stringContaining('tried for a day') },
      { status: 'pending' },
    ]);
  });

  it('by going elsewhere or nowhere near is refused', async () => {
    await test.channel({ url: 'https://127.0.0.1/' });
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => ({ status: 302, headers: { location: '/other' } });
    await test.work();
    const deliveries = await test.deliveries();
    expect(deliveries.sort((a, b) => (a.response_status ?? 0) - (b.response_status ?? 0))).toMatchObject([
      { status: 'failed', reason: expect.stringContaining('private address') },
      { status: 'failed', response_status: 302, action: expect.stringContaining('redirects are not followed') },
    ]);
    expect(test.receiver.received).toHaveLength(1);
  });

  it('leaves no secret in the log or in the list', async () => {
    const url = `${test.receiver.url}/s3cr3t?code=k3y`;
    await test.channel({ url });
    await test.found();
    test.receiver.behaviour = ({ headers }) => ({
      status: 400,
      body: `you sent ${JSON.stringify(headers)} to ${url} with ${SIGNING_SECRET}`,
    });
    await test.work();
    await test.timePasses();
    test.receiver.behaviour = () => 'cut';
    await test.found();
    await test.work();
    const everything = test.log + JSON.stringify(await test.rows('SELECT * FROM deliveries'));
    expect(everything).toContain('message failed');
    expect(everything).toContain('message postponed');
    expect(everything).not.toMatch(/s3cr3t|k3y|whsec|v1,/);
  });
});

describe('the story of a recommendation', () => {
  it('is told in order: what is next waits, what is of others does not', async () => {
    await test.channel();
    const recommendation = await test.recommendation();
    const first = await test.happens('found', recommendation);
    const second = await test.happens('changed', recommendation);
    const other = await test.found();
    test.receiver.behaviour = ({ json }) => ({ status: json.data.event.id === first ? 500 : 200 });
    await test.work();
    expect(told().sort()).toEqual([`recommendation.found ${first}`, `recommendation.found ${other}`].sort());
    test.receiver.reset();
    await test.timePasses();
    await test.work();
    expect(told()).toEqual([`recommendation.found ${first}`, `recommendation.changed ${second}`]);
  });
});

describe('any number of workers', () => {
  it('tell each event once', async () => {
    await test.channel();
    await test.channel();
    for (let index = 0; index < 30; index += 1) await test.found();
    const workers = [test.worker(), test.worker(), test.worker()];
    await Promise.all(workers.map((worker) => worker.tick()));
    await Promise.all(workers.map((worker) => worker.idle()));
    expect(ids()).toHaveLength(60);
    expect(new Set(ids()).size).toBe(60);
    expect(new Set(await statuses())).toEqual(new Set(['delivered']));
  });

  it('send again what one sent and could not record, under the same id', async () => {
    await test.channel();
    await test.found();
    const { outbox } = test.ingestion.parts;
    const crashing = Object.assign(Object.create(outbox) as typeof outbox, {
      finish: () => Promise.reject(new Error('the database is gone')),
    });
    await test.work(test.worker({ outbox: crashing }));
    expect(await test.deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }]);
    // Nobody else sends while the first one might.
    await test.work();
    expect(ids()).toHaveLength(1);
    expect((await test.deliveries())[0]!.wait_seconds).toBeGreaterThan(170);
    await test.timePasses();
    await test.work();
    expect(await test.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2 }]);
    expect([ids().length, new Set(ids()).size]).toEqual([2, 1]);
  });

  it('take over from one that was paused, which then records nothing', async () => {
    await test.channel();
    await test.found();
    const paused = Promise.withResolvers<{ status: number }>();
    test.receiver.behaviour = () => paused.promise;
    const slow = test.worker();
    await slow.tick();
    await expect.poll(() => test.receiver.received.length).toBe(1);
    await test.timePasses();
    test.receiver.behaviour = () => ({ status: 200 });
    await test.work();
    paused.resolve({ status: 404 });
    await slow.idle();
    expect(await test.deliveries()).toMatchObject([{ status: 'delivered', attempts: 2, response_status: 200 }]);
  });

  it('finish what is under way when they are told to stop', async () => {
    await test.channel();
    await test.found();
    await test.found();
    const answer = Promise.withResolvers<{ status: number }>();
    test.receiver.behaviour = () => answer.promise;
    const worker = test.worker();
    await worker.tick();
    await expect.poll(() => test.receiver.received.length).toBe(2);
    const stopped = worker.stop();
    await test.found();
    await worker.tick();
    answer.resolve({ status: 200 });
    await stopped;
    expect(await statuses()).toEqual(['delivered', 'delivered', 'pending']);
  });
});

describe('the metric', () => {
  it('counts attempts by kind and status', async () => {
    const { metrics } = test.ingestion.parts;
    metrics.registry.resetMetrics();
    await test.channel();
    await test.found();
    test.receiver.behaviour = () => ({ status: 500 });
    await test.work();
    await test.timePasses();
    test.receiver.reset();
    await test.work();
    const text = await metrics.registry.getSingleMetricAsString('azcops_deliveries_total');
    expect(text).toContain('azcops_deliveries_total{kind="webhook",status="postponed"} 1');
    expect(text).toContain('azcops_deliveries_total{kind="webhook",status="delivered"} 1');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayOf, type DayRange } from '#core/day.js';
import { ALL_TENANTS, oneTenant } from '#core/scope.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import {
  addSubscription,
  addTenant,
  charge,
  openTestLogins,
  publish,
  publishFile,
} from '../../../test/harness/ledger.js';
import type { TestLogins } from '../../../test/harness/ledger.js';
import { CostSummaryRepository } from './cost-summary.repository.js';

/** The asked period and the equally long one before it. */
const PERIOD: DayRange = { from: '2026-04-11', to: '2026-04-20' };
const BOTH: DayRange = { from: '2026-04-01', to: '2026-04-20' };
const TODAY = '2026-04-22';

describe('cost summary', () => {
  let logins: TestLogins;
  let ledger: CostLedger;
  let repository: CostSummaryRepository;
  let tenantId: string;
  let tenants = 0;

  beforeAll(async () => {
    logins = await openTestLogins();
    ledger = new CostLedger(logins.worker);
    repository = new CostSummaryRepository(logins.api);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
  });

  type Filter = Parameters<CostSummaryRepository['summarize']>[1];
  const summarize = (filter: Filter = {}, range = PERIOD) =>
    repository.summarize(oneTenant(tenantId), filter, range, TODAY);
  const on = (day: string, cost: string, changes: Parameters<typeof charge>[0] = {}) =>
    charge({ day: `2026-04-${day}`, cost, amortizedCost: cost, ...changes });
  const reasons = async (range = PERIOD) =>
    (await summarize({}, range)).incomplete.map((each) => `${each.subscription_id}: ${each.reason}`);
  /** A window of a run that has ended, minutes ago. */
  const window = (
    days: DayRange,
    status: string,
    reason: string | null,
    { minutesAgo = 0, subscriptionId = 's1' } = {},
  ) =>
    logins.owner.transaction(ALL_TENANTS, (tx) =>
      tx.query(
        `WITH run AS (INSERT INTO ingestion_runs (mode, source, request_key) VALUES ('full', 'cli', gen_random_uuid()::text)
                      ON CONFLICT DO NOTHING RETURNING id)
         INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope, subscription_id, from_day, to_day, status, reason, finished_at)
         SELECT $1, id, 'estate', 'cost-management', $2, $2, $3, $4, $5, $6, now() - make_interval(mins => $7) FROM run`,
        [tenantId, subscriptionId, days.from, days.to, status, reason, minutesAgo],
      ),
    );

  it('says of a day that was read before it was over that its costs still come in', async () => {
    const range = { from: '2026-04-20', to: TODAY };
    const days = { from: '2026-04-01', to: TODAY };
    const charges = [on('20', '1'), on('22', '3')];
    await publish(ledger, { tenantId, days, charges, publishedAt: new Date(`${TODAY}T08:00:00Z`) });
    expect((await summarize({}, range)).totals[0]?.cost).toBe('4');
    expect(await reasons(range)).toEqual(['s1: 2026-04-22 is not over: its costs still come in.']);
    await publish(ledger, { tenantId, days, charges, publishedAt: new Date('2026-04-23T00:00:10Z') });
    expect(await reasons(range)).toEqual([]);
  });

  it('adds up a period per currency, service, provider and day', async () => {
    await publish(ledger, {
      tenantId,
      days: BOTH,
      charges: [
        on('01', '4'),
        on('10', '1'),
        on('11', '1.5', { amortizedCost: '1' }),
        on('20', '2.5', { serviceName: 'Storage', amortizedCost: '3' }),
        on('20', '7', { currency: 'EUR' }),
        on('20', '-0.5', { serviceName: null }),
      ],
    });
    // The day after is not in the period.
    await publish(ledger, { tenantId, days: { from: '2026-04-21', to: '2026-04-21' }, charges: [on('21', '99')] });
    const summary = await summarize();
    expect(summary).toMatchObject({ ...PERIOD, previous: { from: '2026-04-01', to: '2026-04-10' }, incomplete: [] });
    const euro = 'The previous period cost nothing, so there is no ratio.';
    expect(summary.totals).toEqual([
      {
        currency: 'EUR',
        cost: '7',
        amortized_cost: '7',
        previous_cost: null,
        previous_amortized_cost: null,
        change_ratio: null,
        reason: euro,
      },
      {
        currency: 'USD',
        cost: '3.5',
        amortized_cost: '3.5',
        previous_cost: '5',
        previous_amortized_cost: '5',
        change_ratio: '-0.3',
        reason: null,
      },
    ]);
    expect(summary.by_service).toEqual([
      { service_name: 'Compute', currency: 'EUR', cost: '7', amortized_cost: '7' },
      { service_name: 'Storage', currency: 'USD', cost: '2.5', amortized_cost: '3' },
      { service_name: 'Compute', currency: 'USD', cost: '1.5', amortized_cost: '1' },
      { service_name: null, currency: 'USD', cost: '-0.5', amortized_cost: '-0.5' },
    ]);
    expect(summary.by_provider).toEqual([
      { provider: 'Microsoft', currency: 'EUR', cost: '7', amortized_cost: '7' },
      { provider: 'Microsoft', currency: 'USD', cost: '3.5', amortized_cost: '3.5' },
    ]);
    expect(summary.daily).toEqual([
      { date: '2026-04-11', currency: 'USD', cost: '1.5', amortized_cost: '1' },
      { date: '2026-04-20', currency: 'EUR', cost: '7', amortized_cost: '7' },
      { date: '2026-04-20', currency: 'USD', cost: '2', amortized_cost: '2.5' },
    ]);
  });

  it('never shows sums of one state with what another one lacks', async () => {
    expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-11 to 2026-04-20: not read yet.']);
    await publish(ledger, { tenantId, days: BOTH, charges: [on('11', '1')] });
    const [whole, again] = [await summarize(), await summarize()];
    expect([whole.totals[0]?.cost, whole.incomplete]).toEqual(['1', []]);
    expect(again).toEqual(whole);
    expect(again.as_of).toBeInstanceOf(Date);
    await addSubscription(logins.owner, tenantId, 's2');
    expect(await reasons()).toEqual(['s2: No billed cost for 2026-04-11 to 2026-04-20: not read yet.']);
  });

  it('is whole over all tenants where a subscription was read under another one before, but not for one tenant', async () => {
    const before = await addTenant(logins.owner, `before-${tenants}`);
    const shared = `shared-${tenants}`;
    await addSubscription(logins.owner, tenantId, shared);
    await addSubscription(logins.owner, before, shared);
    await logins.owner.pool.query('UPDATE subscriptions SET read_elsewhere = true WHERE tenant_id = $1', [before]);
    const first = { from: '2026-04-01', to: '2026-04-14' };
    const since = { from: '2026-04-15', to: '2026-04-20' };
    const one = (day: string) => on(day, '1', { subscriptionId: shared });
    await publish(ledger, { tenantId: before, days: first, subscriptionId: shared, charges: [one('12')] });
    await publish(ledger, { tenantId, days: since, subscriptionId: shared, charges: [one('16')] });
    const asked = (filter: Filter) =>
      repository.summarize(ALL_TENANTS, { subscription_id: shared, ...filter }, PERIOD, TODAY);
    const all = await asked({});
    expect([all.totals[0]?.cost, all.incomplete]).toEqual(['2', []]);
    const own = await asked({ tenant_id: tenantId });
    expect(own.totals[0]?.cost).toBe('1');
    expect(own.incomplete).toMatchObject([
      {
        subscription_id: shared,
        reason: expect.stringContaining('No billed cost for 2026-04-11 to 2026-04-14') as string,
      },
    ]);
  });

  it('narrows to what is asked for, and to the tenants of the scope', async () => {
    await addSubscription(logins.owner, tenantId, 's2');
    await publish(ledger, {
      tenantId,
      days: BOTH,
      charges: [on('11', '1'), on('12', '2', { serviceName: 'Storage' })],
    });
    await publish(ledger, {
      tenantId,
      days: BOTH,
      subscriptionId: 's2',
      charges: [on('11', '4', { subscriptionId: 's2' })],
    });
    await publishFile(ledger, {
      tenantId,
      charges: [on('11', '8', { provider: 'AWS', subscriptionId: 'a', currency: 'EUR' })],
    });
    const other = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await publish(ledger, { tenantId: other, charges: [on('11', '16')] });
    const total = async (filter: Filter) =>
      (await summarize(filter)).totals.map(({ currency, cost }) => `${cost} ${currency}`);
    expect(await total({})).toEqual(['8 EUR', '7 USD']);
    expect(await total({ subscription_id: 'S2' })).toEqual(['4 USD']);
    expect(await total({ service_name: 'Storage' })).toEqual(['2 USD']);
    expect(await total({ provider: 'AWS' })).toEqual(['8 EUR']);
    expect(await total({ currency: 'EUR' })).toEqual(['8 EUR']);
    expect(await total({ tenant_id: other })).toEqual([]);
  });

  describe('compares with the previous period', () => {
    const change = async (before: string, now: string) => {
      await publish(ledger, { tenantId, days: BOTH, charges: [on('05', before), on('15', now)] });
      const { change_ratio, reason } = (await summarize()).totals[0]!;
      return { change_ratio, reason };
    };
    const reason = 'The previous period cost nothing, so there is no ratio.';

    it.each([
      ['3', '4', { change_ratio: '0.333333', reason: null }],
      ['4', '4', { change_ratio: '0', reason: null }],
      ['-2', '1', { change_ratio: '1.5', reason: null }],
      ['0', '4', { change_ratio: null, reason }],
    ])('%s, then %s', async (before, now, answer) => expect(await change(before, now)).toEqual(answer));

    it('not where that was not read, and says so', async () => {
      await publish(ledger, {
        tenantId,
        days: { from: '2026-04-02', to: '2026-04-20' },
        charges: [on('05', '1'), on('15', '1')],
      });
      const { totals, incomplete } = await summarize();
      expect(incomplete).toEqual([]);
      expect(totals[0]).toMatchObject({
        change_ratio: null,
        reason: 'The previous period (2026-04-01 to 2026-04-10) is not covered for 1 subscription.',
      });
    });

    it('not where the period itself is incomplete', async () => {
      await publish(ledger, {
        tenantId,
        days: { from: '2026-04-01', to: '2026-04-19' },
        charges: [on('05', '1'), on('15', '1')],
      });
      expect((await summarize()).totals[0]).toMatchObject({
        change_ratio: null,
        reason: 'The period itself is incomplete for 1 subscription.',
      });
    });

    it('although effective cost is missing: the ratio is one of billed cost', async () => {
      await publish(ledger, {
        tenantId,
        kind: 'actual',
        days: BOTH,
        charges: [on('05', '2', { amortizedCost: null }), on('15', '3', { amortizedCost: null })],
      });
      const { totals, incomplete } = await summarize();
      expect(totals).toMatchObject([{ change_ratio: '0.5', reason: null, amortized_cost: null }]);
      expect(incomplete).toHaveLength(1);
    });
  });

  describe('says what it leaves out', () => {
    it('a subscription that was never read', async () => {
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-11 to 2026-04-20: not read yet.']);
      expect((await summarize()).incomplete[0]).toMatchObject({ tenant_id: tenantId, provider: 'Microsoft' });
    });

    it('days that were not read, each range of them', async () => {
      for (const [from, to] of [
        ['2026-04-01', '2026-04-12'],
        ['2026-04-14', '2026-04-18'],
      ] as const) {
        await publish(ledger, { tenantId, days: { from, to }, charges: [] });
      }
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-13, 2026-04-19 to 2026-04-20: not read yet.']);
      expect(await reasons({ from: '2026-04-14', to: '2026-04-18' })).toEqual([]);
    });

    it('with what the last window of those days said', async () => {
      await window(BOTH, 'failed', 'The network broke.', { minutesAgo: 30 });
      await window(BOTH, 'unavailable', 'The offer has no costs.', { minutesAgo: 20 });
      await window(BOTH, 'cancelled', 'The run was cancelled.', { minutesAgo: 5 });
      await window({ from: '2026-05-01', to: '2026-05-02' }, 'failed', 'Another month.');
      await window(BOTH, 'failed', 'Another subscription.', { subscriptionId: 's2' });
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-11 to 2026-04-20: The offer has no costs.']);
    });

    it('without blaming a failure of days that were read since', async () => {
      await window({ from: '2026-04-01', to: '2026-04-18' }, 'failed', 'The network broke.', { minutesAgo: 30 });
      await publish(ledger, { tenantId, days: { from: '2026-04-01', to: '2026-04-18' }, charges: [] });
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-19 to 2026-04-20: not read yet.']);
    });

    it('with days that were read and have been forgotten since, but not with those that were not over', async () => {
      const read = { from: '2026-04-01', to: '2026-04-18' };
      await window(read, 'succeeded', null);
      expect(await reasons()).toEqual([
        's1: No billed cost for 2026-04-11 to 2026-04-20: what was read of it is no longer kept.',
      ]);
      await publish(ledger, { tenantId, days: read, charges: [] });
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-19 to 2026-04-20: not read yet.']);
      const running = { from: '2026-04-01', to: dayOf(new Date()) };
      await window(running, 'succeeded', null);
      expect(await reasons()).toEqual(['s1: No billed cost for 2026-04-19 to 2026-04-20: not read yet.']);
    });

    it('effective cost that the source does not have, with the reason its window gave', async () => {
      await publish(ledger, {
        tenantId,
        kind: 'actual',
        days: BOTH,
        charges: [on('12', '1', { amortizedCost: null })],
      });
      const gap = 's1: No effective (amortized) cost for 2026-04-11 to 2026-04-20:';
      expect(await reasons()).toEqual([`${gap} the source carries billed cost only.`]);
      await window(BOTH, 'succeeded', 'The offer has no amortized cost.');
      expect(await reasons()).toEqual([`${gap} The offer has no amortized cost.`]);
    });

    it('nothing of removed subscriptions and removed tenants', async () => {
      await logins.owner.pool.query('UPDATE subscriptions SET removed_at = now() WHERE tenant_id = $1', [tenantId]);
      expect(await reasons()).toEqual([]);
      await logins.owner.pool.query('UPDATE subscriptions SET removed_at = NULL WHERE tenant_id = $1', [tenantId]);
      await logins.owner.pool.query('UPDATE tenants SET removed_at = now() WHERE id = $1', [tenantId]);
      expect(await reasons()).toEqual([]);
    });
  });

  describe('of an imported sub-account', () => {
    beforeEach(async () => {
      await logins.owner.pool.query('UPDATE subscriptions SET removed_at = now() WHERE tenant_id = $1', [tenantId]);
      await addSubscription(logins.owner, tenantId, 'a1', { source: 'import', provider: 'AWS' });
    });
    const aws = (day: string) => on(day, '1', { provider: 'AWS', subscriptionId: 'a1' });

    it('expects nothing outside of the months that its files cover', async () => {
      expect(await reasons()).toEqual([]);
      await publishFile(ledger, { tenantId, days: { from: '2026-04-01', to: '2026-04-09' }, charges: [aws('05')] });
      expect(await reasons()).toEqual([]);
    });

    it('says which days of a period its files leave out', async () => {
      await publishFile(ledger, { tenantId, days: { from: '2026-04-01', to: '2026-04-12' }, charges: [aws('05')] });
      expect(await reasons()).toEqual(['a1: No billed cost for 2026-04-13 to 2026-04-20: no import has these days.']);
    });

    it('is complete from one file for each kind of cost', async () => {
      const files = { tenantId, days: BOTH };
      await publishFile(ledger, { ...files, kind: 'amortized', charges: [aws('12')] });
      expect(await reasons()).toEqual(['a1: No billed cost for 2026-04-11 to 2026-04-20: no import has these days.']);
      await publishFile(ledger, { ...files, kind: 'actual', charges: [aws('12')] });
      expect(await reasons()).toEqual([]);
    });
  });

  describe('of a billing account, for costs that have no subscription', () => {
    beforeEach(() =>
      logins.owner.pool.query('UPDATE subscriptions SET removed_at = now() WHERE tenant_id = $1', [tenantId]),
    );
    const purchase = (day: string, cost = '10') => on(day, cost, { provider: 'IBM', subscriptionId: null });

    it('says which days its files leave out, and compares no part with a whole', async () => {
      const file = { tenantId, charges: [purchase('02'), purchase('12')] };
      await publishFile(ledger, { ...file, days: { from: '2026-04-01', to: '2026-04-15' } });
      const { totals, incomplete } = await summarize();
      expect(incomplete).toEqual([
        {
          tenant_id: tenantId,
          provider: 'IBM',
          subscription_id: null,
          reason:
            'No billed cost of the billing account account for 2026-04-16 to 2026-04-20: no import has these days.',
        },
      ]);
      expect(totals).toMatchObject([{ cost: '10', change_ratio: null }]);
      expect(await reasons({ from: '2026-04-01', to: '2026-04-10' })).toEqual([]);
      expect((await summarize({ subscription_id: 's9' })).incomplete).toEqual([]);
      expect((await summarize({ provider: 'AWS' })).incomplete).toEqual([]);
    });

    it('is whole where its files are, whether or not they have such costs', async () => {
      const other = on('12', '1', { provider: 'IBM', subscriptionId: 'removed' });
      await publishFile(ledger, {
        tenantId,
        days: { from: '2026-04-01', to: '2026-04-30' },
        charges: [purchase('02'), other],
      });
      expect((await summarize()).incomplete).toEqual([]);
      expect((await summarize()).totals).toMatchObject([{ change_ratio: '-0.9' }]);
    });
  });

  it('is as of the latest publication that speaks for the period', async () => {
    const at = (hour: number) => new Date(`2026-05-02T0${hour}:00:00Z`);
    expect((await summarize()).as_of).toBeNull();
    await publish(ledger, { tenantId, days: BOTH, publishedAt: at(3), charges: [on('12', '1')] });
    await publish(ledger, { tenantId, subscriptionId: 's2', days: BOTH, publishedAt: at(4), charges: [] });
    const may = { from: '2026-05-01', to: '2026-05-01' };
    await publish(ledger, { tenantId, month: '2026-05-01', days: may, publishedAt: at(9), charges: [] });
    expect((await summarize()).as_of).toEqual(at(4));
    expect((await summarize({ subscription_id: 'S1' })).as_of).toEqual(at(3));
    expect((await summarize({ subscription_id: 's2' })).as_of).toEqual(at(4));
    expect((await summarize({ provider: 'AWS' })).as_of).toBeNull();
    expect((await summarize({}, may)).as_of).toEqual(at(9));
  });
});

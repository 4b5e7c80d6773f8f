import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays, monthEnd, type Day } from '#core/day.js';
import { oneTenant } from '#core/scope.js';
import {
  addSubscription,
  addTenant,
  charge,
  openTestLogins,
  publish,
  type TestLogins,
} from '../../../test/harness/ledger.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import { RecommendationRepository } from '../repositories/recommendation.repository.js';
import { verifyExecuted } from './verification.js';

const EXECUTED = '2026-04-20';

describe('what was carried out', () => {
  let logins: TestLogins;
  let ledger: CostLedger;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    ledger = new CostLedger(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
    await logins.owner.pool.query(
      `INSERT INTO recommendations (tenant_id, source, source_id, rule, category, title, subscription_id, resource_id, status,
         executed_at, currency, estimated_monthly_savings, first_seen_at, last_seen_at)
       VALUES ($1, 'rules', 'x', 'unattached-disk', 'waste', 'Delete it', 's1', '/a', 'executed', $2, 'USD', 300,
         '2026-04-01', '2026-04-01')`,
      [tenantId, `${EXECUTED}T12:00:00Z`],
    );
  });

  /** The resource's cost of each day of the months that are read, by a function of the day. */
  const charged = async (until: Day, amountOn: (day: Day) => string | null, changes = {}) => {
    for (const month of ['2026-03-01', '2026-04-01', '2026-05-01']) {
      const last = until < monthEnd(month) ? until : monthEnd(month);
      if (last < month) continue;
      const charges = [];
      for (let day: Day = month; day <= last; day = addDays(day, 1)) {
        const amount = amountOn(day);
        if (amount !== null)
          charges.push(charge({ day, resourceId: '/a', cost: amount, amortizedCost: amount, ...changes }));
      }
      await publish(ledger, { tenantId, charges, month, days: { from: month, to: last } });
    }
  };
  const verify = async (at: string) => {
    const target = {
      tenantId,
      source: 'rules',
      subscriptionId: 's1',
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(at),
    };
    await logins.worker.transaction(oneTenant(tenantId), (tx) => verifyExecuted(tx, target));
    const repository = new RecommendationRepository(logins.api);
    const [item] = (await repository.list(oneTenant(tenantId), {}, { pageSize: 5 })).items;
    return { saved: item!.verified_monthly_savings, ...item!.verification } as Record<string, unknown>;
  };
  const events = async () =>
    (
      await logins.owner.pool.query<{ kind: string }>('SELECT kind FROM recommendation_events WHERE tenant_id = $1', [
        tenantId,
      ])
    ).rows.map(({ kind }) => kind);

  it('is verified when the days after cost less than the days before', async () => {
    await charged('2026-05-05', (day) => (day < EXECUTED ? '10' : day === EXECUTED ? '5' : null));
    expect(await verify('2026-05-06T02:00:00Z')).toEqual({
      saved: '300',
      status: 'verified',
      settled: false,
      days_before: 30,
      days_after: 15,
      daily_cost_before: '10',
      daily_cost_after: '0',
      normal_variation: '0',
    });
    expect(await events()).toEqual(['verified']);
    await verify('2026-05-06T03:00:00Z');
    expect(await events()).toEqual(['verified']);
  });

  it('is not judged within the first week', async () => {
    await charged('2026-04-26', (day) => (day < EXECUTED ? '10' : null));
    expect(await verify('2026-04-27T02:00:00Z')).toMatchObject({ saved: null, status: 'too_early', days_after: 6 });
  });

  it('is not yet visible where the cost has not moved', async () => {
    await charged('2026-05-05', () => '10');
    expect(await verify('2026-05-06T02:00:00Z')).toMatchObject({ saved: null, status: 'not_yet_visible' });
    expect(await events()).toEqual([]);
  });

  it('is not yet visible where the difference is what days differ by anyway', async () => {
    // 2 on one day and 18 on the next, a mean of 10, against a mean of 9 afterwards.
    await charged('2026-05-05', (day) => {
      const even = Number(day.slice(8)) % 2 === 0;
      return day <= EXECUTED ? (even ? '2' : '18') : even ? '1' : '17';
    });
    const answer = await verify('2026-05-06T02:00:00Z');
    expect(answer).toMatchObject({ saved: null, status: 'not_yet_visible' });
    expect(Number(answer['normal_variation'])).toBeGreaterThan(1);
  });

  it('does not save what a commitment pays for', async () => {
    await charged('2026-05-05', (day) => (day < EXECUTED ? '10' : null), { pricingModel: 'Reservation' });
    expect(await verify('2026-05-06T02:00:00Z')).toMatchObject({ saved: null, status: 'not_yet_visible' });
  });

  it.each(['SavingsPlan', 'Savings Plan', 'Committed', 'reservation'])(
    'does not save what is paid for by %s, as sources call commitments',
    async (pricingModel) => {
      await charged('2026-05-05', (day) => (day < EXECUTED ? '10' : null), { pricingModel });
      expect(await verify('2026-05-06T02:00:00Z')).toMatchObject({ saved: null, status: 'not_yet_visible' });
    },
  );

  it('is verified by costs that were imported for many subscriptions at once', async () => {
    for (const month of ['2026-03-01', '2026-04-01', '2026-05-01']) {
      const days = Array.from({ length: 31 }, (_, index) => addDays(month, index)).filter(
        (day) => day <= monthEnd(month),
      );
      const charges = days
        .filter((day) => day < EXECUTED)
        .map((day) => charge({ day, resourceId: '/a', cost: '10', amortizedCost: '10' }));
      const others = days.map((day) =>
        charge({ day, resourceId: '/b', subscriptionId: 's2', cost: '1', amortizedCost: '1' }),
      );
      const own = [charge({ day: month, resourceId: '/other', cost: '1', amortizedCost: '1' })];
      await publish(ledger, {
        tenantId,
        charges: [...charges, ...others, ...own],
        source: 'import',
        subscriptionId: null,
        month,
      });
    }
    expect(await verify('2026-06-01T02:00:00Z')).toMatchObject({ saved: '300', status: 'verified', settled: true });
  });

  it('is verified by billed cost where there is no effective cost', async () => {
    for (const month of ['2026-03-01', '2026-04-01', '2026-05-01']) {
      const days = Array.from({ length: 31 }, (_, index) => addDays(month, index)).filter(
        (day) => day <= monthEnd(month),
      );
      const charges = days
        .filter((day) => day < EXECUTED)
        .map((day) => charge({ day, resourceId: '/a', cost: '10', amortizedCost: null }));
      await publish(ledger, { tenantId, charges, kind: 'actual', month });
    }
    expect(await verify('2026-06-01T02:00:00Z')).toMatchObject({ saved: '300', status: 'verified', settled: true });
  });

  it('is settled after thirty days and then left alone', async () => {
    await charged('2026-05-20', (day) => (day < EXECUTED ? '10' : '4'));
    expect(await verify('2026-05-21T02:00:00Z')).toMatchObject({ saved: '180', settled: true });
    await charged('2026-05-22', () => '10');
    expect(await verify('2026-05-23T02:00:00Z')).toMatchObject({ saved: '180', settled: true });
  });

  it('without published costs is not judged', async () => {
    expect(await verify('2026-05-06T02:00:00Z')).toMatchObject({ saved: null, status: 'too_early', days_before: 0 });
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecommendationRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import { RecommendationRepository } from './recommendation.repository.js';
import { SavingsSummaryRepository } from './savings-summary.repository.js';
import { addSubscription, addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { proof } from '../../../test/harness/ingestion.js';

describe('recommendations of a source', () => {
  let logins: TestLogins;
  let recommendations: RecommendationRepository;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    recommendations = new RecommendationRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
  });

  const record = (sourceId: string, changes: Partial<RecommendationRecord> = {}): RecommendationRecord => ({
    sourceId,
    rule: 'advisor/x',
    category: 'cost',
    title: 'Do it',
    reason: null,
    action: null,
    risk: null,
    effort: null,
    savingsLow: null,
    savingsHigh: null,
    monthlyCost: null,
    confidenceParts: {},
    subscriptionId: 's1',
    resourceId: `/${sourceId}`,
    impact: 'High',
    estimatedMonthlySavings: '10',
    currency: 'USD',
    savingsMethod: 'stated',
    confidence: '0.9',
    alternativeOf: null,
    suppressed: false,
    evidence: {},
    ...changes,
  });
  let minute = 0;
  const publish = async (records: RecommendationRecord[], changes: Parameters<typeof proof>[0] = {}) => {
    const startedAt = new Date(Date.UTC(2026, 3, 20, 0, (minute += 1)));
    const target = {
      tenantId,
      source: 'advisor',
      subscriptionId: null,
      range: null,
      runId: crypto.randomUUID(),
      startedAt,
    };
    const sink = await recommendations.openSink(target);
    await sink.add(records);
    await sink.publish(proof({ subscriptionsSeen: ['s1'], ...changes }), async () => undefined);
  };
  const stored = async () =>
    (await recommendations.list(oneTenant(tenantId), {}, { pageSize: 50 })).items.toSorted((a, b) =>
      a.resource_id!.localeCompare(b.resource_id!),
    );
  const potential = async () =>
    (await new SavingsSummaryRepository(logins.worker).summary(oneTenant(tenantId), {})).potential;

  it('are resolved by a complete read that no longer has them, where it covers their subscription', async () => {
    await publish([record('a'), record('b'), record('c', { subscriptionId: 's2' })]);
    await publish([record('b')], { complete: false });
    expect((await stored()).map(({ observed }) => observed)).toEqual(['present', 'present', 'present']);
    await publish([record('b')]);
    expect((await stored()).map(({ observed }) => observed)).toEqual(['resolved', 'present', 'present']);
    await publish([record('a'), record('b')]);
    expect((await stored()).map(({ observed }) => observed)).toEqual(['present', 'present', 'present']);
  });

  it.each(['read_elsewhere = true', `state = 'Unlisted'`, 'removed_at = now()'])(
    'are not among what is present while their subscription is not read: %s',
    async (change) => {
      const present = async () =>
        (await recommendations.list(oneTenant(tenantId), { observed: 'present' }, { pageSize: 5 })).total;
      await publish([record('a')]);
      expect([await present(), (await potential()).length]).toEqual([1, 1]);
      await logins.owner.pool.query(`UPDATE subscriptions SET ${change} WHERE tenant_id = $1`, [tenantId]);
      expect([await present(), (await potential()).length]).toEqual([0, 0]);
      expect(await stored()).toHaveLength(1);
    },
  );

  it('leave what people decided alone', async () => {
    await publish([record('a')]);
    await logins.owner.pool.query(`UPDATE recommendations SET status = 'dismissed' WHERE tenant_id = $1`, [tenantId]);
    await publish([record('a', { estimatedMonthlySavings: '99' })]);
    expect(await stored()).toMatchObject([{ status: 'dismissed', estimated_monthly_savings: '99' }]);
  });

  it('never add a guess to amounts that are known, nor currencies to each other, nor what is silenced', async () => {
    await publish([
      record('a', { estimatedMonthlySavings: '10.05' }),
      record('b', { estimatedMonthlySavings: '0.1' }),
      record('c', { estimatedMonthlySavings: '500', savingsMethod: 'guessed' }),
      record('d', { estimatedMonthlySavings: '7', currency: 'EUR' }),
      record('e', { estimatedMonthlySavings: '1000', suppressed: true }),
    ]);
    expect(await potential()).toEqual([
      { currency: 'EUR', savings_method: 'stated', recommendations: 1, estimated_monthly_savings: '7' },
      { currency: 'USD', savings_method: 'guessed', recommendations: 1, estimated_monthly_savings: '500' },
      { currency: 'USD', savings_method: 'stated', recommendations: 2, estimated_monthly_savings: '10.15' },
    ]);
  });

  it.each([
    ['removed', 'removed_at = now()'],
    ['no longer listed', `state = 'Unlisted'`],
    ['read under another tenant', 'read_elsewhere = true'],
    ['known from files alone', `source = 'import'`],
  ])('count for nothing where the subscription is %s', async (_, change) => {
    await publish([record('a')]);
    expect(await potential()).toHaveLength(1);
    await logins.owner.pool.query(`UPDATE subscriptions SET ${change} WHERE tenant_id = $1`, [tenantId]);
    expect(await potential()).toEqual([]);
  });

  it('count one of alternatives, and one of two commitments for the same usage', async () => {
    const variant = (id: string, savings: string, alternativeOf: string) =>
      record(id, { estimatedMonthlySavings: savings, alternativeOf, resourceId: null });
    await publish([
      variant('r1', '100', 'commitment/reservation/s1/vm/d4/we'),
      variant('r2', '140', 'commitment/reservation/s1/vm/d4/we'),
      variant('r3', '30', 'commitment/reservation/s1/vm/e8/we'),
      variant('p1', '150', 'commitment/savings-plan/s1/compute'),
      variant('p2', '90', 'commitment/savings-plan/s1/compute'),
      record('a', { estimatedMonthlySavings: '5' }),
    ]);
    // Two reservations (140 + 30) beat the plan (150).
    expect(await potential()).toEqual([
      { currency: 'USD', savings_method: 'stated', recommendations: 3, estimated_monthly_savings: '175' },
    ]);
  });
});

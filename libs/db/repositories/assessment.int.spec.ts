import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AssessmentRecord, RecommendationRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import { addSubscription, addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { proof } from '../../../test/harness/ingestion.js';
import { AssessmentRepository } from './assessment.repository.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { DataVersionRepository } from './data-version.repository.js';
import { RecommendationDecisionRepository } from './recommendation-decision.repository.js';
import { RecommendationRepository } from './recommendation.repository.js';

const RULE = 'unattached-disk';
const ACTOR = { tenantId: null, id: 'someone', name: null, correlationId: null };

describe('assessments of a subscription', () => {
  let logins: TestLogins;
  let assessments: AssessmentRepository;
  let recommendations: RecommendationRepository;
  let decisions: RecommendationDecisionRepository;
  let tenantId: string;
  let day = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    assessments = new AssessmentRepository(logins.worker);
    recommendations = new RecommendationRepository(logins.worker);
    decisions = new RecommendationDecisionRepository(logins.api, new AuditLogRepository(logins.api));
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(day += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
  });

  const finding = (resource: string, changes: Partial<RecommendationRecord> = {}): RecommendationRecord => ({
    sourceId: `${RULE}:${resource}`,
    rule: RULE,
    category: 'waste',
    title: 'Delete it',
    reason: 'Nobody uses it.',
    subscriptionId: 's1',
    resourceId: resource,
    impact: 'Medium',
    action: 'remove',
    risk: 'low',
    effort: 'low',
    estimatedMonthlySavings: '10',
    savingsLow: '9',
    savingsHigh: '11',
    monthlyCost: '10',
    currency: 'EUR',
    savingsMethod: 'measured',
    confidence: '0.9',
    confidenceParts: { condition: 0.9, method: 1, data: 1 },
    alternativeOf: null,
    suppressed: false,
    evidence: {},
    ...changes,
  });
  const assessment = (changes: Partial<AssessmentRecord> = {}): AssessmentRecord => ({
    rule: RULE,
    subscriptionId: 's1',
    examined: 3,
    found: [],
    undecided: [],
    ...changes,
  });
  let minute = 0;
  const publish = async (...records: AssessmentRecord[]) => {
    const startedAt = new Date(Date.UTC(2026, 3, 20, 0, (minute += 1)));
    const target = {
      tenantId,
      source: 'rules',
      subscriptionId: 's1',
      range: null,
      runId: crypto.randomUUID(),
      startedAt,
    };
    const sink = await assessments.openSink(target);
    await sink.add(records);
    await sink.publish(proof(), async () => undefined);
  };
  const stored = async () =>
    (await recommendations.list(oneTenant(tenantId), {}, { pageSize: 50 })).items.toSorted((a, b) =>
      String(a.resource_id).localeCompare(String(b.resource_id)),
    );
  const states = async () =>
    (await stored()).map(({ resource_id, status, observed }) => `${resource_id} ${status} ${observed}`);
  const events = async () =>
    (
      await logins.owner.pool.query<{ kind: string; to_status: string }>(
        'SELECT kind, to_status FROM recommendation_events WHERE tenant_id = $1 ORDER BY id',
        [tenantId],
      )
    ).rows.map(({ kind, to_status }) => `${kind} ${to_status}`);
  const move = async (name: 'approve' | 'execute' | 'dismiss' | 'reject', until: Date | null = null) => {
    const [item] = await stored();
    const decision = { move: name, reason: 'so', expectedStatus: null, until, executedAt: null };
    await decisions.decide(oneTenant(tenantId), item!.id, decision, ACTOR);
  };

  it('that are the same change nothing', async () => {
    await publish(assessment({ found: [finding('/a'), finding('/b')] }));
    const before = await stored();
    await publish(assessment({ found: [finding('/a'), finding('/b', { estimatedMonthlySavings: '10.9' })] }));
    expect(await events()).toEqual(['found open', 'found open']);
    expect((await stored()).map(({ id, first_seen_at }) => [id, first_seen_at])).toEqual(
      before.map(({ id, first_seen_at }) => [id, first_seen_at]),
    );
  });

  it('tell when savings are no longer what they were', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await publish(assessment({ found: [finding('/a', { estimatedMonthlySavings: '11.01' })] }));
    await publish(
      assessment({ found: [finding('/a', { estimatedMonthlySavings: '11.01', savingsMethod: 'priced' })] }),
    );
    expect(await events()).toEqual(['found open', 'changed open', 'changed open']);
  });

  it('resolve what is mended or gone, with the day, and bring back what returns with its history', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await publish(assessment());
    expect((await stored())[0]).toMatchObject({
      observed: 'resolved',
      status: 'open',
      resolved_at: expect.any(Date) as Date,
    });
    await publish(assessment());
    await publish(assessment({ found: [finding('/a')] }));
    expect((await stored())[0]).toMatchObject({ observed: 'present', status: 'open', resolved_at: null });
    expect(await events()).toEqual(['found open', 'resolved open', 'returned open']);
  });

  it('resolve nothing that a rule could not judge', async () => {
    await publish(assessment({ found: [finding('/a'), finding('/b'), finding('/c', { resourceId: null })] }));
    await publish(
      assessment({
        found: [],
        undecided: [
          { resourceId: '/a', reason: 'no_metrics' },
          { resourceId: null, reason: 'no_costs' },
        ],
      }),
    );
    expect(await states()).toEqual(['/a open present', '/b open resolved', 'null open present']);
  });

  it('of another subscription resolve nothing here', async () => {
    await addSubscription(logins.owner, tenantId, 's2');
    await publish(assessment({ found: [finding('/a'), finding('/z', { subscriptionId: 's2' })] }));
    await publish(assessment());
    expect(await states()).toEqual(['/a open resolved', '/z open present']);
  });

  it('never fight what people decided', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await move('dismiss');
    await publish(assessment({ found: [finding('/a', { estimatedMonthlySavings: '99' })] }));
    expect(await states()).toEqual(['/a dismissed present']);
    await publish(assessment());
    await publish(assessment({ found: [finding('/a')] }));
    expect(await states()).toEqual(['/a dismissed present']);
  });

  it('open again what was carried out, went away and is back; not what was never gone', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await move('approve');
    await move('execute');
    await publish(assessment({ found: [finding('/a')] }));
    expect(await states()).toEqual(['/a executed present']);
    await publish(assessment());
    expect(await states()).toEqual(['/a executed resolved']);
    await logins.owner.pool.query(
      `UPDATE recommendations SET verified_monthly_savings = 9, verification = '{"status": "verified"}' WHERE tenant_id = $1`,
      [tenantId],
    );
    await publish(assessment({ found: [finding('/a')] }));
    expect(await states()).toEqual(['/a open present']);
    expect((await stored())[0]).toMatchObject({
      executed_at: null,
      verified_monthly_savings: null,
      verification: null,
    });
  });

  it('of an attempt that began earlier change nothing of a later one', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await publish(assessment({ found: [finding('/a')] }));
    const [before] = await stored();
    minute -= 2;
    await publish(assessment({ found: [finding('/a', { title: 'Older' })] }));
    minute += 1;
    expect(await stored()).toMatchObject([{ title: 'Delete it', last_seen_at: before!.last_seen_at }]);
  });

  it('of two workers at once are told of once', async () => {
    const found = Array.from({ length: 50 }, (_, index) => finding(`/${index}`));
    await Promise.all([
      publish(assessment({ found })),
      publish(assessment({ found: found.toReversed() })),
      publish(assessment({ found })),
    ]);
    expect(await events()).toEqual(found.map(() => 'found open'));
  });

  it('of an attempt that began earlier do not bring back what a later one saw gone', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    minute += 1;
    await publish(assessment());
    minute -= 2;
    await publish(assessment({ found: [finding('/a')] }));
    minute += 1;
    expect(await states()).toEqual(['/a open resolved']);
    expect(await events()).toEqual(['found open', 'resolved open']);
  });

  it('say how much was examined and what could not be judged', async () => {
    await publish(
      assessment({
        examined: 5,
        found: [finding('/a')],
        undecided: [
          { resourceId: '/b', reason: 'no_metrics' },
          { resourceId: '/c', reason: 'no_metrics' },
        ],
      }),
      assessment({ rule: 'other', examined: 0 }),
    );
    const rows = async () =>
      (
        await logins.owner.pool.query(
          'SELECT rule, examined, found, not_evaluated FROM rule_evaluations WHERE tenant_id = $1 ORDER BY rule',
          [tenantId],
        )
      ).rows as unknown[];
    expect(await rows()).toEqual([
      { rule: 'other', examined: 0, found: 0, not_evaluated: {} },
      { rule: RULE, examined: 5, found: 1, not_evaluated: { no_metrics: 2 } },
    ]);
    // A rule that no longer exists leaves no numbers behind.
    await publish(assessment({ examined: 1 }));
    expect(await rows()).toEqual([{ rule: RULE, examined: 1, found: 0, not_evaluated: {} }]);
  });

  it('are scored by savings, confidence, effort, risk and age, the parts of which add up', async () => {
    await publish(
      assessment({
        found: [
          finding('/a', { estimatedMonthlySavings: '10000', confidence: '1' }),
          finding('/b', { estimatedMonthlySavings: '9', effort: 'high', risk: 'high', confidence: '0.5' }),
          finding('/c', { estimatedMonthlySavings: null, savingsMethod: null, currency: null, risk: null }),
        ],
      }),
    );
    const items = await stored();
    expect(items.map(({ score_parts }) => score_parts)).toEqual([
      { savings: 45, confidence: 20, effort: 15, risk: 15, age: 0 },
      { savings: 11.2, confidence: 10, effort: 3, risk: 3, age: 0 },
      { savings: 0, confidence: 18, effort: 15, risk: 7.5, age: 0 },
    ]);
    expect(items.map(({ score }) => score)).toEqual(['95', '27.2', '40.5']);
  });

  describe('dismissed for a time', () => {
    it('open again when it is over, and not before', async () => {
      await publish(assessment({ found: [finding('/a')] }));
      const until = new Date('2026-05-01T00:00:00Z');
      await move('dismiss', until);
      const worker = new RecommendationDecisionRepository(logins.worker, new AuditLogRepository(logins.worker));
      await worker.endExpired(new Date(until.getTime() - 1));
      expect(await states()).toEqual(['/a dismissed present']);
      await worker.endExpired(until);
      expect(await states()).toEqual(['/a open present']);
      expect(await events()).toEqual(['found open', 'dismissed dismissed', 'reopened open']);
      await worker.endExpired(until);
      expect(await events()).toHaveLength(3);
    });
  });

  it('are silenced until an exemption is ended, which readers of an unchanged answer are told', async () => {
    await publish(assessment({ found: [finding('/a')] }));
    await logins.owner.pool.query(
      `INSERT INTO recommendation_exemptions (tenant_id, rule, reason, author_id, expires_at)
       VALUES ($1, $2, 'Later', 'someone', '2026-05-01T00:00:00Z')`,
      [tenantId, RULE],
    );
    const versions = new DataVersionRepository(logins.api);
    const silenced = async () => (await stored()).map(({ suppressed }) => suppressed);
    const before = await versions.current(oneTenant(tenantId));
    expect(await silenced()).toEqual([true]);
    await new RecommendationDecisionRepository(logins.worker, new AuditLogRepository(logins.worker)).endExpired(
      new Date('2026-05-01T00:00:00Z'),
    );
    expect(await silenced()).toEqual([false]);
    expect(await versions.current(oneTenant(tenantId))).not.toBe(before);
  });
});

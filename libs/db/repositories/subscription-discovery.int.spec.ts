import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import { openCostSink } from '../ledger/cost-sink.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import type { SinkTarget } from '../record-sink.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { SubscriptionTargetRepository } from './subscription-target.repository.js';
import { SubscriptionRepository } from './subscription.repository.js';
import { proof } from '../../../test/harness/ingestion.js';
import { addSubscription, addTenant, charge, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';

describe('discovered subscriptions', () => {
  let logins: TestLogins;
  let registry: SubscriptionRepository;
  let subscriptions: SubscriptionTargetRepository;
  let tenants = 0;
  /** A provider and its customer, by our ids. */
  let provider: string;
  let customer: string;
  let names: { provider: string; customer: string };
  beforeAll(async () => {
    logins = await openTestLogins();
    registry = new SubscriptionRepository(logins.worker, new AuditLogRepository(logins.worker));
    subscriptions = new SubscriptionTargetRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    // A subscription is read under one tenant only.
    await logins.owner.pool.query('UPDATE tenants SET removed_at = now()');
    names = { provider: `azure-provider-${(tenants += 1)}`, customer: `azure-customer-${tenants}` };
    provider = await addTenant(logins.owner, `provider-${tenants}`, names.provider);
    customer = await addTenant(logins.owner, `customer-${tenants}`, names.customer);
  });

  const record = (subscriptionId: string, changes: Partial<SubscriptionRecord> = {}): SubscriptionRecord => ({
    subscriptionId,
    displayName: subscriptionId,
    state: 'Enabled',
    quotaId: null,
    homeTenantId: null,
    managedBy: [],
    ...changes,
  });
  const target = (tenantId: string): SinkTarget => ({
    tenantId,
    source: 'subscriptions',
    subscriptionId: null,
    range: null,
    runId: null as never,
    startedAt: new Date(),
  });
  const discover = async (tenantId: string, found: SubscriptionRecord[], complete = true) => {
    const sink = await subscriptions.openSink(target(tenantId));
    await sink.add(found);
    await sink.publish(proof({ complete }), async () => undefined);
  };
  const read = async (tenantId: string) => {
    await subscriptions.chooseReaders();
    return (await subscriptions.targets(tenantId)).map(({ subscriptionId }) => subscriptionId);
  };
  const owner = (text: string, values: unknown[]) => logins.owner.pool.query(text, values);
  const stateOf = async (tenantId: string, id: string) =>
    (await registry.list(oneTenant(tenantId), { subscription_id: id }, { pageSize: 1 })).items[0];

  it('are known with where they live and who manages them', async () => {
    await discover(provider, [record('s1', { homeTenantId: names.customer, managedBy: [names.provider] })]);
    expect(await stateOf(provider, 's1')).toMatchObject({
      home_tenant_id: names.customer,
      managed_by: [names.provider],
      source: 'discovery',
    });
  });

  it('that are delegated are read once: under their own tenant where that is registered', async () => {
    const delegated = record('shared', { homeTenantId: names.customer, managedBy: [names.provider] });
    await discover(provider, [delegated, record('own', { homeTenantId: names.provider })]);
    expect(await read(provider)).toEqual(['own', 'shared']);
    await discover(customer, [delegated]);
    expect(await read(provider)).toEqual(['own']);
    expect(await read(customer)).toEqual(['shared']);
    // The customer leaves: the provider reads on.
    await owner('UPDATE tenants SET removed_at = now() WHERE id = $1', [customer]);
    expect(await read(provider)).toEqual(['own', 'shared']);
  });

  it('that are delegated stay with a credential that works', async () => {
    const delegated = record('lit', { homeTenantId: names.customer, managedBy: [names.provider] });
    await discover(provider, [delegated]);
    // Typed in, never listed: nobody knows whether the customer's own credential would read it.
    await addSubscription(logins.owner, customer, 'lit');
    expect(await read(provider)).toEqual(['lit']);
    expect(await read(customer)).toEqual([]);
    await discover(customer, [delegated]);
    expect(await read(customer)).toEqual(['lit']);
    await owner(`UPDATE subscriptions SET listed_at = now() - interval '3 days' WHERE tenant_id = $1`, [customer]);
    expect(await read(provider)).toEqual(['lit']);
    expect(await read(customer)).toEqual([]);
  });

  describe('whose reader changes', () => {
    let moved: string;
    beforeEach(() => void (moved = `moved-${tenants}`));
    const publish = async (tenantId: string, from: string, to: string, amount: string, publishedAt = '2026-05-20') => {
      const sink = await openCostSink(new CostLedger(logins.worker), {
        ...target(tenantId),
        source: 'cost-management',
        subscriptionId: moved,
        range: { from, to },
        startedAt: new Date(`${publishedAt}T12:00:00Z`),
      });
      const days = Number(to.slice(8)) - Number(from.slice(8)) + 1;
      const dayOf = (index: number) => `${from.slice(0, 8)}${String(Number(from.slice(8)) + index).padStart(2, '0')}`;
      await sink.add(
        Array.from({ length: days }, (_, index) =>
          charge({ subscriptionId: moved, day: dayOf(index), cost: amount, amortizedCost: amount }),
        ),
      );
      await sink.publish(proof(), async () => undefined);
      await sink.discard();
    };
    const totals = async () =>
      (
        await owner(
          `SELECT tenant_id, day::text AS day, sum(cost)::float8 AS cost FROM cost_daily_totals
           WHERE subscription_id = $1 GROUP BY 1, 2 ORDER BY 2, 1`,
          [moved],
        )
      ).rows as { tenant_id: string; day: string; cost: number }[];

    it('take their days along: no sum holds a day twice, and revisions tell', async () => {
      await publish(provider, '2026-05-01', '2026-05-04', '10');
      await publish(customer, '2026-05-03', '2026-05-06', '11');
      expect(await totals()).toEqual([
        { tenant_id: provider, day: '2026-05-01', cost: 10 },
        { tenant_id: provider, day: '2026-05-02', cost: 10 },
        ...['03', '04', '05', '06'].map((day) => ({ tenant_id: customer, day: `2026-05-${day}`, cost: 11 })),
      ]);
      const { rows } = await owner(
        `SELECT tenant_id, day::text AS day, old_cost::float8 AS old, new_cost, old_rows::int, new_rows::int
         FROM cost_day_revisions WHERE tenant_id = ANY($1) ORDER BY day`,
        [[provider, customer]],
      );
      expect(rows).toEqual(
        ['03', '04'].map((day) => ({
          tenant_id: provider,
          day: `2026-05-${day}`,
          old: 10,
          new_cost: null,
          old_rows: 1,
          new_rows: 0,
        })),
      );
      const facts = await owner(`SELECT count(*)::int AS n FROM costs_daily WHERE tenant_id = $1`, [provider]);
      expect(facts.rows[0]).toEqual({ n: 2 });
      const covered = await owner(`SELECT covered::text FROM cost_datasets WHERE tenant_id = $1`, [provider]);
      expect(covered.rows).toEqual([{ covered: '{[2026-05-01,2026-05-03)}' }]);
    });

    it('leave closed months where they were published', async () => {
      await discover(customer, [record(moved, { homeTenantId: names.customer })]);
      await publish(provider, '2026-04-01', '2026-04-30', '10');
      await subscriptions.chooseReaders();
      expect((await subscriptions.targets(customer))[0]).toMatchObject({
        costsCovered: [{ from: '2026-04-01', to: '2026-04-30' }],
      });
    });

    it('have one owner a day though both publish at once', async () => {
      await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          publish(index % 2 === 0 ? provider : customer, '2026-05-01', '2026-05-03', String(index + 1)),
        ),
      );
      expect((await totals()).map(({ day }) => day)).toEqual(['2026-05-01', '2026-05-02', '2026-05-03']);
    });
  });

  it('that are no longer listed are kept but not read, until they are back', async () => {
    await addSubscription(logins.owner, provider, 'by-hand');
    await discover(provider, [record('s1'), record('s2')]);
    await discover(provider, [record('s2')]);
    expect(await read(provider)).toEqual(['by-hand', 's2']);
    expect(await stateOf(provider, 's1')).toMatchObject({ state: 'Unlisted' });
    await discover(provider, [record('s1', { state: 'Disabled' }), record('s2')]);
    expect(await read(provider)).toEqual(['by-hand', 's1', 's2']);
    expect(await stateOf(provider, 's1')).toMatchObject({ state: 'Disabled' });
  });

  it('are not given up because of a list that is empty or not whole', async () => {
    await discover(provider, [record('s1'), record('s2')]);
    await discover(provider, []);
    await discover(provider, [record('s2')], false);
    expect(await read(provider)).toEqual(['s1', 's2']);
  });

  it('say when they were asked for costs last, and what Azure has none of', async () => {
    await discover(provider, [record('s1'), record('s2')]);
    const { rows } = await owner(
      `INSERT INTO ingestion_runs (tenant_id, mode, source, request_key) VALUES ($1, 'full', 'cli', gen_random_uuid()::text)
       RETURNING id`,
      [provider],
    );
    const ended = (subscriptionId: string, from: string, status: string, lasting: boolean, ago: string) =>
      owner(
        `INSERT INTO ingestion_windows (tenant_id, run_id, stage, connector, scope, subscription_id, from_day, to_day, status,
           lasting, finished_at)
         VALUES ($1, $2, 'estate', 'cost-management', $3, $3, $4::date, coalesce($5::date, (now() AT TIME ZONE 'UTC')::date),
           $6, $7, now() - $8::interval)`,
        [provider, rows[0].id, subscriptionId, from, from === 'today' ? null : '2026-02-28', status, lasting, ago],
      );
    await ended('s1', '2026-02-01', 'unavailable', true, '1 day');
    await ended('s2', '2026-02-01', 'unavailable', false, '1 hour');
    await ended('s2', 'today', 'failed', false, '2 hours');
    const [s1, s2] = await subscriptions.targets(provider);
    expect(s1).toMatchObject({ costsAskedAt: null, costsUnavailable: [{ from: '2026-02-01', to: '2026-02-28' }] });
    // A missing role or an import in the way may be mended any time, so only what Azure has none of counts.
    expect(s2!.costsUnavailable).toEqual([]);
    const askedAgoMs = Date.now() - Date.parse(s2!.costsAskedAt!);
    expect(askedAgoMs / 3_600_000).toBeCloseTo(2, 1);
  });
});

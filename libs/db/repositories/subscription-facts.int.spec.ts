import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addDays } from '#core/day.js';
import type { SubscriptionFacts } from '#core/facts.js';
import { proof, resourceRecord } from '../../../test/harness/ingestion.js';
import {
  addSubscription,
  addTenant,
  charge,
  openTestLogins,
  publish,
  type TestLogins,
} from '../../../test/harness/ledger.js';
import { CostLedger } from '../ledger/cost-ledger.js';
import { ResourceRepository } from './resource.repository.js';
import { SubscriptionFactsRepository } from './subscription-facts.repository.js';

const TODAY = '2026-05-11';

describe('the facts about a subscription', () => {
  let logins: TestLogins;
  let ledger: CostLedger;
  let facts: SubscriptionFactsRepository;
  let resources: ResourceRepository;
  let tenantId: string;
  let tenants = 0;
  beforeAll(async () => {
    logins = await openTestLogins();
    ledger = new CostLedger(logins.worker);
    facts = new SubscriptionFactsRepository(logins.worker);
    resources = new ResourceRepository(logins.worker);
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
    tenantId = await addTenant(logins.owner, `tenant-${(tenants += 1)}`);
    await addSubscription(logins.owner, tenantId, 's1');
  });

  const read = async (names: string[], at: string, complete = true) => {
    const target = {
      tenantId,
      source: 'resource-graph',
      subscriptionId: null,
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(at),
    };
    const sink = await resources.openSink(target);
    await sink.add(names.map((name) => resourceRecord(name, { managedBy: '/owner', properties: { size: 1 } })));
    await sink.publish(proof({ complete, subscriptionsSeen: ['s1'] }), async () => undefined);
  };
  const load = async () => {
    const loaded = await facts.load(tenantId, 's1', TODAY);
    expect(loaded).toBeTypeOf('object');
    return loaded as SubscriptionFacts;
  };
  /** April and the first ten days of May, one charge of `amount` a day. */
  const days = (from: string, to: string, amount: string, changes = {}) => {
    const charges = [];
    for (let day = from; day <= to; day = addDays(day, 1)) {
      charges.push(charge({ day, cost: amount, amortizedCost: amount, ...changes }));
    }
    return charges;
  };
  const both = async (amount = '1', changes = {}) => {
    await publish(ledger, { tenantId, charges: days('2026-04-01', '2026-04-30', amount, changes) });
    await publish(ledger, {
      tenantId,
      charges: days('2026-05-01', '2026-05-10', amount, changes),
      month: '2026-05-01',
      days: { from: '2026-05-01', to: '2026-05-10' },
    });
  };

  it('are there once the inventory was read whole', async () => {
    expect(await facts.load(tenantId, 's1', TODAY)).toBe('inventory_not_read');
    await read(['/a', '/b'], '2026-05-11T01:00:00Z');
    expect(await load()).toMatchObject({
      inventoryAt: new Date('2026-05-11T01:00:00Z'),
      resources: [{ resourceId: '/a', managedBy: '/owner', properties: { size: 1 } }, { resourceId: '/b' }],
      costs: null,
    });
  });

  it('are none after a read that was cut short, until one is whole again', async () => {
    await read(['/a', '/b'], '2026-05-11T01:00:00Z');
    await read(['/a'], '2026-05-11T02:00:00Z', false);
    expect(await facts.load(tenantId, 's1', TODAY)).toBe('inventory_incomplete');
    await read(['/a'], '2026-05-11T03:00:00Z');
    expect((await load()).resources.map(({ resourceId }) => resourceId)).toEqual(['/a']);
  });

  it('have the costs of the last 30 days that are over, summed by what was paid for and how', async () => {
    await read(['/a'], '2026-05-11T01:00:00Z');
    await both('1.10', { resourceId: '/a' });
    const { costs } = await load();
    expect(costs).toMatchObject({ from: '2026-04-11', to: '2026-05-10', days: 30, amounts: 'effective' });
    expect(costs!.costs).toEqual([
      {
        resourceId: '/a',
        meterCategory: 'Virtual Machines',
        pricingModel: 'OnDemand',
        chargeType: 'Usage',
        currency: 'USD',
        amount: '33',
        weeks: ['7.7', '7.7', '7.7', '7.7'],
        firstDay: '2026-04-11',
      },
    ]);
  });

  it('take billed cost where nothing effective was published, and say so', async () => {
    await read(['/a'], '2026-05-11T01:00:00Z');
    const charges = days('2026-04-01', '2026-04-30', '2', { amortizedCost: null });
    await publish(ledger, { tenantId, charges, kind: 'actual' });
    // The last day of April is eleven days back: too long ago to say what a month costs now.
    expect((await load()).costs).toBeNull();
    const { costs } = (await facts.load(tenantId, 's1', '2026-05-05')) as SubscriptionFacts;
    expect(costs).toMatchObject({ from: '2026-04-01', to: '2026-04-30', days: 30, amounts: 'billed' });
    expect(costs!.costs[0]!.amount).toBe('60');
  });

  it('count only days that were published', async () => {
    await read(['/a'], '2026-05-11T01:00:00Z');
    const range = { from: '2026-05-01', to: '2026-05-10' };
    await publish(ledger, { tenantId, charges: days(range.from, range.to, '3'), month: '2026-05-01', days: range });
    expect((await load()).costs).toMatchObject({ from: '2026-04-11', to: '2026-05-10', days: 10 });
  });

  it('are the tenant’s own', async () => {
    await read(['/a'], '2026-05-11T01:00:00Z');
    await both();
    const other = await addTenant(logins.owner, `other-${tenants}`);
    expect(await facts.load(other, 's1', TODAY)).toBe('inventory_not_read');
  });
});

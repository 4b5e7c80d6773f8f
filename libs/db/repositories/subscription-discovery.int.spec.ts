import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SubscriptionRecord } from '#core/records.js';
import { oneTenant } from '#core/scope.js';
import { AuditLogRepository } from './audit-log.repository.js';
import { SubscriptionRepository } from './subscription.repository.js';
import { addSubscription, addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';

describe('discovered subscriptions', () => {
  let logins: TestLogins;
  let subscriptions: SubscriptionRepository;
  let tenants = 0;
  /** A provider and its customer, by our ids. */
  let provider: string;
  let customer: string;
  let names: { provider: string; customer: string };
  beforeAll(async () => {
    logins = await openTestLogins();
    subscriptions = new SubscriptionRepository(logins.worker, new AuditLogRepository(logins.worker));
  });
  afterAll(() => logins.close());
  beforeEach(async () => {
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
  const discover = (tenantId: string, found: SubscriptionRecord[], isComplete = true) =>
    logins.worker.transaction(oneTenant(tenantId), (tx) =>
      subscriptions.storeDiscovered(tx, tenantId, found, isComplete),
    );
  const read = async (tenantId: string) =>
    (await subscriptions.targets(tenantId)).map(({ subscriptionId }) => subscriptionId);
  const stateOf = async (tenantId: string, id: string) =>
    (await subscriptions.list(oneTenant(tenantId), { subscription_id: id }, { pageSize: 1 })).items[0];

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
    await logins.owner.pool.query('UPDATE tenants SET removed_at = now() WHERE id = $1', [customer]);
    expect(await read(provider)).toEqual(['own', 'shared']);
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
});

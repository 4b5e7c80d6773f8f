import { describe, expect, it } from 'vitest';
import { FakeAzure } from '../testing/fake-azure.js';
import { apiOver, checkAll, subscription, TENANT } from '../testing/read-harness.js';
import { resourceGraphConnector } from './resource-graph.connector.js';

/** What the check says of the known subscriptions when Resource Graph answers the readable ones. */
function check(known: readonly string[], readable: readonly string[]) {
  const data = readable.map((id) => ({ id: `/subscriptions/${id}`, subscriptionId: id.toUpperCase() }));
  const json = { totalRecords: data.length, count: data.length, resultTruncated: 'false', data };
  const azure = new FakeAzure(() => ({ json }));
  const subscriptions = known.map((subscriptionId) => subscription({ subscriptionId }));
  return checkAll(resourceGraphConnector(apiOver(azure)), { subscriptions });
}

const ROOT = `/providers/Microsoft.Management/managementGroups/${TENANT.azureTenantId}`;

describe('the check of the inventory', () => {
  it('names each subscription that is left out, and the role on it', async () => {
    expect(await check(['a', 'b', 'c'], ['b'])).toMatchObject([
      { outcome: 'ok', reason: '1 of 3 known subscriptions are readable.' },
      { outcome: 'missing-role', subject: 'subscription a', grant: { role: 'Reader', scope: '/subscriptions/a' } },
      { outcome: 'missing-role', subject: 'subscription c', grant: { role: 'Reader', scope: '/subscriptions/c' } },
    ]);
  });

  it('says once that many are left out', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `s-${index + 10}`);
    expect(await check(ids, ['s-10'])).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'missing-role', subject: '29 subscriptions, among them s-11, s-12, s-13', grant: { scope: ROOT } },
    ]);
  });

  it('takes no readable subscription at all for a missing role', async () => {
    expect(await check(['a', 'b'], [])).toMatchObject([{ outcome: 'missing-role', grant: { scope: ROOT } }]);
    expect(await check(['a'], [])).toMatchObject([{ outcome: 'missing-role', grant: { scope: '/subscriptions/a' } }]);
  });

  it('asks for everything while no subscription is known', async () => {
    expect(await check([], ['a'])).toMatchObject([
      { outcome: 'ok', reason: "1 of the tenant's subscriptions are readable." },
    ]);
    expect(await check([], [])).toMatchObject([{ outcome: 'missing-role' }]);
  });
});

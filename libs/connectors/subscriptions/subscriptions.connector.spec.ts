import { describe, expect, it } from 'vitest';
import { IncompleteReadError, PermissionError } from '#core/errors.js';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer } from '../testing/fake-azure.js';
import { apiOver, readAll } from '../testing/read-harness.js';
import { subscriptionsConnector } from './subscriptions.connector.js';

const WINDOW = { scope: 'tenant', subscriptionId: null, range: null };

function read(...answers: FakeAnswer[]) {
  const azure = new FakeAzure(() => answers.shift() ?? { status: 404 });
  return { azure, outcome: readAll(subscriptionsConnector(apiOver(azure)), WINDOW) };
}

describe('subscriptions', () => {
  it('are listed page by page', async () => {
    const next = `${RESOURCE_MANAGER_URL}/subscriptions?api-version=2022-12-01&$skiptoken=2`;
    const { azure, outcome } = read(
      {
        json: {
          value: [
            {
              subscriptionId: 'AAAA-1',
              displayName: 'Production',
              state: 'Warned',
              tenantId: 'T-HOME',
              managedByTenants: [{ tenantId: 'T-MANAGING' }],
              subscriptionPolicies: { quotaId: 'EnterpriseAgreement_2014-09-01' },
            },
          ],
          nextLink: next,
        },
      },
      { json: { value: [{ subscriptionId: 'b', state: 'Strange' }, { subscriptionId: 'aaaa-1' }] } },
    );
    const { records, proof } = await outcome;
    expect(records).toEqual([
      {
        subscriptionId: 'aaaa-1',
        displayName: 'Production',
        state: 'Warned',
        quotaId: 'EnterpriseAgreement_2014-09-01',
        homeTenantId: 't-home',
        managedBy: ['t-managing'],
      },
      { subscriptionId: 'b', displayName: 'b', state: 'Unknown', quotaId: null, homeTenantId: null, managedBy: [] },
    ]);
    expect(proof).toMatchObject({
      pages: 2,
      rows: 3,
      complete: true,
      subscriptionsSeen: ['aaaa-1', 'b'],
      unavailable: null,
    });
    expect(azure.requests.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
      `GET ${RESOURCE_MANAGER_URL}/subscriptions?api-version=2022-12-01`,
      `GET ${next}`,
    ]);
  });

  it.each([
    ['is empty, but leads on', []],
    ['repeats what came before', [{ subscriptionId: 'a' }]],
  ])('are not trusted to be all there are when a page %s', async (reason, value) => {
    const link = (page: number) => `${RESOURCE_MANAGER_URL}/subscriptions?$skiptoken=${page}`;
    const { records, proof } = await read(
      { json: { value: [{ subscriptionId: 'a' }], nextLink: link(2) } },
      { json: { value, nextLink: link(3) } },
      { json: { value: [{ subscriptionId: 'c' }] } },
    ).outcome;
    expect(records.map(({ subscriptionId }) => subscriptionId)).toEqual(['a', 'c']);
    expect(proof).toMatchObject({
      complete: false,
      incompleteReason: `Page 2 of the list of subscriptions ${reason}.`,
    });
  });

  it('that nobody may see are explained: Azure answers an empty list, not a refusal', async () => {
    const { proof } = await read({ json: { value: [] } }).outcome;
    expect(proof.unavailable?.action).toMatch(/Grant the role "Reader"/);
  });

  it('without an id, or no list at all, make the answer unusable', async () => {
    await expect(read({ json: { value: [{ displayName: 'x' }] } }).outcome).rejects.toThrow(IncompleteReadError);
    await expect(read({ json: {} }).outcome).rejects.toThrow(IncompleteReadError);
    await expect(read({ status: 403 }).outcome).rejects.toMatchObject({
      missingRole: 'Reader',
    } satisfies Partial<PermissionError>);
  });
});

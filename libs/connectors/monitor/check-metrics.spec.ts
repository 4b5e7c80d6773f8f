import { describe, expect, it } from 'vitest';
import { FakeAzure, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { apiOver, checkAll, SUBSCRIPTION_ID } from '../testing/read-harness.js';
import { monitorConnector } from './monitor.connector.js';

const VM = `/subscriptions/${SUBSCRIPTION_ID}/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm-1`;
const RESOURCE = {
  resourceId: VM,
  subscriptionId: SUBSCRIPTION_ID,
  type: 'microsoft.compute/virtualmachines',
  location: 'westeurope',
};
const DENIED: FakeAnswer = { status: 401, json: { error: { code: 'AuthorizationFailed', message: 'no' } } };

/** What the three addresses answer that the check may ask. */
function azureWith({ batch, single, graph }: { batch?: FakeAnswer; single?: FakeAnswer; graph?: FakeAnswer }) {
  return new FakeAzure(({ url }: FakeRequest) => {
    if (url.pathname.includes('getBatch')) return batch ?? { json: { values: [{ resourceid: VM, value: [] }] } };
    if (url.pathname.endsWith('/metrics')) return single ?? { json: { value: [] } };
    return graph ?? { json: { totalRecords: 0, count: 0, resultTruncated: 'false', data: [] } };
  });
}

const check = (azure: FakeAzure, resources = [RESOURCE]) => checkAll(monitorConnector(apiOver(azure)), { resources });

describe("the check of Monitor's two ways", () => {
  it('asks for one metric of one resource over one hour', async () => {
    const azure = azureWith({});
    expect(await check(azure)).toMatchObject([{ outcome: 'ok', subject: `subscription ${SUBSCRIPTION_ID}` }]);
    expect(azure.requests).toHaveLength(1);
    const { url, json } = azure.requests[0]!;
    expect(json).toEqual({ resourceids: [VM] });
    expect(url.searchParams.get('metricnames')).toBe('Percentage CPU');
    const [from, to] = ['starttime', 'endtime'].map((name) => Date.parse(url.searchParams.get(name)!));
    expect(to! - from!).toBe(3_600_000);
  });

  it('names the role where only the single resources answer', async () => {
    const [result] = await check(azureWith({ batch: DENIED }));
    expect(result).toMatchObject({
      outcome: 'missing-role',
      reason: expect.stringMatching(/^One by one works, the batch endpoint does not: /),
      grant: { role: 'Monitoring Reader', scope: `/subscriptions/${SUBSCRIPTION_ID}` },
    });
  });

  it('tells a batch endpoint that is out of reach from a missing role', async () => {
    const [result] = await check(azureWith({ batch: { network: 'ENOTFOUND' } }));
    expect(result).toMatchObject({
      outcome: 'unavailable',
      reason: expect.stringContaining('ENOTFOUND'),
      action: expect.stringContaining('private endpoints'),
      grant: null,
    });
  });

  it('says why neither way is open', async () => {
    const [result] = await check(azureWith({ batch: { status: 400, json: { code: 'x' } }, single: DENIED }));
    expect(result).toMatchObject({
      outcome: 'missing-role',
      reason: expect.stringMatching(/Monitoring Reader.*The batch endpoint does not answer either: .*400/s),
      grant: { role: 'Monitoring Reader' },
    });
  });

  it('finds a machine to ask before there is an inventory', async () => {
    const machine = { id: VM.toUpperCase(), subscriptionId: SUBSCRIPTION_ID, location: 'westeurope' };
    const graph = { json: { totalRecords: 1, count: 1, resultTruncated: 'false', data: [machine] } };
    const azure = azureWith({ graph });
    expect(await check(azure, [])).toMatchObject([{ outcome: 'ok' }]);
    expect(azure.requests.at(-1)?.json).toEqual({ resourceids: [VM] });
    expect(await check(azureWith({}), [])).toMatchObject([{ outcome: 'not-asked' }]);
    const denied = { status: 403, json: { error: { code: 'AuthorizationFailed', message: 'no' } } };
    expect(await check(azureWith({ graph: denied }), [])).toMatchObject([
      { outcome: 'missing-role', grant: { role: 'Reader' } },
    ]);
  });
});

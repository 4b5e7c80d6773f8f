import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

let client: SandboxClient;
let headers: Record<string, string>;
const ids = new Map<string, string>();
beforeAll(async () => {
  client = await SandboxClient.start({ subscriptions: 1 });
  headers = await client.authorize();
  const answer = await client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
    headers,
    body: { query: 'Resources | project id, type' },
  });
  for (const { id, type } of answer.json().data) ids.set(type, id);
});
afterAll(() => client.stop());

const metrics = (type: string, query: Record<string, string> = {}): Promise<Answer> =>
  client.call(
    'GET',
    `${ids.get(type) ?? ''}/providers/Microsoft.Insights/metrics?${new URLSearchParams({ 'api-version': '2023-10-01', ...query }).toString()}`,
    { headers },
  );
const TIMESPAN = '2026-03-18T00:00:00Z/2026-03-18T06:00:00Z';
const STORAGE = 'microsoft.storage/storageaccounts';

describe('metrics of one resource', () => {
  it('come in the recorded shape, with names in their own casing', async () => {
    const answer = await metrics(STORAGE, { metricnames: 'ingress,EGRESS', timespan: TIMESPAN, interval: 'PT1H' });
    expect(answer.json()).toMatchObject({
      cost: 2 * 359,
      timespan: TIMESPAN,
      interval: 'PT1H',
      value: [
        { name: { value: 'Ingress', localizedValue: 'Ingress' }, unit: 'Bytes', errorCode: 'Success' },
        { name: { value: 'Egress', localizedValue: 'Egress' }, unit: 'Bytes', errorCode: 'Success' },
      ],
      namespace: 'Microsoft.Storage/storageAccounts',
      resourceregion: expect.any(String),
    });
    const [point] = answer.json().value[0].timeseries[0].data;
    // Nothing was asked to be aggregated: the metric's own aggregation is answered.
    expect(point).toEqual({ timeStamp: '2026-03-18T00:00:00Z', total: expect.any(Number) });
    expect(answer.headers['x-ms-request-id']).toMatch(/^\{[0-9a-f-]{36}\}$/);
    expect(answer.headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('249');
  });

  it('are known for databases, plans, disks and accounts', async () => {
    for (const [type, metric] of [
      ['microsoft.sql/servers/databases', 'cpu_percent'],
      ['microsoft.web/serverfarms', 'MemoryPercentage'],
      ['microsoft.compute/disks', 'Composite Disk Read Bytes/sec'],
      [STORAGE, 'UsedCapacity'],
    ] as const) {
      const answer = await metrics(type, { metricnames: metric, timespan: TIMESPAN, interval: 'PT1H' });
      expect([type, answer.status]).toEqual([type, 200]);
    }
  });

  it('count their buckets from the start of the span, cut to the minute', async () => {
    const answer = await metrics(STORAGE, {
      metricnames: 'Transactions',
      interval: 'P1D',
      timespan: '2026-03-15T23:59:59Z/2026-03-17T23:59:59Z',
    });
    expect(answer.json().value[0].timeseries[0].data.map(({ timeStamp }: { timeStamp: string }) => timeStamp)).toEqual([
      '2026-03-15T23:59:00Z',
      '2026-03-16T23:59:00Z',
    ]);
  });

  it('have a shortest interval, adjusted only on request', async () => {
    const capacity = { metricnames: 'UsedCapacity', timespan: TIMESPAN };
    expect((await metrics(STORAGE, { ...capacity, interval: 'PT5M' })).status).toBe(400);
    expect(
      (await metrics(STORAGE, { ...capacity, interval: 'PT5M', AutoAdjustTimegrain: 'true' })).json().interval,
    ).toBe('PT1H');
    const short = { ...capacity, timespan: '2026-03-18T00:00:00Z/2026-03-18T05:00:00Z' };
    expect((await metrics(STORAGE, { ...short, interval: 'PT6H', AutoAdjustTimegrain: 'true' })).json().interval).toBe(
      'PT1H',
    );
    expect((await metrics(STORAGE, { timespan: TIMESPAN, metricnames: 'Ingress' })).json().interval).toBe('PT1M');
  });

  it('are refused without an envelope', async () => {
    const answer = await metrics('microsoft.compute/virtualmachines', { metricnames: 'Percentage CPU,InvalidMetric' });
    expect(answer.status).toBe(400);
    expect(answer.json()).toEqual({
      code: 'BadRequest',
      message: expect.stringMatching(/metric: InvalidMetric, Valid metrics: Percentage CPU,Network In,Network Out,/),
    });
    expect((await metrics('microsoft.keyvault/vaults')).json().code).toBe('BadRequest');
    expect((await metrics(STORAGE, { 'api-version': '2001-01-01' })).json().error.code).toBe(
      'InvalidApiVersionParameter',
    );
  });
});

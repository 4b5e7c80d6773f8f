import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

interface Machine {
  readonly id: string;
  readonly location: string;
  readonly state: string;
  readonly truth: Awaited<ReturnType<SandboxClient['admin']>>;
}

const FROM = '2026-03-04T00:00:00Z';
const TO = '2026-03-18T00:00:00Z';
const METRICS = 'Percentage CPU,Available Memory Bytes,Network In Total';

let client: SandboxClient;
let headers: Record<string, string>;
let subscription: string;
let machines: Machine[];
beforeAll(async () => {
  client = await SandboxClient.start({ resources: 600, subscriptions: 1 });
  headers = await client.authorize();
  subscription = client.subscription(0);
  const answer = await client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
    headers,
    body: {
      query:
        "Resources | where type == 'microsoft.compute/virtualmachines' | project id, location, state = tostring(properties.extended.instanceView.powerState.code)",
    },
  });
  machines = await Promise.all(
    answer.json().data.map(async (machine: Machine) => ({
      ...machine,
      truth: await client.admin('GET', `/metrics/truth?resource=${machine.id}&from=${FROM}&to=${TO}`),
    })),
  );
});
afterAll(() => client.stop());
afterEach(async () => {
  await client.admin('PUT', '/monitor', { audience: 'both', throttleStatus: 529, callsPer30Seconds: 3000 });
  await client.admin('PUT', '/throttling', { monitor: false });
  await client.admin('PUT', `/subscriptions/${subscription}/monitor`, { access: 'allowed' });
});

function batch(ids: readonly string[], query: Record<string, string> = {}, region?: string): Promise<Answer> {
  const parameters = new URLSearchParams({
    'api-version': '2024-02-01',
    metricnamespace: 'microsoft.compute/virtualmachines',
    metricnames: METRICS,
    aggregation: 'average,minimum,maximum',
    interval: 'PT1H',
    starttime: FROM,
    endtime: TO,
    ...query,
  });
  const base = region === undefined ? '' : client.sandbox.metricsUrlTemplate.replace('{region}', region);
  return client.call('POST', `${base}/subscriptions/${subscription}/metrics:getBatch?${parameters.toString()}`, {
    headers,
    body: { resourceids: ids },
  });
}

const running = (profile: string): Machine => {
  const found = machines.find(({ truth }) => truth.profile === profile && truth.powerState === 'running');
  if (!found) throw new Error(`no running machine is ${profile}`);
  return found;
};
const data = (answer: Answer, metric = 0): { average?: number; minimum?: number; maximum?: number }[] =>
  answer.json().values[0].value[metric].timeseries[0]?.data;

describe('metrics:getBatch', () => {
  it('answers every resource in the documented shape, at most fifty', async () => {
    const { location } = machines[0] as Machine;
    const ids = machines.filter((machine) => machine.location === location).map(({ id }) => id);
    const answer = await batch(ids.slice(0, 50), {}, location);
    expect(answer.status).toBe(200);
    const { values } = answer.json();
    expect(values.map(({ resourceid }: { resourceid: string }) => resourceid)).toEqual(ids.slice(0, 50));
    expect(values[0]).toMatchObject({
      cost: 3 * (14 * 1440 - 1),
      starttime: FROM,
      endtime: TO,
      interval: 'PT1H',
      namespace: 'microsoft.compute/virtualmachines',
      resourceregion: location,
    });
    expect(values[0].value.map(({ name }: { name: { value: string } }) => name.value)).toEqual(METRICS.split(','));
    expect(values[0].value[0]).toMatchObject({
      id: `${ids[0] ?? ''}/providers/Microsoft.Insights/metrics/Percentage CPU`,
      type: 'Microsoft.Insights/metrics',
      unit: 'Percent',
      errorCode: 'Success',
    });
    expect(answer.headers).toMatchObject({
      'x-rate-limit-limit': '30s',
      'x-rate-limit-remaining': '2999',
      'x-rate-limit-reset': expect.any(String),
    });
    expect((await batch(Array<string>(51).fill(ids[0] ?? ''))).status).toBe(400);
  });

  it('says what the truth says, in any interval', async () => {
    const { id, truth } = running('normal');
    const cpu = truth.metrics['Percentage CPU'];
    const points = data(await batch([id])).filter(({ average }) => average !== undefined);
    expect(points).toHaveLength(cpu.hours);
    const mean = points.reduce((sum, { average = 0 }) => sum + average, 0) / points.length;
    expect(mean).toBeCloseTo(cpu.averageOfHours, 9);
    expect(Math.min(...points.map(({ minimum = 0 }) => minimum))).toBe(cpu.minimum);
    expect(Math.max(...points.map(({ maximum = 0 }) => maximum))).toBe(cpu.maximum);
    for (const interval of ['FULL', 'P1D', 'PT5M']) {
      const others = data(await batch([id], { interval })).filter(({ average }) => average !== undefined);
      expect(Math.max(...others.map(({ maximum = 0 }) => maximum))).toBe(cpu.maximum);
      if (interval === 'FULL') {
        expect(others).toEqual([{ timeStamp: FROM, average: cpu.average, minimum: cpu.minimum, maximum: cpu.maximum }]);
      }
    }
  });

  it('has machines of every kind', () => {
    const cpu = (profile: string): number => running(profile).truth.metrics['Percentage CPU'].average;
    const free = (profile: string): number => running(profile).truth.metrics['Available Memory Percentage'].average;
    expect(cpu('idle')).toBeGreaterThan(2);
    expect(cpu('idle')).toBeLessThan(5);
    expect(cpu('underutilized')).toBeLessThan(10);
    expect(cpu('normal')).toBeGreaterThan(15);
    expect(cpu('busy')).toBeGreaterThan(55);
    expect(cpu('memory-bound')).toBeLessThan(10);
    expect(free('memory-bound')).toBeLessThan(10);
    expect(free('idle')).toBeGreaterThan(60);
    expect(running('no-memory-data').truth.metrics['Available Memory Bytes']).toBeNull();
    expect(running('no-data').truth.metrics['Percentage CPU']).toBeNull();
  });

  it('leaves out what was not measured', async () => {
    const withoutMemory = await batch([running('no-memory-data').id]);
    expect(data(withoutMemory, 1)).toBeUndefined();
    expect(withoutMemory.json().values[0].value[1]).toMatchObject({ timeseries: [], errorCode: 'Success' });

    const off = machines.filter(({ truth, state }) => state.endsWith('/deallocated') && truth.profile !== 'no-data');
    const shapes = await Promise.all(off.map(async ({ id }) => data(await batch([id]))));
    const gaps = shapes.filter((points) => points !== undefined);
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.length).toBeLessThan(shapes.length);
    expect(gaps[0]).toHaveLength(336);
    expect(gaps[0]?.every((point) => Object.keys(point).join() === 'timeStamp')).toBe(true);

    const { id } = running('idle');
    const future = data(await batch([id], { starttime: '2026-03-20T08:00:00Z', endtime: '2026-03-20T12:00:00Z' }));
    expect(future.map(({ average }) => average !== undefined)).toEqual([true, true, false, false]);
    const gone = await batch([`${id}-gone`]);
    expect(gone.json().values[0].value[0].timeseries).toEqual([]);
  });

  it('refuses resources that do not belong together', async () => {
    const [first, ...others] = machines as [Machine, ...Machine[]];
    const elsewhere = others.find(({ location }) => location !== first.location) as Machine;
    const foreign = first.id.replace(subscription, client.subscription(0, 1));
    for (const [ids, region] of [
      [[first.id, elsewhere.id]],
      [[first.id], elsewhere.location],
      [[first.id, foreign]],
      [[first.id.replace('virtualMachines', 'disks')]],
      [['nonsense']],
      [[]],
    ] as [string[], string?][]) {
      const answer = await batch(ids, {}, region);
      expect([answer.status, answer.json().error.code]).toEqual([400, 'BadRequest']);
    }
  });

  it('refuses unknown metrics, intervals and versions in the envelope', async () => {
    const { id } = machines[0] as Machine;
    const unknown = await batch([id], { metricnames: 'Percentage CPU,Nonsense' });
    expect(unknown.status).toBe(400);
    expect(unknown.json().error.message).toMatch(
      /^Failed to find metric configuration for provider: Microsoft\.Compute, resource Type: virtualMachines, metric: Nonsense, Valid metrics: Percentage CPU,Network In,/,
    );
    expect((await batch([id], { interval: 'PT7M' })).status).toBe(400);
    expect((await batch([id], { aggregation: 'median' })).status).toBe(400);
    expect((await batch([id], { metricnames: '' })).status).toBe(400);
    expect((await batch([id], { 'api-version': '2018-01-01' })).json().error.code).toBe('InvalidApiVersionParameter');
  });

  it('needs a role, a registered provider and a token for the right audience', async () => {
    const { id } = machines[0] as Machine;
    await client.admin('PUT', `/subscriptions/${subscription}/monitor`, { access: 'no-reader' });
    expect((await batch([id])).status).toBe(401);
    await client.admin('PUT', `/subscriptions/${subscription}/monitor`, { access: 'provider-unregistered' });
    expect((await batch([id])).status).toBe(403);
    await client.admin('PUT', `/subscriptions/${subscription}/monitor`, { access: 'allowed' });
    await client.admin('PUT', `/subscriptions/${subscription}`, { access: 'costs-only' });
    expect((await batch([id])).status).toBe(401);
    await client.admin('PUT', `/subscriptions/${subscription}`, { access: 'reader' });

    const management = headers;
    const statuses: number[] = [];
    for (const audience of ['management', 'metrics', 'both']) {
      await client.admin('PUT', '/monitor', { audience });
      for (const scope of ['https://management.azure.com/.default', 'https://metrics.monitor.azure.com/.default']) {
        headers = await client.authorize(undefined, scope);
        statuses.push((await batch([id])).status);
      }
    }
    headers = {};
    statuses.push((await batch([id])).status);
    headers = management;
    expect(statuses).toEqual([200, 401, 401, 200, 200, 200, 401]);
  });

  it('is read by the tenant a subscription is delegated to', async () => {
    const own = headers;
    const other = client.sandbox.tenants[1]?.tenantId;
    headers = await client.authorize(other);
    const { id } = machines[0] as Machine;
    expect((await batch([id])).status).toBe(401);
    await client.admin('PUT', `/subscriptions/${subscription}`, { delegatedTo: [other] });
    expect((await batch([id])).status).toBe(200);
    await client.admin('PUT', `/subscriptions/${subscription}`, { delegatedTo: [] });
    headers = own;
  });

  it('throttles with 529, or 429, when told to', async () => {
    const { id } = machines[0] as Machine;
    await client.admin('PUT', '/monitor', { callsPer30Seconds: 2 });
    await client.admin('PUT', '/throttling', { monitor: true });
    const answers = [await batch([id]), await batch([id]), await batch([id])];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 529]);
    expect(answers.map((answer) => answer.headers['x-rate-limit-remaining'])).toEqual(['1', '0', '0']);
    await client.admin('PUT', '/monitor', { throttleStatus: 429 });
    expect((await batch([id])).status).toBe(429);
  });
});

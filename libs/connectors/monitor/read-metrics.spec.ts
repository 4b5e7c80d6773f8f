import { describe, expect, it } from 'vitest';
import type { TargetResource } from '#core/connector.js';
import { FakeAzure, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { ManualClock } from '../testing/manual-clock.js';
import { apiOver, readAll, subscription, SUBSCRIPTION_ID, TENANT } from '../testing/read-harness.js';
import type { MetricProfile } from './metric-profiles.js';
import { monitorConnector } from './monitor.connector.js';

const WINDOW = { scope: SUBSCRIPTION_ID, subscriptionId: SUBSCRIPTION_ID, range: null };
const VM = 'microsoft.compute/virtualmachines';
const PLAN = 'microsoft.web/serverfarms';
const PROFILES: MetricProfile[] = [
  {
    resourceType: VM,
    metrics: [
      { name: 'Percentage CPU', value: 'average' },
      { name: 'Network In Total', value: 'total' },
    ],
  },
  { resourceType: PLAN, metrics: [{ name: 'CpuPercentage', value: 'average' }] },
];

const resource = (name: string, location: string | null = 'westeurope', type = VM): TargetResource => ({
  resourceId: `/subscriptions/${SUBSCRIPTION_ID}/${name}`,
  subscriptionId: SUBSCRIPTION_ID,
  type,
  location,
});
const ONE = resource('vm-1');
const TWO = resource('vm-2');

const isBatch = ({ url }: FakeRequest) => url.pathname.endsWith('/metrics:getBatch');
const regionOf = ({ url }: FakeRequest) => /^\/metrics\/([^/]+)\//.exec(url.pathname)?.[1];
const idsOf = (request: FakeRequest): string[] =>
  isBatch(request)
    ? request.json.resourceids
    : [request.url.pathname.replace('/providers/Microsoft.Insights/metrics', '')];
const metricsOf = ({ url }: FakeRequest) => (url.searchParams.get('metricnames') ?? '').split(',');
const answerOf = (request: FakeRequest, resourceid: string) => ({
  resourceid,
  interval: 'PT1H',
  value: metricsOf(request).map((name) => ({
    name: { value: name },
    unit: 'Percent',
    timeseries: [{ data: [{ average: 5, total: 50 }] }],
  })),
});
/** Monitor as it answers when nothing is wrong. */
const answered = (request: FakeRequest): FakeAnswer => {
  const answers = idsOf(request).map((id) => answerOf(request, id));
  return { json: isBatch(request) ? { values: answers } : answers[0] };
};
/** The same, but `special` may answer in its place. */
const monitor = (special: (request: FakeRequest) => FakeAnswer | null = () => null) =>
  new FakeAzure((request) => special(request) ?? answered(request));
const refusal = (status: number, code: string, message = 'no'): FakeAnswer => ({
  status,
  json: { error: { code, message } },
});

const read = (azure: FakeAzure, resources: TargetResource[] = [ONE, TWO], clock = new ManualClock()) =>
  readAll(monitorConnector(apiOver(azure, { clock }), PROFILES), WINDOW, { resources, clock });
const asked = ({ requests }: FakeAzure) => requests.map((each) => (isBatch(each) ? 'batch' : 'single'));
const found = ({ records }: { records: { resourceId: string; metric: string }[] }) =>
  records.map(({ resourceId, metric }) => `${resourceId.split('/').at(-1)} ${metric}`);
const EVERYTHING = [ONE, TWO].flatMap(({ resourceId }) =>
  PROFILES[0]!.metrics.map(({ name }) => `${resourceId.split('/').at(-1)} ${name}`),
);

describe('metrics', () => {
  it('are asked for fifty at a time, per region and type', async () => {
    const many = Array.from({ length: 51 }, (_, index) => resource(`vm-${String(index).padStart(2, '0')}`));
    const azure = monitor();
    const { records, proof } = await read(azure, [
      ...many,
      resource('north', 'North Europe'),
      resource('plan', 'westeurope', PLAN),
      resource('anywhere', null),
      resource('other', 'westeurope', 'microsoft.compute/disks'),
    ]);
    expect(azure.requests.map((each) => [regionOf(each), idsOf(each).length, metricsOf(each).length])).toEqual([
      ['global', 1, 2],
      ['northeurope', 1, 2],
      ['westeurope', 50, 2],
      ['westeurope', 1, 2],
      ['westeurope', 1, 1],
    ]);
    expect(records).toHaveLength(53 * 2 + 1);
    expect(proof).toMatchObject({ pages: 5, rows: 107, complete: true, unavailable: null });
    expect(azure.requests[4]?.url.searchParams.get('metricnamespace')).toBe(PLAN);
  });

  it('are asked for in whole hours of UTC, without fractions of seconds', async () => {
    const azure = monitor((request) => (isBatch(request) ? { status: 403 } : null));
    const { records } = await read(azure, [ONE], new ManualClock('2026-04-20T12:34:56.789Z'));
    const [batch, single] = azure.requests.map(({ url }) => url.searchParams);
    expect([batch?.get('starttime'), batch?.get('endtime')]).toEqual(['2026-04-06T12:00:00Z', '2026-04-20T12:00:00Z']);
    expect(single?.get('timespan')).toBe('2026-04-06T12:00:00Z/2026-04-20T12:00:00Z');
    expect(records[0]?.to.toISOString()).toBe('2026-04-20T12:00:00.000Z');
  });

  it('are asked for as the data plane wants it: ids in the body, start and end apart, no filter', async () => {
    const azure = monitor();
    await read(azure);
    const [{ method, url, json }] = azure.requests as [FakeRequest];
    expect([method, json]).toEqual(['POST', { resourceids: [ONE.resourceId, TWO.resourceId] }]);
    expect(url.pathname).toBe(`/metrics/westeurope/subscriptions/${SUBSCRIPTION_ID}/metrics:getBatch`);
    expect([...url.searchParams.keys()].toSorted()).toEqual([
      'aggregation',
      'api-version',
      'endtime',
      'interval',
      'metricnames',
      'metricnamespace',
      'starttime',
    ]);
  });

  it('are not asked for of subscriptions that are switched off, or that hold nothing to measure', () => {
    const { windows } = monitorConnector(apiOver(new FakeAzure()), PROFILES);
    const states = ['Enabled', 'Warned', 'PastDue', 'Disabled', 'Deleted'];
    const planned = windows({
      mode: 'full',
      now: new Date(),
      range: null,
      tenant: TENANT,
      subscriptions: [...states, 'Empty'].map((state) => subscription({ subscriptionId: state, state })),
      resources: new Map(states.map((state) => [state, 1])),
      regions: new Map(),
      currencies: [],
      callsLeft: null,
      backfillMonths: 1,
    });
    expect(planned.map(({ scope }) => scope)).toEqual(['Enabled', 'Warned', 'PastDue']);
  });
});

describe('the batch endpoint', () => {
  it.each<[string, FakeAnswer]>([
    ['a role is missing', refusal(403, 'AuthorizationFailed')],
    ['it says so with 401', refusal(401, 'AuthorizationFailed')],
    ['neither audience is accepted', refusal(401, 'InvalidAuthenticationTokenAudience')],
    ['the request is refused', refusal(400, 'BadRequest')],
    ['it is out of reach', { network: 'ECONNREFUSED' }],
    ['it is down', { status: 503 }],
  ])('is done without where %s', async (_name, answer) => {
    const azure = monitor((request) => (isBatch(request) ? answer : null));
    const outcome = await read(azure);
    expect(found(outcome)).toEqual(EVERYTHING);
    expect(outcome.proof).toMatchObject({ complete: true, unavailable: null });
    expect(asked(azure).filter((each) => each === 'single')).toHaveLength(2);
  });

  it('of a subscription that has not registered the provider is no reason to ask in another way', async () => {
    const azure = monitor(() => refusal(403, 'MissingSubscriptionRegistration'));
    await expect(read(azure)).rejects.toMatchObject({ name: 'UnavailableError' });
    expect(asked(azure)).toEqual(['batch']);
  });

  it.each([429, 529])('that throttles with %i is asked again, later', async (status) => {
    let refused = 2;
    const azure = monitor(() => (refused-- > 0 ? { status } : null));
    const clock = new ManualClock();
    expect(found(await read(azure, [ONE, TWO], clock))).toEqual(EVERYTHING);
    expect(asked(azure)).toEqual(['batch', 'batch', 'batch']);
    expect(clock.waits).toEqual([1_000, 2_000]);
  });

  it.each([429, 529])('that goes on throttling with %i is not swapped for fifty times the calls', async (status) => {
    const azure = monitor((request) => (isBatch(request) ? { status } : null));
    await expect(read(azure)).rejects.toMatchObject({ name: 'ThrottledError' });
    expect(asked(azure)).not.toContain('single');
  });

  it('is asked with its own audience first, and the other one where that is refused', async () => {
    const scopes: string[] = [];
    const azure = monitor(({ headers }) =>
      headers['authorization'] === 'Bearer token-1' ? refusal(401, 'InvalidAuthenticationTokenAudience') : null,
    );
    azure.identity = ((usual) => (request: FakeRequest) => {
      const scope = new URLSearchParams(request.text).get('scope');
      if (scope) scopes.push(scope);
      return usual(request);
    })(identity(azure));
    const outcome = await read(azure, [ONE, resource('north', 'northeurope')]);
    expect(outcome.records).toHaveLength(4);
    // The second region is asked with what the first one accepted.
    expect(asked(azure)).toEqual(['batch', 'batch', 'batch']);
    expect(scopes.map((scope) => scope.split(' ')[0])).toEqual([
      'https://metrics.monitor.azure.com/.default',
      'https://management.azure.com/.default',
    ]);
  });
});

describe('one resource', () => {
  it('that the batch leaves out is asked for alone', async () => {
    const azure = monitor((request) =>
      isBatch(request) ? { json: { values: [answerOf(request, ONE.resourceId.toUpperCase())] } } : null,
    );
    const outcome = await read(azure);
    expect(found(outcome)).toEqual(EVERYTHING);
    expect(azure.requests.map(idsOf)).toEqual([[ONE.resourceId, TWO.resourceId], [TWO.resourceId]]);
  });

  it.each<[string, FakeAnswer]>([
    ['is gone', refusal(404, 'ResourceNotFound')],
    ['is refused', refusal(400, 'BadRequest')],
    ['is answered without metrics', { json: { cost: 0 } }],
  ])('that %s is named, and takes no other with it', async (_name, answer) => {
    const azure = monitor((request) => {
      if (isBatch(request)) return { json: { values: [answerOf(request, TWO.resourceId)] } };
      return answer;
    });
    const outcome = await read(azure);
    expect(found(outcome)).toEqual(EVERYTHING.slice(2));
    expect(outcome.proof.complete).toBe(true);
    expect(outcome.proof.unavailable?.reason).toContain(`1 of 2 resources were read in part or not at all`);
    expect(outcome.proof.unavailable?.reason).toContain(ONE.resourceId);
  });

  it('that cannot be had for a passing reason ends the read: another attempt may have it', async () => {
    const azure = monitor((request) =>
      isBatch(request) ? { json: { values: [answerOf(request, TWO.resourceId)] } } : { status: 503 },
    );
    await expect(read(azure)).rejects.toMatchObject({ name: 'TransientSourceError' });
  });
});

describe('one metric', () => {
  /** Monitor's refusal, in the envelope of the batch endpoint or flat as Resource Manager writes it. */
  const unknown = (metric: string, flat: boolean): FakeAnswer => {
    const error = {
      code: 'BadRequest',
      message: `Failed to find metric configuration for provider: Microsoft.Compute, resource Type: virtualMachines, metric: ${metric}, Valid metrics: Percentage CPU,Disk Read Bytes`,
    };
    return { status: 400, json: flat ? error : { error } };
  };

  it('that Monitor does not know fails the whole question, which is asked again without it', async () => {
    const azure = monitor((request) =>
      metricsOf(request).includes('Network In Total') ? unknown('network in total', false) : null,
    );
    const outcome = await read(azure);
    expect(found(outcome)).toEqual(['vm-1 Percentage CPU', 'vm-2 Percentage CPU']);
    expect(azure.requests.map(metricsOf)).toEqual([['Percentage CPU', 'Network In Total'], ['Percentage CPU']]);
    expect(outcome.proof.unavailable?.reason).toMatch(/network in total of microsoft\.compute/);
  });

  it('is dropped from the questions for single resources as well', async () => {
    const azure = monitor((request) => {
      if (isBatch(request)) return { status: 403 };
      return metricsOf(request).includes('Network In Total') ? unknown('Network In Total', true) : null;
    });
    expect(found(await read(azure))).toEqual(['vm-1 Percentage CPU', 'vm-2 Percentage CPU']);
  });

  it('that is the last one left, or was not asked for, is a refusal of its resources', async () => {
    const azure = monitor((request) => unknown(metricsOf(request)[0]!, !isBatch(request)));
    const outcome = await read(azure);
    expect(outcome.records).toEqual([]);
    expect(outcome.proof.unavailable?.reason).toContain('were read in part or not at all');
    const strange = await read(monitor((request) => unknown('Never Asked', !isBatch(request))));
    expect(strange.records).toEqual([]);
  });

  it('that fails inside a good answer is named, and the others are taken', async () => {
    const azure = monitor((request) => ({
      json: {
        values: idsOf(request).map((id) => {
          const answer = answerOf(request, id);
          Object.assign(answer.value[1]!, { errorCode: 'InternalServerError', errorMessage: 'try later' });
          return answer;
        }),
      },
    }));
    const outcome = await read(azure);
    expect(found(outcome)).toEqual(['vm-1 Percentage CPU', 'vm-2 Percentage CPU']);
    expect(outcome.proof.unavailable?.reason).toContain(`${ONE.resourceId}: Network In Total: try later`);
  });
});

/** The token endpoint as the fake answers by itself. */
function identity(azure: FakeAzure) {
  return (request: FakeRequest): FakeAnswer => {
    const { origin, pathname } = request.url;
    const tenant = pathname.split('/')[1];
    if (!pathname.endsWith('/openid-configuration')) {
      return { json: { token_type: 'Bearer', expires_in: 3599, access_token: `token-${azure.tokenRequests.length}` } };
    }
    return {
      json: {
        token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
        authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
        issuer: `${origin}/${tenant}/v2.0`,
        jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      },
    };
  };
}

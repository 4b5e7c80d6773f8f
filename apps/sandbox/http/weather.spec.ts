import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

/** Real time that moves only when told to. */
class StandingClock {
  private ms = Date.now();
  now(): Date {
    return new Date(this.ms);
  }
  sleep(ms: number): Promise<void> {
    this.ms += ms;
    return Promise.resolve();
  }
}

const clock = new StandingClock();
let client: SandboxClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start({ wallClock: clock, subscriptions: 30, resources: 10, days: 100 });
});
beforeEach(async () => {
  // Hours pass in some of these tests, and tokens with them.
  headers = { ...(await client.authorize()), ClientType: 'azcops' };
});
afterAll(() => client.stop());
afterEach(async () => {
  await client.admin('PUT', '/throttling', {
    costManagement: false,
    resourceGraph: false,
    resourceManager: false,
    defaultClientTypeRemaining: 2000,
  });
  await client.admin('DELETE', '/faults');
});

const costs = (
  index: number,
  { months = 1, target = '', named = true, grouping = ['ResourceId'] as string[], tenant = 0 } = {},
): Promise<Answer> => {
  const { ClientType: _, ...anonymous } = headers;
  const path = `/subscriptions/${client.subscription(index, tenant)}/providers/Microsoft.CostManagement/query?api-version=2023-11-01&$top=20`;
  return client.call('POST', target || path, {
    headers: named ? headers : anonymous,
    body: {
      type: 'ActualCost',
      timeframe: 'Custom',
      timePeriod: { from: `2026-0${4 - months}-01`, to: '2026-03-15' },
      dataset: {
        granularity: 'Daily',
        aggregation: { c: { name: 'Cost', function: 'Sum' } },
        grouping: grouping.map((name) => ({ type: 'Dimension', name })),
      },
    },
  });
};
const graph = (options: object = {}): Promise<Answer> =>
  client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
    headers,
    body: {
      query: 'Resources | project id | order by id asc',
      options: { resultFormat: 'objectArray', $top: 20, ...options },
    },
  });
const subscriptions = (): Promise<Answer> => client.call('GET', '/subscriptions?api-version=2022-12-01', { headers });
const lake = async (): Promise<Answer> =>
  client.call('GET', '/lake/raw?resource=filesystem&recursive=true', {
    headers: await client.authorize(undefined, 'https://storage.azure.com/.default'),
  });
const own = (answer: Answer): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]) => {
      const short = /^x-ms-ratelimit-(?:(remaining)-)?microsoft\.costmanagement-(.+)$/.exec(name);
      return short ? [[`${short[1] ? 'remaining-' : ''}${short[2]}`, value]] : [];
    }),
  );

describe("Cost Management's limits", () => {
  it('are told on every answer, next to waits that mean nothing yet', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    expect(own(await costs(0, { months: 3 }))).toEqual({
      'qpu-consumed': '3',
      'qpu-remaining': 'QueriesPerHour:597,QueriesPerMin:57,QueriesPer10Sec:9',
      'remaining-entity-requests': 'DefaultQuota:3',
      'remaining-tenant-requests': 'DefaultQuota:19',
      'remaining-clienttype-requests': 'DefaultQuota:1999',
      'entity-retry-after': '60',
      'tenant-retry-after': '60',
    });
  });

  it('allow four queries a minute on a scope, and say when the next one fits', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    for (let n = 0; n < 4; n++) {
      expect((await costs(0)).status).toBe(200);
      await clock.sleep(5_000);
    }
    const refused = await costs(0);
    expect(refused.status).toBe(429);
    expect(refused.json()).toEqual({ error: { code: '429', message: 'Too many requests. Please retry.' } });
    expect(refused.headers).not.toHaveProperty('retry-after');
    expect(own(refused)).toEqual({
      'qpu-consumed': '1',
      'qpu-remaining': 'QueriesPerHour:596,QueriesPerMin:56,QueriesPer10Sec:11',
      'remaining-entity-requests': 'DefaultQuota:0',
      'remaining-tenant-requests': 'DefaultQuota:16',
      'remaining-clienttype-requests': 'DefaultQuota:1996',
      'entity-retry-after': '40',
    });
    await clock.sleep(40_000);
    expect((await costs(0)).status).toBe(200);
  });

  it('count months per tenant, also those that others ask for', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    for (let n = 0; n < 4; n++) expect((await costs(n, { months: 3 })).status).toBe(200);
    const refused = await costs(4);
    expect([refused.status, own(refused)['qpu-retry-after']]).toEqual([429, '10']);
    await clock.sleep(10_000);
    expect((await costs(4)).status).toBe(200);

    const [tenant, other] = client.sandbox.tenants.map(({ tenantId }) => tenantId);
    await client.admin('POST', '/throttling/consume', { tenant, qpu: 600 });
    await client.admin('POST', '/throttling/consume', { tenant: other, qpu: 1 });
    expect(own(await costs(5))['qpu-retry-after']).toBe('3600');
    await clock.sleep(3_590_000);
    expect((await costs(5)).status).toBe(429);
    await clock.sleep(10_000);
    expect((await costs(5)).status).toBe(200);
    await expect(client.admin('POST', '/throttling/consume', { tenant: 'nobody', qpu: 1 })).rejects.toThrow(/404/);
  });

  it('allow a caller twenty queries a minute over all scopes', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    for (let n = 0; n < 20; n++) {
      expect((await costs(n)).status).toBe(200);
      await clock.sleep(1_000);
    }
    const refused = await costs(20);
    expect([refused.status, own(refused)['tenant-retry-after'], own(refused)['entity-retry-after']]).toEqual([
      429,
      '40',
      undefined,
    ]);
  });

  it('name every exhausted quota, of which the longest wait counts', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true });
    for (let n = 0; n < 4; n++) await costs(0, { months: 3 });
    expect(own(await costs(0))).toMatchObject({ 'qpu-retry-after': '10', 'entity-retry-after': '60' });
  });

  it('put callers without a client type into one bucket, which others may have emptied', async () => {
    await client.admin('PUT', '/throttling', { costManagement: true, defaultClientTypeRemaining: 1 });
    expect((await costs(0, { named: false })).status).toBe(200);
    const refused = await costs(1, { named: false });
    expect([refused.status, own(refused)['remaining-clienttype-requests']]).toEqual([429, 'DefaultQuota:0']);
    await client.admin('PUT', '/throttling', { defaultClientTypeRemaining: 0 });
    await clock.sleep(3_600_000);
    expect(own(await costs(2, { named: false }))['clienttype-retry-after']).toBe('60');
    expect((await costs(2)).status).toBe(200);
  });
});

describe("Resource Graph's limit", () => {
  it('is fifteen queries in five seconds', async () => {
    await client.admin('PUT', '/throttling', { resourceGraph: true });
    const answers: Answer[] = [];
    for (let n = 0; n < 16; n++) answers.push(await graph());
    expect(answers[0]?.headers['x-ms-user-quota-remaining']).toBe('14');
    expect(answers[14]?.headers['x-ms-user-quota-remaining']).toBe('0');
    expect(answers[15]?.status).toBe(429);
    expect(answers[15]?.headers['retry-after']).toBe('5');
    expect(answers[15]?.json().error).toMatchObject({ code: 'RateLimiting', details: [{ code: 'RateLimiting' }] });
    await clock.sleep(5_000);
    expect((await graph()).status).toBe(200);
  });
});

describe("Resource Manager's limits", () => {
  it('are buckets that count down and fill up again', async () => {
    await client.admin('PUT', '/throttling', { resourceManager: true });
    const one = `/subscriptions/${client.subscription(0)}?api-version=2022-12-01`;
    for (let n = 249; n >= 0; n--) {
      const { headers: counters } = await client.call('GET', one, { headers });
      expect(counters['x-ms-ratelimit-remaining-subscription-reads']).toBe(String(n));
    }
    const refused = await client.call('GET', one, { headers });
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1']);
    expect(refused.json().error.code).toBe('SubscriptionRequestsThrottled');
    expect(refused.json().error.message).toContain("'read' requests for subscription");
    // Another subscription, the tenant and writes have buckets of their own.
    expect((await subscriptions()).headers['x-ms-ratelimit-remaining-tenant-reads']).toBe('249');
    expect((await costs(0)).headers['x-ms-ratelimit-remaining-subscription-writes']).toBe('199');
    await clock.sleep(2_000);
    const later = await client.call('GET', one, { headers });
    expect(later.headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('49');
    expect(later.headers['x-ms-ratelimit-remaining-subscription-global-reads']).toBe('3749');
  });
});

describe('counts', () => {
  it('tell requests and refusals per service and tenant, whatever the log keeps', async () => {
    await client.admin('DELETE', '/requests/counts');
    await client.admin('POST', '/faults', { service: 'cost-management', throttle: true, times: 2 });
    for (let n = 0; n < 3; n++) await costs(0);
    await subscriptions();
    await client.admin('DELETE', '/requests');
    const tenantId = client.sandbox.homeTenantId;
    expect((await client.admin('GET', '/requests/counts')).counts).toEqual([
      { service: 'cost-management', tenantId, requests: 3, throttled: 2 },
      { service: 'resource-manager', tenantId, requests: 1, throttled: 0 },
    ]);
  });
});

describe('faults of a service', () => {
  it("refuse too many requests in the service's own way", async () => {
    await client.admin('POST', '/faults', { throttle: true, retryAfterSeconds: 12, times: 0 });
    const cost = await costs(0);
    expect([cost.status, cost.json().error.code]).toEqual([429, '429']);
    expect(cost.headers).not.toHaveProperty('retry-after');
    const waits = Object.entries(own(cost)).filter(([name]) => name.endsWith('retry-after'));
    expect(waits.length).toBeGreaterThan(1);
    expect(Math.max(...waits.map(([, seconds]) => Number(seconds)))).toBe(12);
    const query = await graph();
    expect([query.status, query.json().error.code]).toEqual([429, 'RateLimiting']);
    expect(query.headers['x-ms-user-quota-resets-after']).toBe('00:00:12');
    const arm = await subscriptions();
    expect([arm.status, arm.json().error.code, arm.headers['retry-after']]).toEqual([
      429,
      'TenantRequestsThrottled',
      '12',
    ]);
    const entra = await client.token(client.sandbox.homeTenantId, {});
    expect([entra.status, entra.json().error_codes, entra.headers['retry-after']]).toEqual([429, [90055], '12']);
    await client.admin('DELETE', '/faults');
    await client.admin('POST', '/faults', { service: 'data-lake', throttle: true });
    const files = await lake();
    expect([files.status, files.headers['x-ms-error-code']]).toEqual([503, 'ServerBusy']);
  });

  it('let tokens expire and ask for claims', async () => {
    await client.admin('POST', '/faults', { service: 'resource-manager', expiredToken: true });
    const expired = await subscriptions();
    expect([expired.status, expired.json().error.code]).toEqual([401, 'ExpiredAuthenticationToken']);
    expect(expired.headers['www-authenticate']).toContain('error="invalid_token"');
    await client.admin('POST', '/faults', { service: 'data-lake', expiredToken: true });
    const files = await lake();
    expect([files.status, files.headers['x-ms-error-code']]).toEqual([401, 'InvalidAuthenticationInfo']);
    await client.admin('POST', '/faults', { claimsChallenge: true });
    const challenge = String((await graph()).headers['www-authenticate']);
    expect(challenge).toContain('error="insufficient_claims"');
    const claims = /claims="([^"]+)"/.exec(challenge)?.[1] ?? '';
    expect(JSON.parse(Buffer.from(claims, 'base64').toString())).toMatchObject({
      access_token: { nbf: { essential: true } },
    });
  });

  it('hit one of so many requests', async () => {
    await client.admin('POST', '/faults', { status: 503, every: 3, times: 2 });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) statuses.push((await subscriptions()).status);
    expect(statuses).toEqual([503, 200, 200, 503, 200, 200, 200, 200]);
  });

  it('are refused when they contradict themselves', async () => {
    for (const fault of [
      { status: 500, throttle: true },
      { page: 'lost', delayMs: 5 },
      { page: 'lost', nextLink: 'loop' },
      { service: 'entra', claimsChallenge: true },
      { status: 500, retryAfterSeconds: 5 },
      { nextLink: 'elsewhere' },
    ]) {
      await expect(client.admin('POST', '/faults', fault)).rejects.toThrow(/400/);
    }
  });
});

describe('faults of paging', () => {
  const linkOf = (answer: Answer): string => answer.json().properties.nextLink;
  const rowTexts = (answer: Answer): string => answer.text.slice(answer.text.indexOf('"rows":'));

  it.each([
    ['foreign-host', (link: string) => new URL(link).host.endsWith('.example')],
    ['loop', (link: string) => link.startsWith(client.sandbox.url) && !link.includes('skiptoken')],
    ['garbage', (link: string) => !URL.canParse(link)],
  ])('mislead to %s in links', async (nextLink, isWrong) => {
    const right = await costs(0);
    await client.admin('POST', '/faults', { service: 'cost-management', nextLink });
    const wrong = await costs(0);
    expect(isWrong(linkOf(wrong))).toBe(true);
    expect(rowTexts(wrong)).toBe(rowTexts(right));
    expect(linkOf(await costs(0))).toBe(linkOf(right));
  });

  it('lead from a page to itself', async () => {
    await client.admin('POST', '/faults', { service: 'cost-management', nextLink: 'loop', after: 1 });
    const second = await costs(0, { target: linkOf(await costs(0)) });
    const token = (link: string): string | null => new URL(link).searchParams.get('$skiptoken');
    expect(token(linkOf(second))).toBe('AQAAAA==');
    const first = await graph();
    await client.admin('POST', '/faults', { service: 'resource-graph', nextLink: 'loop' });
    const looped = await graph({ $skipToken: first.json().$skipToken });
    expect(looped.json().$skipToken).toBe(first.json().$skipToken);
    await client.admin('POST', '/faults', { service: 'resource-graph', nextLink: 'garbage' });
    expect((await graph({ $skipToken: (await graph()).json().$skipToken })).status).toBe(400);
  });

  it('serve a page twice while the token moves on', async () => {
    const [one, two] = [await costs(0), await costs(0, { target: linkOf(await costs(0)) })];
    await client.admin('POST', '/faults', { service: 'cost-management', page: 'duplicate' });
    const first = await costs(0);
    const again = await costs(0, { target: linkOf(first) });
    expect(rowTexts(first)).toBe(rowTexts(one));
    expect(rowTexts(again)).toBe(rowTexts(one));
    expect(linkOf(again)).toBe(linkOf(two));
    expect((await client.admin('GET', '/faults')).faults).toEqual([]);

    await client.admin('POST', '/faults', { service: 'resource-graph', page: 'duplicate' });
    const page = await graph();
    const repeated = await graph({ $skipToken: page.json().$skipToken });
    expect(repeated.json().data).toEqual(page.json().data);
    expect(repeated.json().$skipToken).not.toBe(page.json().$skipToken);
  });

  it('lose a page while the token moves on', async () => {
    await client.admin('POST', '/faults', { page: 'lost', times: 2 });
    const lost = await costs(0);
    expect(lost.json().properties.rows).toEqual([]);
    expect(linkOf(lost)).toContain('skiptoken');
    const page = (await graph({ resultFormat: 'table' })).json();
    expect([page.count, page.data.rows, page.resultTruncated]).toEqual([0, [], 'true']);
    expect(page.totalRecords).toBeGreaterThan(20);
  });
});

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { STAGES, type Connector, type PlanRequest, type ReadContext, type WindowSpec } from '#core/connector.js';
import { isDay } from '#core/day.js';
import type { CheckResult } from '#core/check.js';
import { CONNECTOR_IDS } from './connector-ids.js';
import { createConnectors } from './registry.js';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer, type FakeRequest } from './testing/fake-azure.js';
import {
  apiOver,
  checkAll,
  readAll,
  readContext,
  subscription,
  SUBSCRIPTION_ID,
  TENANT,
} from './testing/read-harness.js';

/** What every connector's author supplies: one window, and an answer with one record that may name a next page. */
interface Sample {
  window: WindowSpec;
  /** `next` is a link (or token) to put where this source names its next page; null at the end. */
  answer(request: FakeRequest, next: string | null): FakeAnswer;
  /** How this source names a next page; sources with bare tokens cannot name a foreign host. */
  pages: 'links' | 'tokens' | 'none';
  /** What else the read is given. */
  context?: Partial<ReadContext>;
  /** Nobody signs in: there is no role that could be missing. */
  isOpen?: true;
}

const TENANT_WINDOW: WindowSpec = { scope: 'tenant', subscriptionId: null, range: null };

const SAMPLES: Readonly<Record<string, Sample>> = {
  subscriptions: {
    window: TENANT_WINDOW,
    pages: 'links',
    answer: (_request, next) => ({
      json: { value: [{ subscriptionId: `s-${next}`, state: 'Enabled' }], nextLink: next },
    }),
  },
  'resource-graph': {
    window: TENANT_WINDOW,
    pages: 'tokens',
    answer: ({ json }, next) => ({
      json: {
        totalRecords: json.query.startsWith('Resources\n') ? 2 : 1,
        count: 1,
        resultTruncated: next ? 'true' : 'false',
        data: [{ id: `/subscriptions/${SUBSCRIPTION_ID}/x/${next}`, subscriptionId: SUBSCRIPTION_ID }],
        ...(next && json.query.startsWith('Resources\n') && { $skipToken: next }),
      },
    }),
  },
  advisor: {
    window: TENANT_WINDOW,
    pages: 'tokens',
    answer: ({ json }, next) => ({
      json: {
        totalRecords: json.query.startsWith('advisorresources\n') ? 2 : 1,
        count: 1,
        resultTruncated: next ? 'true' : 'false',
        data: [
          {
            id: `/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Advisor/recommendations/r-${next}`,
            subscriptionId: SUBSCRIPTION_ID,
            properties: { recommendationTypeId: 't', category: 'Cost', impact: 'High' },
          },
        ],
        ...(next && json.query.startsWith('advisorresources\n') && { $skipToken: next }),
      },
    }),
  },
  monitor: {
    window: { scope: SUBSCRIPTION_ID, subscriptionId: SUBSCRIPTION_ID, range: null },
    // Two regions make two calls.
    context: {
      resources: ['westeurope', 'northeurope'].map((location) => ({
        resourceId: `/subscriptions/${SUBSCRIPTION_ID}/vm-${location}`,
        subscriptionId: SUBSCRIPTION_ID,
        type: 'microsoft.compute/virtualmachines',
        location,
      })),
    },
    pages: 'none',
    answer: ({ json }) => ({
      json: {
        values: ((json?.resourceids ?? []) as string[]).map((resourceid) => ({
          resourceid,
          interval: 'PT1H',
          value: [{ name: { value: 'Percentage CPU' }, unit: 'Percent', timeseries: [{ data: [{ average: 5 }] }] }],
        })),
      },
    }),
  },
  'retail-prices': {
    window: { scope: 'EUR westeurope', subscriptionId: null, range: null },
    pages: 'links',
    isOpen: true,
    answer: ({ url }, next) => ({
      json: {
        BillingCurrency: 'EUR',
        Items: [
          {
            currencyCode: url.searchParams.get('currencyCode')?.replaceAll("'", '') ?? 'EUR',
            armRegionName: 'westeurope',
            retailPrice: 0.096,
            meterId: `m-${next}`,
            unitOfMeasure: '1 Hour',
            type: 'Consumption',
          },
        ],
        NextPageLink: url.search.includes('Virtual+Machines') ? next : null,
        Count: 1,
      },
    }),
  },
  'compute-skus': {
    window: { scope: 'westeurope', subscriptionId: SUBSCRIPTION_ID, range: null },
    pages: 'links',
    answer: (_request, next) => ({
      json: {
        value: [
          {
            resourceType: 'virtualMachines',
            name: `Standard_${next}`,
            capabilities: [
              { name: 'vCPUs', value: '2' },
              { name: 'MemoryGB', value: '8' },
            ],
          },
        ],
        ...(next && { nextLink: next }),
      },
    }),
  },
  'cost-management': {
    window: {
      scope: SUBSCRIPTION_ID,
      subscriptionId: SUBSCRIPTION_ID,
      range: { from: '2026-04-20', to: '2026-04-20' },
    },
    pages: 'links',
    answer: ({ json }, next) => {
      const names: string[] = (json.dataset.grouping ?? []).map(({ name }: { name: string }) => name);
      // Without grouping it is asked what the pages add up to.
      const isTotal = names.length === 0;
      return {
        json: {
          properties: {
            nextLink: isTotal ? null : next,
            columns: ['Cost', 'UsageDate', ...names, 'Currency'].map((name) => ({ name })),
            rows: [[isTotal ? 3 : 1.5, 20260420, ...names.map(() => `x-${next}`), 'EUR']],
          },
        },
      };
    },
  },
};

const plan = (changes: Partial<PlanRequest> = {}): PlanRequest => ({
  mode: 'full',
  now: new Date('2026-04-03T10:00:00Z'),
  range: null,
  tenant: TENANT,
  subscriptions: [
    subscription({ subscriptionId: 'b' }),
    subscription({ subscriptionId: 'a', costsCovered: [{ from: '2026-01-01', to: '2026-04-02' }] }),
  ],
  resources: new Map([
    ['a', 3],
    ['b', 1],
  ]),
  regions: new Map([
    ['northeurope', ['a', 'b']],
    ['westeurope', ['a']],
  ]),
  currencies: ['EUR', 'USD'],
  callsLeft: null,
  backfillMonths: 13,
  ...changes,
});

const find = (azure: FakeAzure, id: string): Connector => {
  const connector = createConnectors(apiOver(azure)).find((each) => each.id === id);
  if (!connector) throw new Error(`${id} is not registered`);
  return connector;
};

const registered = createConnectors(apiOver(new FakeAzure()));

describe('the registry', () => {
  it('holds every folder that has a connector, once', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .filter((name) => existsSync(join(import.meta.dirname, name, `${name}.connector.ts`)));
    expect(registered.map(({ id }) => id).sort()).toEqual(folders.sort());
  });

  it('goes by the names that runs may ask for', () => {
    expect(registered.map(({ id }) => id)).toEqual(CONNECTOR_IDS);
  });

  it('has a sample for every connector', () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(registered.map(({ id }) => id).sort());
  });
});

describe.each(Object.entries(SAMPLES))('%s', (id, sample) => {
  /** Two pages: the first names the second. */
  const twoPages = () => {
    const azure = new FakeAzure((request) => {
      const second = /page-2/.test(request.url.search + request.text);
      const link =
        sample.pages === 'links' ? `${RESOURCE_MANAGER_URL}${request.url.pathname}?$skiptoken=page-2` : 'page-2';
      return sample.answer(request, second ? null : link);
    });
    return { azure, connector: find(azure, id) };
  };

  it('says what it is and needs', () => {
    const { connector } = twoPages();
    expect(connector.title).not.toBe('');
    expect(connector.apiVersion).toMatch(/^\d{4}-\d{2}-\d{2}/);
    expect(connector.requiredRoles.length > 0).toBe(!sample.isOpen);
    expect(STAGES).toContain(connector.stage);
    expect(connector.modes.length).toBeGreaterThan(0);
  });

  it('plans the same windows for the same request, in the form of its kind', () => {
    const { connector } = twoPages();
    for (const mode of connector.modes) {
      const windows = connector.windows(plan({ mode }));
      expect(windows.length).toBeGreaterThan(0);
      expect(connector.windows(plan({ mode }))).toEqual(windows);
      for (const { scope, subscriptionId, range } of windows) {
        // What all tenants share is told apart by what it is, not by whose it is.
        if (connector.sharedForDays === undefined) expect(scope).toBe(subscriptionId ?? 'tenant');
        expect(windows.filter((each) => each.scope === scope && each.range === range)).toHaveLength(1);
        if (connector.produces !== 'cost') continue;
        expect([isDay(range?.from ?? ''), isDay(range?.to ?? '')]).toEqual([true, true]);
        expect(range?.from.slice(0, 7)).toBe(range?.to.slice(0, 7));
        expect((range?.from ?? '') <= (range?.to ?? '')).toBe(true);
      }
    }
    expect(twoPages().azure.requests).toEqual([]);
  });

  it('keeps a page before it yields its records, and proves what it read', async () => {
    const { connector } = twoPages();
    const { records, proof, events } = await readAll(connector, sample.window, sample.context);
    expect(records.length).toBeGreaterThanOrEqual(2);
    expect(proof).toMatchObject({ complete: true, incompleteReason: null });
    expect(proof.rows).toBe(records.length);
    let keptPages = 0;
    let batches = 0;
    for (const event of events) {
      if ('kept' in event) keptPages += 1;
      else expect(keptPages).toBeGreaterThanOrEqual(++batches);
    }
    expect(keptPages).toBe(proof.pages);
    const labels = events.flatMap((event) => ('kept' in event ? [event.kept] : []));
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z0-9-]+$/);
  });

  it('yields nothing of a page that could not be kept', async () => {
    const { connector } = twoPages();
    const yielded: unknown[] = [];
    const read = connector.read(
      sample.window,
      readContext([], { ...sample.context, keep: () => Promise.reject(new Error('disk full')) }),
    );
    await expect(
      (async () => {
        for await (const batch of read) yielded.push(...batch);
      })(),
    ).rejects.toThrow('disk full');
    expect(yielded).toEqual([]);
  });

  it('goes on after being throttled', async () => {
    const { azure, connector } = twoPages();
    const answer = azure.handler;
    let throttled = false;
    azure.handler = (request) => {
      if (throttled) return answer(request);
      throttled = true;
      return { status: 429, headers: { 'retry-after': '3' } };
    };
    expect((await readAll(connector, sample.window, sample.context)).proof.complete).toBe(true);
  });

  it('ends promptly when it is cancelled', async () => {
    const azure = new FakeAzure(() => ({ silent: true }));
    const stop = new AbortController();
    const reason = new Error('cancelled');
    setTimeout(() => stop.abort(reason), 10);
    await expect(readAll(find(azure, id), sample.window, { ...sample.context, signal: stop.signal })).rejects.toBe(
      reason,
    );
    await expect(readAll(find(azure, id), sample.window, { ...sample.context, signal: stop.signal })).rejects.toBe(
      reason,
    );
  });

  it('reports passing trouble, refusals and throttling by their own names', async () => {
    const outcome = (answer: FakeAnswer) =>
      readAll(find(new FakeAzure(() => answer), id), sample.window, sample.context);
    await expect(outcome({ status: 500 })).rejects.toMatchObject({ name: 'TransientSourceError' });
    await expect(outcome({ body: '{"cut' })).rejects.toMatchObject({ name: 'TransientSourceError' });
    const [unsigned, forbidden] = sample.isOpen
      ? ['SourceRejectedError', 'SourceRejectedError']
      : ['CredentialError', 'PermissionError'];
    await expect(outcome({ status: 401 })).rejects.toMatchObject({ name: unsigned });
    await expect(outcome({ status: 403 })).rejects.toMatchObject({ name: forbidden });
    await expect(outcome({ status: 429, headers: { 'retry-after': '900' } })).rejects.toMatchObject({
      name: 'ThrottledError',
      retryAfterMs: 900_000,
    });
  });

  it('checks itself: what works, which role is missing where, and that Azure is out of reach', async () => {
    const check = async (handler: (request: FakeRequest) => FakeAnswer): Promise<CheckResult[]> => {
      const azure = new FakeAzure(handler);
      const results = await checkAll(find(azure, id), sample.context);
      expect(azure.requests.length).toBeGreaterThan(0);
      return results;
    };
    const outcomes = (results: CheckResult[]) => new Set(results.map(({ outcome }) => outcome));
    const fine = await check((request) => sample.answer(request, null));
    expect(outcomes(fine)).toEqual(new Set(['ok']));
    for (const { reason, grant } of fine) expect([reason === '', grant]).toEqual([false, null]);

    const refused = await check(() => ({ status: 403, json: { error: { code: 'AuthorizationFailed', message: '' } } }));
    expect(outcomes(refused)).toEqual(new Set([sample.isOpen ? 'failed' : 'missing-role']));
    for (const { grant, action } of refused) {
      if (sample.isOpen) {
        expect([grant, action]).toEqual([null, expect.stringContaining('proxy or firewall')]);
        continue;
      }
      expect(find(new FakeAzure(), id).requiredRoles).toContain(grant?.role);
      expect(grant?.scope).toMatch(
        /^\/(subscriptions|providers\/Microsoft\.Management\/managementGroups)\/[0-9a-f-]{36}$/,
      );
      expect(action).toContain(`"${grant?.role}"`);
    }

    const unreachable = await check(() => ({ network: 'ECONNREFUSED' }));
    expect(outcomes(unreachable)).toEqual(new Set(['unreachable']));
    const closed = await check(() => ({ status: 429, headers: { 'retry-after': '900' } }));
    expect(outcomes(closed)).toEqual(new Set(['quota-used-up']));
    expect(closed[0]?.reason).toMatch(/^Quota used up until \d\d:\d\d:\d\d UTC/);
  });

  it.runIf(sample.pages !== 'none')('never takes a page that repeats for the next one', async () => {
    const link = sample.pages === 'links' ? `${RESOURCE_MANAGER_URL}/again?$skiptoken=same` : 'same';
    const azure = new FakeAzure((request) => sample.answer(request, link));
    await expect(readAll(find(azure, id), sample.window)).rejects.toMatchObject({ name: 'IncompleteReadError' });
  });

  it.runIf(sample.pages !== 'none')('does not carry its token to another host', async () => {
    const azure = new FakeAzure((request) => sample.answer(request, 'https://evil.test/next'));
    // A source that continues with bare tokens sends even this one back to where it came from, and notices the loop.
    const name = sample.pages === 'links' ? 'SourceRejectedError' : 'IncompleteReadError';
    await expect(readAll(find(azure, id), sample.window)).rejects.toMatchObject({ name });
    expect(new Set(azure.requests.map(({ url }) => url.origin))).toEqual(new Set([RESOURCE_MANAGER_URL]));
  });
});

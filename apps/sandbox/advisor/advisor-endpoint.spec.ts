import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, SandboxClient } from '../testing/sandbox-client.js';

interface Item {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly properties: {
    readonly category: string;
    readonly impact: string;
    readonly impactedField: string;
    readonly recommendationTypeId: string;
    readonly extendedProperties: Readonly<Record<string, string>>;
    readonly resourceMetadata: { readonly resourceId: string };
    readonly suppressionIds?: readonly string[];
  };
}

const RIGHTSIZE = 'e10b1381-5f0a-47ff-8c7b-37bd13d7c974';
const DISK = '48eda464-1485-4dcf-a674-d0905df5054a';
const PLAN = '39a8510f-5bbf-4304-9bcd-4106c996473b';
const RESERVATION = '84b1a508-fc21-49da-979e-96894f1665df';
const SAVINGS_PLAN = '89515250-1243-43d1-b4e7-f9437cedffd8';

let client: SandboxClient;
let headers: Record<string, string>;
let all: Item[];
beforeAll(async () => {
  client = await SandboxClient.start({ resources: 1000, subscriptions: 2 });
  headers = await client.authorize();
  all = await recommendations();
});
afterAll(() => client.stop());

const get = (target: string, version = '2023-01-01'): Promise<Answer> =>
  client.call('GET', `${target}${target.includes('?') ? '&' : '?'}api-version=${version}`, { headers });
const root = (index = 0): string => `/subscriptions/${client.subscription(index)}/providers/Microsoft.Advisor`;

/** Reads all pages, following the links as they come. */
async function recommendations(filter = '', top = 50, index = 0): Promise<Item[]> {
  const found: Item[] = [];
  let target: string | undefined =
    `${root(index)}/recommendations?api-version=2023-01-01&$top=${top}${filter ? `&$filter=${encodeURIComponent(filter)}` : ''}`;
  while (target) {
    const answer = await client.call('GET', target, { headers });
    expect(answer.status).toBe(200);
    found.push(...answer.json().value);
    target = answer.json().nextLink;
  }
  return found;
}
const ofType = (typeId: string): Item[] => all.filter((item) => item.properties.recommendationTypeId === typeId);

describe('recommendations', () => {
  it('are paged with a lower-case skip token and no link at the end', async () => {
    const first = await get(`${root()}/recommendations?$top=10`);
    expect(first.json().value).toHaveLength(10);
    expect(first.json().nextLink).toContain('&$top=10&$skiptoken=');
    expect(first.headers['x-ms-ratelimit-remaining-subscription-resource-requests']).toBe('599');
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(await recommendations('', 7)).toEqual(all);
    const whole = await get(`${root()}/recommendations?$top=100000`, '2025-01-01');
    expect(whole.json()).not.toHaveProperty('nextLink');
    expect(whole.json().value).toEqual(all);
  });

  it('cover every kind of saving and other categories besides', () => {
    for (const typeId of [RIGHTSIZE, DISK, PLAN, RESERVATION, SAVINGS_PLAN]) {
      expect([typeId, ofType(typeId).length > 0]).toEqual([typeId, true]);
    }
    expect([...new Set(all.map(({ properties }) => properties.category))].sort()).toEqual([
      'Cost',
      'HighAvailability',
      'OperationalExcellence',
      'Performance',
      'Security',
    ]);
    expect([...new Set(all.map(({ properties }) => properties.impact))].sort()).toEqual(['High', 'Low', 'Medium']);
    const values = all.flatMap(({ properties }) => Object.values(properties.extendedProperties));
    expect(values.every((value) => typeof value === 'string')).toBe(true);
  });

  it('state savings in full, in part or not at all', () => {
    expect(Object.keys(ofType(DISK)[0]?.properties.extendedProperties ?? {})).toEqual(['_skuToken', '_meterIdToken']);
    expect(ofType(PLAN)[0]?.properties.impactedField).toBe('MICROSOFT.WEB/SITES');
    expect(ofType(PLAN)[0]?.properties.resourceMetadata.resourceId).toMatch(/serverFarms/);
    const stated = new Set(
      ofType(RIGHTSIZE).map(({ properties: { extendedProperties: fields } }) =>
        [fields['savingsAmount'] !== undefined, fields['annualSavingsAmount'] !== undefined].join(),
      ),
    );
    expect(stated).toEqual(new Set(['true,true', 'false,true', 'false,false']));
    expect(ofType(RESERVATION)[0]?.properties.extendedProperties['savingsCurrency']).toBe('USD');
  });

  it('offer one usage in every term, look-back and scope', () => {
    for (const typeId of [RESERVATION, SAVINGS_PLAN]) {
      const first = ofType(typeId)[0]?.properties.extendedProperties ?? {};
      const variants = ofType(typeId).filter(
        ({ properties: { extendedProperties: fields } }) =>
          fields['sku'] === first['sku'] && fields['region'] === first['region'],
      );
      expect(variants).toHaveLength(12);
      expect(variants[0]?.id.startsWith(`${root()}/recommendations/`)).toBe(true);
    }
  });

  it('agree with the metrics of the machine', async () => {
    for (const { properties } of ofType(RIGHTSIZE).slice(0, 10)) {
      const truth = await client.admin(
        'GET',
        `/metrics/truth?resource=${properties.resourceMetadata.resourceId}&from=2026-03-13&to=2026-03-20`,
      );
      const cpu = truth.metrics['Percentage CPU'];
      expect(cpu.average).toBeLessThan(10);
      const stated = Number(properties.extendedProperties['MaxCpuP95']);
      expect(stated).toBeGreaterThanOrEqual(Math.floor(cpu.average));
      expect(stated).toBeLessThanOrEqual(Math.ceil(cpu.maximum));
      expect(properties.extendedProperties['targetSku'] === 'Shutdown').toBe(truth.profile === 'idle');
    }
  });

  it('are filtered by category, type, group and resource', async () => {
    const cost = await recommendations("Category eq 'Cost'");
    expect(cost).toEqual(all.filter(({ properties }) => properties.category === 'Cost'));
    expect(cost.length).toBeLessThan(all.length);
    expect(await recommendations(`category eq 'cost' and RecommendationTypeGuid eq '${DISK}'`)).toEqual(ofType(DISK));
    const both = await recommendations(`RecommendationTypeGuid eq '${PLAN}' or (RecommendationTypeGuid eq '${DISK}')`);
    expect(both).toHaveLength(ofType(DISK).length + ofType(PLAN).length);
    const { resourceId } = ofType(DISK)[0]?.properties.resourceMetadata ?? { resourceId: '' };
    expect((await recommendations(`ResourceId eq '${resourceId.toUpperCase()}'`)).length).toBeGreaterThan(0);
    const group = resourceId.split('/')[4] ?? '';
    const inGroup = await recommendations(`ResourceGroup eq '${group}'`);
    expect(inGroup.every(({ id }) => id.toLowerCase().includes(`/resourcegroups/${group.toLowerCase()}/`))).toBe(true);
    for (const filter of ["Impact eq 'High'", "Category ne 'Cost'", 'Category eq Cost', "Category eq 'Cost' and"]) {
      expect((await get(`${root()}/recommendations?$filter=${encodeURIComponent(filter)}`)).status).toBe(400);
    }
  });

  it('are billed in the currency of their subscription', async () => {
    const euros = await recommendations("Category eq 'Cost'", 500, 1);
    const currencies = euros.map(({ properties }) => properties.extendedProperties['savingsCurrency']);
    expect(new Set(currencies.filter((currency) => currency !== undefined))).toEqual(new Set(['EUR']));
  });

  it('are read one by one', async () => {
    const [first] = all as [Item];
    expect((await get(first.id)).json()).toEqual(first);
    // Azure's SDKs encode the resource id whole and put it after a slash of their own.
    const [resource = '', item = ''] = first.id.split('/providers/Microsoft.Advisor/');
    const encoded = `/${encodeURIComponent(resource)}/providers/Microsoft.Advisor/${item}`;
    expect((await get(encoded)).json()).toEqual(first);
    expect((await get(`${first.id}0`)).status).toBe(404);
    expect(
      (await get(`/subscriptions/${client.subscription(0, 1)}/providers/Microsoft.Advisor/recommendations`)).status,
    ).toBe(401);
    expect((await get(`${root()}/recommendations`, '2015-01-01')).json().error.code).toBe('InvalidApiVersionParameter');
  });

  it('are generated anew in the background', async () => {
    const started = await client.call('POST', `${root()}/generateRecommendations?api-version=2023-01-01`, { headers });
    expect([started.status, started.headers['retry-after']]).toEqual([202, '60']);
    const location = String(started.headers['location']);
    const states = [await client.call('GET', location, { headers }), await client.call('GET', location, { headers })];
    expect(states.map(({ status }) => status)).toEqual([202, 204]);
  });
});

describe('suppressions', () => {
  it('mark their recommendations, which stay listed', async () => {
    const listed: Item[] = (await get(`${root()}/suppressions?$top=10000`)).json().value;
    const marked = all.filter(({ properties }) => properties.suppressionIds);
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.length).toBeLessThan(all.length / 4);
    expect(listed.map(({ id }) => id.split('/suppressions/')[0])).toEqual(marked.map(({ id }) => id));
    expect(listed[0]).toMatchObject({
      type: 'Microsoft.Advisor/suppressions',
      properties: {
        suppressionId: marked[0]?.properties.suppressionIds?.[0],
        ttl: expect.stringMatching(/^\d+\.00:00:00$/),
        expirationTimeStamp: expect.stringMatching(/^2026-\d\d-\d\dT/),
      },
    });
  });

  it('are put, read, seen by Resource Graph, run out and are deleted', async () => {
    const free = all.find(({ properties }) => !properties.suppressionIds) as Item;
    const target = `${free.id}/suppressions/mine?api-version=2023-01-01`;
    const put = (ttl: string): Promise<Answer> =>
      client.call('PUT', target, { headers, body: { properties: { ttl } } });
    const ids = async (): Promise<unknown> => (await get(free.id)).json().properties.suppressionIds;
    const inGraph = async (): Promise<number> => {
      const query = `advisorresources | where id =~ '${free.id}' and isnotnull(properties.suppressionIds) | count`;
      const answer = await client.call('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01', {
        headers,
        body: { query },
      });
      return answer.json().data[0].Count;
    };
    expect(await inGraph()).toBe(0);
    expect((await put('soon')).status).toBe(400);
    const { suppressionId, expirationTimeStamp } = (await put('7.00:00:00')).json().properties;
    expect(expirationTimeStamp).toBe('2026-03-27T10:00:00.0000000Z');
    expect(await ids()).toEqual([suppressionId]);
    expect(await inGraph()).toBe(1);
    await client.admin('PUT', '/clock', { advanceDays: 8 });
    expect(await ids()).toBeUndefined();
    await client.admin('PUT', '/clock', { advanceDays: -8 });
    expect((await client.call('DELETE', target, { headers })).status).toBe(204);
    expect(await ids()).toBeUndefined();
    expect(await inGraph()).toBe(0);
  });
});

describe('advisorresources', () => {
  it('holds what the service lists, for all subscriptions', async () => {
    const rows = async (type: string): Promise<Item[]> => {
      const query = `advisorresources | where type == 'microsoft.advisor/${type}' and subscriptionId == '${client.subscription(0)}' | project id, name, type, properties, resourceGroup`;
      const found: Item[] = [];
      let $skipToken: string | undefined;
      do {
        const answer = await client.call(
          'POST',
          '/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01',
          {
            headers,
            body: { query, options: { $skipToken } },
          },
        );
        found.push(...answer.json().data);
        $skipToken = answer.json().$skipToken;
      } while ($skipToken);
      return found;
    };
    const listed = await rows('recommendations');
    expect(listed.map(({ id, properties }) => ({ id, properties }))).toEqual(
      all.map(({ id, properties }) => ({ id, properties })),
    );
    expect((await rows('suppressions')).length).toBe(
      (await get(`${root()}/suppressions?$top=10000`)).json().value.length,
    );
  });
});

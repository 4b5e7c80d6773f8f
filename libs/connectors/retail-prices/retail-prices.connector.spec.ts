import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '#core/connector.js';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { apiOver, checkAll, readAll, TENANT } from '../testing/read-harness.js';
import { PRICE_TOPICS, regionFilter } from './price-topics.js';
import { retailPricesConnector } from './retail-prices.connector.js';

/** As the list answered in August 2026 for West Europe, amounts as they stood there. */
const DISK = `{"currencyCode":"EUR","tierMinimumUnits":0.0,"retailPrice":19.9456123456789012345,"unitPrice":21.68,
  "armRegionName":"westeurope","location":"EU West","effectiveStartDate":"2018-05-01T00:00:00Z",
  "meterId":"137d3f72-fe0e-4a78-b5d0-92d704aa3cac","meterName":"P10 LRS Disk","productId":"DZH318Z0BP04",
  "skuId":"DZH318Z0BP04/0080","productName":"Premium SSD Managed Disks","skuName":"P10 LRS","serviceName":"Storage",
  "serviceId":"DZH317F1HKN0","serviceFamily":"Storage","unitOfMeasure":"1/Month","type":"Consumption",
  "isPrimaryMeterRegion":true,"armSkuName":"Premium_SSD_Managed_Disk_P10"}`;

const item = (changes: object = {}) => ({
  currencyCode: 'EUR',
  tierMinimumUnits: 0,
  retailPrice: 0.005,
  armRegionName: 'westeurope',
  meterId: '9c150bf9-2bad-430e-a53c-c213804f49ef',
  meterName: 'Standard IPv4 Static Public IP',
  productName: 'IP Addresses',
  skuName: 'Standard',
  serviceName: 'Virtual Network',
  unitOfMeasure: '1 Hour',
  type: 'Consumption',
  isPrimaryMeterRegion: false,
  armSkuName: '',
  ...changes,
});
const page = (items: object[], link: string | null = null, count = items.length): FakeAnswer => ({
  json: { BillingCurrency: 'EUR', Items: items, NextPageLink: link, Count: count },
});
const filterOf = ({ url }: FakeRequest) => url.searchParams.get('$filter') ?? '';
const isAbout = (request: FakeRequest, service: string) => filterOf(request).includes(`'${service}'`);

/** Answers questions about networks; what else is asked has no prices. */
function read(answers: (request: FakeRequest) => FakeAnswer, scope = 'EUR westeurope') {
  const azure = new FakeAzure((request) =>
    isAbout(request, 'Virtual Network') || !filterOf(request) ? answers(request) : page([]),
  );
  return {
    azure,
    outcome: readAll(retailPricesConnector(apiOver(azure)), { scope, subscriptionId: null, range: null }),
  };
}

describe('retail prices', () => {
  it('are read as listed, to the last digit', async () => {
    const body = `{"BillingCurrency":"EUR","Items":[${DISK}],"NextPageLink":null,"Count":1}`;
    const { records, proof } = await read(() => ({ body })).outcome;
    expect(records).toEqual([
      {
        currency: 'EUR',
        region: 'westeurope',
        serviceName: 'Storage',
        productName: 'Premium SSD Managed Disks',
        skuName: 'P10 LRS',
        armSkuName: 'Premium_SSD_Managed_Disk_P10',
        meterId: '137d3f72-fe0e-4a78-b5d0-92d704aa3cac',
        meterName: 'P10 LRS Disk',
        unitOfMeasure: '1/Month',
        type: 'Consumption',
        reservationTerm: null,
        tierMinimumUnits: '0',
        retailPrice: '19.9456123456789012345',
        isPrimaryMeterRegion: true,
      },
    ]);
    expect(proof).toMatchObject({ pages: 4, rows: 1, expected: 1, complete: true, unavailable: null });
  });

  it('are asked for without a token, in one currency and region, and followed to the end', async () => {
    const link = `${RESOURCE_MANAGER_URL}/api/retail/prices?currencyCode=%27EUR%27&$skip=1`;
    const { azure, outcome } = read((request) =>
      filterOf(request) ? page([item()], link) : page([item({ meterId: 'other' })]),
    );
    const { records, proof } = await outcome;
    expect(records.map(({ meterId }) => meterId)).toEqual([item().meterId, 'other']);
    expect(proof).toMatchObject({ pages: 5, expected: 2 });
    expect(azure.tokenRequests).toEqual([]);
    for (const { url, headers, method } of azure.requests) {
      expect([method, url.pathname, headers['authorization']]).toEqual(['GET', '/api/retail/prices', undefined]);
      if (url.searchParams.has('$skip')) continue;
      expect(url.searchParams.get('api-version')).toBe('2023-01-01-preview');
      expect(url.searchParams.get('currencyCode')).toBe("'EUR'");
      expect(url.searchParams.get('$filter')).toMatch(/^armRegionName eq 'westeurope' and /);
    }
    expect(azure.requests.filter(({ url }) => url.href === link)).toHaveLength(1);
  });

  it('are asked for in questions that the list does not refuse', () => {
    for (const { filter } of PRICE_TOPICS) {
      const whole = `${regionFilter('global')} and ${filter}`;
      expect(whole.match(/ eq |contains\(/g)!.length).toBeLessThanOrEqual(15);
      expect(encodeURIComponent(whole).length).toBeLessThan(1_500);
    }
  });

  it('that hold everywhere are listed under no region or a global one', async () => {
    const prices = [item({ armRegionName: 'Global' }), item({ armRegionName: '', meterId: 'other' })];
    const { azure, outcome } = read(() => page(prices), 'EUR global');
    expect((await outcome).records.map(({ region }) => region)).toEqual(['global', 'global']);
    expect(filterOf(azure.requests[0]!)).toMatch(/^\(armRegionName eq 'Global' or armRegionName eq ''\) and /);
  });

  it('that hold everywhere, but in dollars alone, are left out and said to be', async () => {
    const prices = [item({ armRegionName: 'Global' }), item({ armRegionName: 'Global', currencyCode: 'USD' })];
    const { records, proof } = await read(() => page(prices), 'EUR global').outcome;
    expect(records).toHaveLength(1);
    expect(proof).toMatchObject({
      complete: true,
      rows: 1,
      expected: 2,
      unavailable: { reason: '1 of 2 prices are listed in another currency than EUR alone.' },
    });
  });

  it('go on after a full page without a link, which has been known to go missing', async () => {
    const full = Array.from({ length: 100 }, (_, index) => item({ meterId: `m${index}` }));
    const rest = (request: FakeRequest) => (request.url.searchParams.has('$skip') ? [item()] : full);
    const { azure, outcome } = read((request) => page(rest(request)));
    expect((await outcome).records).toHaveLength(101);
    const asked = azure.requests.filter((request) => isAbout(request, 'Virtual Network'));
    expect(asked.map(({ url }) => url.searchParams.get('$skip'))).toEqual([null, '100']);
    expect(asked[1]!.url.searchParams.get('currencyCode')).toBe("'EUR'");
  });

  const LINK = `${RESOURCE_MANAGER_URL}/api/retail/prices?$skip=1`;
  it.each<[string, (request: FakeRequest) => FakeAnswer]>([
    ['announces 3 prices, but holds 1', () => page([item()], null, 3)],
    ['is empty, but leads on', () => page([], LINK)],
    ['repeats what came before', (request) => page([item()], filterOf(request) ? LINK : `${LINK}1`)],
    ['has no list of prices', () => ({ json: { Items: null, Count: 0 } })],
    ['asked for westeurope, it answers eastus', () => page([item({ armRegionName: 'eastus' })])],
    ['asked for EUR, it answers USD', () => page([item({ currencyCode: 'USD' })])],
    ['lacks its amount', () => page([item({ retailPrice: null })])],
    ['lacks its amount', () => page([item({ type: 'DevTestConsumption' })])],
  ])('are not trusted when an answer %s', async (reason, answer) => {
    await expect(read(answer).outcome).rejects.toMatchObject({
      name: 'IncompleteReadError',
      message: expect.stringContaining(reason),
    });
  });

  it('that the list refuses are a lasting failure, in its own words', async () => {
    const refusal = { Error: { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' } };
    await expect(read(() => ({ status: 400, json: refusal })).outcome).rejects.toMatchObject({
      name: 'SourceRejectedError',
      message: expect.stringContaining('BadRequest: Invalid OData parameters supplied'),
    });
  });

  const plan = (changes: Partial<PlanRequest>) =>
    retailPricesConnector(apiOver(new FakeAzure()))
      .windows({
        mode: 'full',
        now: new Date(),
        range: null,
        tenant: TENANT,
        subscriptions: [],
        resources: new Map(),
        regions: new Map([['westeurope', ['s']]]),
        currencies: [],
        callsLeft: null,
        backfillMonths: 0,
        ...changes,
      })
      .map(({ scope }) => scope);

  it('are planned for the regions and currencies that a tenant has, and for everywhere', () => {
    const regions = new Map([
      ['westeurope', ['a']],
      ['global', ['a']],
      ['eastus', ['b']],
    ]);
    expect(plan({ regions, currencies: ['EUR', 'USD'] })).toEqual(
      ['EUR', 'USD'].flatMap((currency) => ['eastus', 'global', 'westeurope'].map((region) => `${currency} ${region}`)),
    );
    expect(plan({ regions: new Map(), currencies: ['EUR'] })).toEqual([]);
  });

  it('are planned in dollars before there are costs, and never in what the list does not know', () => {
    expect(plan({})).toEqual(['USD global', 'USD westeurope']);
    expect(plan({ currencies: ['PLN', 'EUR'] })).toEqual(['EUR global', 'EUR westeurope']);
    expect(plan({ currencies: ['PLN'] })).toEqual([]);
  });

  it('are checked in a region of the tenant', async () => {
    const ask = async (answer: FakeAnswer) => {
      const azure = new FakeAzure(() => answer);
      const location = 'northeurope';
      const resources = [{ resourceId: '/ip', subscriptionId: 's', type: 'x', location }];
      const results = await checkAll(retailPricesConnector(apiOver(azure)), { resources });
      return { results, filter: filterOf(azure.requests[0]!) };
    };
    const fine = await ask(page([item({ armRegionName: 'northeurope' })]));
    expect(fine.results).toMatchObject([{ outcome: 'ok', reason: 'Prices are readable; northeurope has some.' }]);
    expect(fine.filter).toContain("armRegionName eq 'northeurope'");
    expect((await ask(page([]))).results).toMatchObject([
      { outcome: 'unavailable', action: 'Check AZURE_RETAIL_PRICES_URL.' },
    ]);
  });
});

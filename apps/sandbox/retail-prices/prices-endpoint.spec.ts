import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAmount } from '../estate/amount.js';
import { MACHINE_SIZES } from '../estate/machine-sizes.js';
import {
  DATABASE_SIZES,
  DISK_TIERS,
  FURTHER_PLAN_SIZES,
  METERS,
  PLAN_SIZES,
  PLATFORM_METERS,
  VM_SIZES,
  computeMeter,
  databaseMeter,
  diskMeter,
  planMeter,
  spotMeter,
} from '../estate/meters.js';
import { SandboxClient } from '../testing/sandbox-client.js';
import { FilterError, parseFilter } from './odata-filter.js';
import { priceList } from './price-list.js';

interface Item {
  [name: string]: unknown;
  retailPrice: number;
  meterId: string;
  meterName: string;
  productName: string;
  skuName: string;
  type: string;
  armRegionName: string;
}

let client: SandboxClient;
beforeAll(async () => void (client = await SandboxClient.start({ tenants: 1 })));
afterAll(() => client.stop());

const ask = (filter: string, rest = '', currency = 'USD') =>
  client.call(
    'GET',
    `/api/retail/prices?api-version=2023-01-01-preview&currencyCode='${currency}'&$filter=${encodeURIComponent(filter)}${rest}`,
  );
const items = async (filter: string, currency = 'USD'): Promise<Item[]> =>
  (await ask(filter, '', currency)).json().Items;
const WEST = "armRegionName eq 'westeurope' and ";

describe('the price list', () => {
  it('asks nobody to sign in, and answers in pages that lead on', async () => {
    const filter = `${WEST}serviceName eq 'Virtual Machines'`;
    const first = (await ask(filter)).json();
    expect(first).toMatchObject({ BillingCurrency: 'USD', CustomerEntityType: 'Retail', Count: 1_000 });
    expect(first.Items).toHaveLength(1_000);
    const second = (await client.call('GET', first.NextPageLink)).json();
    expect(second).toMatchObject({ NextPageLink: null, Count: second.Items.length });
    const seen = [...first.Items, ...second.Items] as Item[];
    expect(new Set(seen.map((item) => JSON.stringify(item))).size).toBe(seen.length);
    expect(second.Items.length).toBeGreaterThan(0);
    expect(new Set(seen.map(({ armRegionName }) => armRegionName))).toEqual(new Set(['westeurope']));
  });

  it('has a machine by operating system, as spot, low priority and for testing, and reserved', async () => {
    const found = await items(`${WEST}armSkuName eq 'Standard_D4s_v5'`);
    expect(
      found.map(({ productName, skuName, type, retailPrice, reservationTerm }) =>
        [
          productName.replace('Virtual Machines Dsv5 Series', '…'),
          skuName,
          type,
          reservationTerm ?? '',
          retailPrice,
        ].join('|'),
      ),
    ).toEqual([
      '…|D4s v5|Consumption||0.192',
      '…|D4s v5 Spot|Consumption||0.01849',
      '…|D4s v5 Low Priority|Consumption||0.048',
      '… Windows|D4s v5|Consumption||0.376',
      '… Windows|D4s v5 Spot|Consumption||0.0752',
      '… Windows|D4s v5 Low Priority|Consumption||0.094',
      '… Windows|D4s v5|DevTestConsumption||0.192',
      '…|D4s v5|Reservation|1 Year|1043',
      '…|D4s v5|Reservation|3 Years|2018',
    ]);
    expect(found[0]).toMatchObject({
      armSkuName: 'Standard_D4s_v5',
      serviceName: 'Virtual Machines',
      unitOfMeasure: '1 Hour',
      location: 'EU West',
      savingsPlan: [
        { term: '1 Year', retailPrice: 0.14016 },
        { term: '3 Years', retailPrice: 0.10368 },
      ],
    });
  });

  it('lists what the estate is charged for, under the same meters and at the same prices', () => {
    const charged = [
      ...VM_SIZES.flatMap((size) => [computeMeter(size, 'Linux'), computeMeter(size, 'Windows'), spotMeter(size)]),
      ...DISK_TIERS.map(diskMeter),
      ...[...PLAN_SIZES, ...Object.values(FURTHER_PLAN_SIZES)].map(planMeter),
      ...DATABASE_SIZES.filter(({ name }) => name !== 'GP_Gen5_4').map(databaseMeter),
      METERS.snapshot,
      METERS.publicIp,
      METERS.loadBalancer,
      METERS.cluster,
      METERS.logIngestion,
      METERS.basicPublicIp,
      METERS.premiumSnapshot,
      METERS.applicationGateway,
      METERS.vpnGateway,
      METERS.natGateway,
      METERS.previousGeneration,
      METERS.redisPremium,
      METERS.redisStandard,
      PLATFORM_METERS.gatewayV1,
    ];
    for (const { meterId, name, unit, price } of charged) {
      const listed = priceList('USD').filter((item) => item['meterId'] === meterId && item['retailPrice'] !== 0);
      const regions = listed.map(({ armRegionName }) => armRegionName);
      expect([name, regions.length, new Set(regions).size]).toEqual([name, regions.length, regions.length || -1]);
      for (const { retailPrice, unitOfMeasure } of listed) {
        expect([name, parseAmount(String(retailPrice)), unitOfMeasure]).toEqual([name, price, unit]);
      }
    }
    // By the day there, by the hour here.
    const [cores] = priceList('USD').filter(
      ({ productName, skuName }) => skuName === '4 vCore' && String(productName).includes('General Purpose'),
    );
    const daily = databaseMeter(DATABASE_SIZES.find(({ name }) => name === 'GP_Gen5_4')!).price;
    expect(parseAmount(String(cores!['retailPrice'])) * 24n).toBe(daily);
  });

  it('has the sizes of the estate at its prices, and others on both sides of them', () => {
    for (const { name, hourly, cores, memoryGiB } of VM_SIZES) {
      expect(MACHINE_SIZES.filter((size) => size.name === name)).toMatchObject([{ hourly, cores, memoryGiB }]);
    }
    expect(MACHINE_SIZES.length).toBeGreaterThan(100);
    expect(new Set(MACHINE_SIZES.map(({ name }) => name)).size).toBe(MACHINE_SIZES.length);
  });

  it('is in euros at one rate', async () => {
    const filter = `${WEST}skuName eq 'P10 LRS' and meterName eq 'P10 LRS Disk'`;
    const [dollars] = await items(filter);
    const [euros] = await items(filter, 'EUR');
    expect([dollars!.retailPrice, euros!.retailPrice, euros!['currencyCode']]).toEqual([19.71, 18.1332, 'EUR']);
  });

  it('has balancers and NAT gateways in no region', async () => {
    expect(await items(`${WEST}serviceName eq 'NAT Gateway'`)).toEqual([]);
    const everywhere = await items(
      "(armRegionName eq 'Global' or armRegionName eq '') and serviceName eq 'NAT Gateway'",
    );
    expect(everywhere.map(({ meterName }) => meterName)).toEqual(['Standard Gateway', 'Standard Data Processed']);
  });

  it('refuses what the API refuses, in its own form', async () => {
    const error = { Error: { Code: 'BadRequest', Message: 'Invalid OData parameters supplied' } };
    for (const filter of [
      "serviceName in ('Storage')",
      "not(contains(productName,'x'))",
      "nothing eq 'x'",
      '(',
      "type eq 'x' 'y'",
    ]) {
      const answer = await ask(filter);
      expect([filter, answer.status, answer.json()]).toEqual([filter, 400, error]);
    }
    expect((await ask("type eq 'x'", '&$skip=x')).status).toBe(400);
    expect((await ask("type eq 'x'", '', 'PLN')).status).toBe(400);
    expect((await client.call('GET', '/api/retail/prices?api-version=2023-01-01')).status).toBe(400);
    expect((await client.call('POST', '/api/retail/prices')).status).toBe(405);
  });

  it('meets bad weather like everything else', async () => {
    const fault = { service: 'retail-prices', throttle: true, retryAfterSeconds: 7 };
    await client.admin('POST', '/faults', fault);
    const refused = await ask("type eq 'x'");
    expect([refused.status, refused.headers['retry-after'], refused.json().Error.Code]).toEqual([
      429,
      '7',
      'TooManyRequests',
    ]);
    await expect(client.admin('POST', '/faults', { service: 'retail-prices', expiredToken: true })).rejects.toThrow(
      /nobody signs in/,
    );
  });
});

describe('a filter', () => {
  const item = {
    serviceName: 'Storage',
    skuName: "P10's",
    type: 'Consumption',
    productName: 'Premium SSD Managed Disks',
  };
  it.each([
    ["serviceName eq 'Storage'", true],
    ["serviceName eq 'storage'", false],
    ["serviceName ne 'Storage'", false],
    ["priceType eq 'Consumption' and type eq 'Consumption'", true],
    ["skuName eq 'P10''s'", true],
    ["serviceName eq 'x' or serviceName eq 'Storage' and skuName eq 'x'", false],
    ["(serviceName eq 'x' or serviceName eq 'Storage') and contains(productName,'SSD')", true],
    ["contains(productName, 'ssd')", false],
    ["contains(skuName, 'Spot') eq false", true],
    ["contains(productName,'SSD') ne true", false],
    ["armRegionName eq ''", false],
  ])('%s', (filter, matches) => expect(parseFilter(filter)(item)).toBe(matches));

  it('compares fifteen times at most', () => {
    const compare = (times: number) => Array.from({ length: times }, () => "type eq 'x'").join(' or ');
    expect(() => parseFilter(compare(15))).not.toThrow();
    expect(() => parseFilter(compare(16))).toThrow(FilterError);
  });
});

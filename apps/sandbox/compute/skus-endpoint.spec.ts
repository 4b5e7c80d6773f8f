import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MACHINE_SIZES } from '../estate/machine-sizes.js';
import { LOCATIONS } from '../estate/names.js';
import { priceList } from '../retail-prices/price-list.js';
import { SandboxClient } from '../testing/sandbox-client.js';

interface Sku {
  resourceType: string;
  name: string;
  locations: string[];
  capabilities: { name: string; value: string }[];
  restrictions: { type: string; reasonCode: string; restrictionInfo: object }[];
}

let client: SandboxClient;
let headers: Record<string, string>;
beforeAll(async () => {
  client = await SandboxClient.start({ tenants: 1 });
  headers = await client.authorize();
});
afterAll(() => client.stop());

const ask = (parameters: string, subscription = client.subscription(0)) =>
  client.call(
    'GET',
    `/subscriptions/${subscription}/providers/Microsoft.Compute/skus?api-version=2021-07-01${parameters}`,
    { headers },
  );
const inRegion = (region: string) => ask(`&$filter=${encodeURIComponent(`location eq '${region}'`)}`);
const skus = async (region = 'westeurope'): Promise<Sku[]> => (await inRegion(region)).json().value;
const machines = async () => (await skus()).filter(({ resourceType }) => resourceType === 'virtualMachines');

describe('what Compute sells', () => {
  it('is sizes of machines in a region, everything as text', async () => {
    const found = (await machines()).find(({ name }) => name === 'Standard_D4s_v5')!;
    expect(found).toMatchObject({
      tier: 'Standard',
      size: 'D4s_v5',
      family: 'standardDSv5Family',
      locations: ['westeurope'],
      restrictions: [],
    });
    expect(Object.fromEntries(found.capabilities.map(({ name, value }) => [name, value]))).toMatchObject({
      vCPUs: '4',
      MemoryGB: '16',
      MaxDataDiskCount: '8',
      PremiumIO: 'True',
      RdmaEnabled: 'False',
      CpuArchitectureType: 'x64',
      HyperVGenerations: 'V1,V2',
    });
    expect(new Set((await skus()).map(({ resourceType }) => resourceType))).toEqual(
      new Set(['availabilitySets', 'virtualMachines', 'disks']),
    );
  });

  it('is every size that the price list has, and no other', async () => {
    const listed = new Set(
      priceList('USD')
        .filter(
          ({ serviceName, armRegionName }) => serviceName === 'Virtual Machines' && armRegionName === 'westeurope',
        )
        .map(({ armSkuName }) => armSkuName),
    );
    const names = (await machines()).map(({ name }) => name);
    expect(new Set(names)).toEqual(listed);
    expect(names).toHaveLength(MACHINE_SIZES.length);
  });

  it('is in part not to be had, in the region or in one of its zones', async () => {
    const restricted = (await machines()).flatMap(({ name, restrictions }) =>
      restrictions.map(({ type, reasonCode, restrictionInfo }) => ({ name, type, reasonCode, restrictionInfo })),
    );
    expect(restricted).toContainEqual({
      name: 'Standard_L8s_v3',
      type: 'Location',
      reasonCode: 'NotAvailableForSubscription',
      restrictionInfo: { locations: ['westeurope'] },
    });
    expect(restricted).toContainEqual(
      expect.objectContaining({
        name: 'Standard_D2ads_v5',
        type: 'Zone',
        restrictionInfo: { locations: ['westeurope'], zones: ['3'] },
      }),
    );
    expect(restricted.length).toBeLessThan(MACHINE_SIZES.length / 4);
  });

  it('is filtered by location alone', async () => {
    expect(await skus('WestEurope')).toEqual(await skus());
    expect(await skus('atlantis')).toEqual([]);
    const everywhere: Sku[] = (await ask('')).json().value;
    expect(new Set(everywhere.flatMap(({ locations }) => locations))).toEqual(new Set(LOCATIONS));
    const refused = await ask(`&$filter=${encodeURIComponent("name eq 'Standard_D4s_v5'")}`);
    expect([refused.status, refused.json().error.code]).toEqual([400, 'BadRequest']);
  });

  it('is told to readers of the subscription, in versions that exist', async () => {
    const [readable, other] = [client.subscription(0), client.subscription(1)];
    await client.admin('PUT', `/subscriptions/${other}`, { access: 'costs-only' });
    const refused = await ask('', other);
    expect([refused.status, refused.json().error.code]).toEqual([403, 'AuthorizationFailed']);
    expect(
      (await client.call('GET', `/subscriptions/${readable}/providers/Microsoft.Compute/skus`, { headers })).status,
    ).toBe(400);
    expect(
      (await client.call('GET', `/subscriptions/${readable}/providers/Microsoft.Compute/skus?api-version=2021-07-01`))
        .status,
    ).toBe(401);
  });
});

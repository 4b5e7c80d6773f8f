import { describe, expect, it } from 'vitest';
import type { PlanRequest } from '#core/connector.js';
import { FakeAzure, RESOURCE_MANAGER_URL, type FakeAnswer, type FakeRequest } from '../testing/fake-azure.js';
import { apiOver, checkAll, readAll, subscription, SUBSCRIPTION_ID, TENANT } from '../testing/read-harness.js';
import { computeSkusConnector } from './compute-skus.connector.js';

type Capabilities = Record<string, string>;

/** As Azure answers for West Europe, as to the shape: all capabilities are text. */
const sku = (name: string, capabilities: Capabilities = {}, changes: object = {}) => ({
  resourceType: 'virtualMachines',
  name,
  tier: 'Standard',
  size: name.replace('Standard_', ''),
  family: 'standardDSv5Family',
  locations: ['westeurope'],
  locationInfo: [{ location: 'westeurope', zones: ['1', '2', '3'], zoneDetails: [] }],
  capabilities: Object.entries({ vCPUs: '4', MemoryGB: '16', ...capabilities }).map(([key, value]) => ({
    name: key,
    value,
  })),
  restrictions: [],
  ...changes,
});
const D4S = sku('Standard_D4s_v5', {
  MaxResourceVolumeMB: '0',
  OSVhdSizeMB: '1047552',
  HyperVGenerations: 'V1,V2',
  MaxDataDiskCount: '8',
  CpuArchitectureType: 'x64',
  LowPriorityCapable: 'True',
  PremiumIO: 'True',
  VMDeploymentTypes: 'IaaS',
  vCPUsAvailable: '4',
  UncachedDiskIOPS: '6400',
  UncachedDiskBytesPerSecond: '145000000',
  EphemeralOSDiskSupported: 'False',
  AcceleratedNetworkingEnabled: 'True',
  RdmaEnabled: 'False',
  MaxNetworkInterfaces: '2',
});
const restriction = (type: string) => ({
  restrictions: [
    {
      type,
      values: ['westeurope'],
      restrictionInfo: { locations: ['westeurope'], ...(type === 'Zone' && { zones: ['1'] }) },
      reasonCode: 'NotAvailableForSubscription',
    },
  ],
});
const page = (value: unknown, nextLink?: string): FakeAnswer => ({ json: { value, ...(nextLink && { nextLink }) } });
const LINK = `${RESOURCE_MANAGER_URL}/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Compute/skus?page=2`;
const isFirst = ({ url }: FakeRequest) => !url.searchParams.has('page');

function read(answer: (request: FakeRequest) => FakeAnswer) {
  const azure = new FakeAzure(answer);
  const window = { scope: 'westeurope', subscriptionId: SUBSCRIPTION_ID, range: null };
  return { azure, outcome: readAll(computeSkusConnector(apiOver(azure)), window) };
}

const recordsOf = async (...skus: object[]) => (await read(() => page(skus)).outcome).records;

describe('sizes of virtual machines', () => {
  it('are read as typed capabilities', async () => {
    const { records, proof, events } = await read(() => page([D4S])).outcome;
    expect(records).toEqual([
      {
        region: 'westeurope',
        name: 'Standard_D4s_v5',
        family: 'standardDSv5Family',
        vCpus: 4,
        memoryGiB: 16,
        maxDataDisks: 8,
        maxNetworkInterfaces: 2,
        premiumIo: true,
        acceleratedNetworking: true,
        ephemeralOsDisk: false,
        architecture: 'x64',
        generations: ['V1', 'V2'],
        uncachedIops: 6400,
        uncachedBytesPerSecond: 145_000_000,
        temporaryDiskMiB: 0,
        isRestricted: false,
      },
    ]);
    expect(proof).toMatchObject({ pages: 1, rows: 1, complete: true, unavailable: null });
    expect(events.map((event) => ('kept' in event ? event.kept : event.yielded))).toEqual(['sizes-0001', 1]);
  });

  it('are asked for by region, and followed to the end', async () => {
    const { azure, outcome } = read((request) =>
      isFirst(request) ? page([D4S], LINK) : page([sku('Standard_D8s_v5', { vCPUs: '8' })]),
    );
    const { records, proof } = await outcome;
    expect(records.map(({ name, vCpus }) => `${name} ${vCpus}`)).toEqual(['Standard_D4s_v5 4', 'Standard_D8s_v5 8']);
    expect(proof).toMatchObject({ pages: 2, rows: 2 });
    const [first, second] = azure.requests.map(({ url }) => url);
    expect(first!.pathname).toBe(`/subscriptions/${SUBSCRIPTION_ID}/providers/Microsoft.Compute/skus`);
    expect(Object.fromEntries(first!.searchParams)).toEqual({
      'api-version': '2021-07-01',
      $filter: "location eq 'westeurope'",
    });
    expect(second!.href).toBe(LINK);
  });

  it('are told from what else Compute sells', async () => {
    const others = ['disks', 'availabilitySets', 'hostGroups/hosts', 'snapshots'];
    const skus = others.map((resourceType) => sku('Premium_LRS', {}, { resourceType }));
    expect((await recordsOf(...skus, D4S)).map(({ name }) => name)).toEqual(['Standard_D4s_v5']);
  });

  it('with constrained cores have the cores that are left', async () => {
    const capabilities = { vCPUs: '8', vCPUsAvailable: '2', MemoryGB: '64' };
    expect(await recordsOf(sku('Standard_E8-2s_v5', capabilities))).toMatchObject([{ vCpus: 2, memoryGiB: 64 }]);
  });

  it('of Azure before its last capabilities were invented know less, not something else', async () => {
    expect(await recordsOf(sku('Standard_A0', { vCPUs: '1', MemoryGB: '0.75' }))).toMatchObject([
      {
        vCpus: 1,
        memoryGiB: 0.75,
        maxDataDisks: null,
        premiumIo: false,
        architecture: 'x64',
        generations: [],
        uncachedIops: null,
        temporaryDiskMiB: null,
      },
    ]);
    expect(await recordsOf(sku('Standard_D4ps_v5', { CpuArchitectureType: 'Arm64', MaxDataDiskCount: '?' }))).toEqual([
      expect.objectContaining({ architecture: 'Arm64', maxDataDisks: null }),
    ]);
  });

  it('without cores or memory are no sizes', async () => {
    const skus = [D4S, sku('Standard_None', { vCPUs: 'many' }), sku('Standard_Null', { MemoryGB: '' })];
    expect((await recordsOf(...skus, { ...D4S, name: 'Standard_Bare', capabilities: null })).length).toBe(1);
  });

  it('are restricted by region, not by zone', async () => {
    const records = await recordsOf(
      sku('Standard_L8s_v3', {}, restriction('Location')),
      sku('Standard_D2ads_v5', {}, restriction('Zone')),
      sku('Standard_D2s_v5', {}, { restrictions: null }),
    );
    expect(records.map(({ isRestricted }) => isRestricted)).toEqual([true, false, false]);
  });

  it.each<[string, (request: FakeRequest) => FakeAnswer]>([
    ['it names none in westeurope', () => page([])],
    ['it names none in westeurope', () => page([sku('Aligned', {}, { resourceType: 'availabilitySets' })])],
    ['page 1 has no list of sizes', () => page(null)],
    ['page 1 is empty, but leads on', () => page([], LINK)],
    ['page 2 repeats what came before', (request) => page([D4S], isFirst(request) ? LINK : undefined)],
  ])('are not trusted when %s', async (reason, answer) => {
    await expect(read(answer).outcome).rejects.toMatchObject({
      name: 'IncompleteReadError',
      message: expect.stringContaining(reason),
    });
  });

  it('need a reader of the subscription', async () => {
    const json = { error: { code: 'AuthorizationFailed', message: 'The client does not have authorization.' } };
    await expect(read(() => ({ status: 403, json })).outcome).rejects.toMatchObject({
      name: 'PermissionError',
      missingRole: 'Reader',
    });
  });

  const plan = (changes: Partial<PlanRequest>) =>
    computeSkusConnector(apiOver(new FakeAzure())).windows({
      mode: 'full',
      now: new Date(),
      range: null,
      tenant: TENANT,
      subscriptions: [subscription({ subscriptionId: 'a' }), subscription({ subscriptionId: 'b' })],
      resources: new Map(),
      regions: new Map(),
      currencies: ['EUR'],
      callsLeft: null,
      backfillMonths: 0,
      ...changes,
    });

  it('are planned once for each region that has machines, through a subscription that has some', () => {
    const regions = new Map([
      ['westeurope', ['b', 'a']],
      ['eastus', ['a']],
    ]);
    expect(plan({ regions })).toEqual([
      { scope: 'westeurope', subscriptionId: 'b', range: null },
      { scope: 'eastus', subscriptionId: 'a', range: null },
    ]);
    expect(plan({})).toEqual([]);
  });

  it.each(['Disabled', 'Deleted'])('are not asked for through a subscription that is %s', (state) => {
    const subscriptions = [subscription({ subscriptionId: 'a', state }), subscription({ subscriptionId: 'b' })];
    const regions = new Map([
      ['westeurope', ['a', 'b']],
      ['eastus', ['a']],
      ['uksouth', ['gone']],
    ]);
    expect(plan({ subscriptions, regions })).toEqual([{ scope: 'westeurope', subscriptionId: 'b', range: null }]);
  });

  it('are checked where the tenant has a machine', async () => {
    const azure = new FakeAzure(() => page([D4S]));
    const location = 'northeurope';
    const resources = [{ resourceId: '/vm', subscriptionId: 'holder', type: 'x', location }];
    expect(await checkAll(computeSkusConnector(apiOver(azure)), { resources })).toMatchObject([
      {
        subject: 'subscription holder',
        outcome: 'ok',
        reason: '1 sizes of virtual machines are listed in northeurope.',
      },
    ]);
    expect(azure.requests[0]!.url.searchParams.get('$filter')).toBe("location eq 'northeurope'");
  });

  it('are checked in some region as long as no machine is known, and not at all without a subscription', async () => {
    const check = (changes: object) =>
      checkAll(computeSkusConnector(apiOver(new FakeAzure(() => page([D4S])))), changes);
    expect(await check({})).toMatchObject([{ subject: `subscription ${SUBSCRIPTION_ID}`, outcome: 'ok' }]);
    expect(await check({ subscriptions: [] })).toMatchObject([{ outcome: 'not-asked' }]);
  });

  it('are checked with the role to grant as the answer', async () => {
    const json = { error: { code: 'AuthorizationFailed', message: 'No.' } };
    const azure = new FakeAzure(() => ({ status: 403, json }));
    expect(await checkAll(computeSkusConnector(apiOver(azure)))).toMatchObject([
      { outcome: 'missing-role', grant: { role: 'Reader', scope: `/subscriptions/${SUBSCRIPTION_ID}` } },
    ]);
  });
});

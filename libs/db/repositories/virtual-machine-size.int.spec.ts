import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { VirtualMachineSizeRecord } from '#core/records.js';
import { VirtualMachineSizeRepository } from './virtual-machine-size.repository.js';
import { addTenant, openTestLogins, type TestLogins } from '../../../test/harness/ledger.js';
import { proof } from '../../../test/harness/ingestion.js';

const size = (name: string, changes: Partial<VirtualMachineSizeRecord> = {}): VirtualMachineSizeRecord => ({
  region: 'westeurope',
  name,
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
  uncachedIops: 6_400,
  uncachedBytesPerSecond: 145_000_000,
  temporaryDiskMiB: 0,
  isRestricted: false,
  ...changes,
});

describe('sizes of virtual machines', () => {
  let logins: TestLogins;
  let sizes: VirtualMachineSizeRepository;
  let tenantId: string;
  beforeAll(async () => {
    logins = await openTestLogins();
    sizes = new VirtualMachineSizeRepository(logins.worker);
    tenantId = await addTenant(logins.owner, 'tenant');
  });
  afterAll(() => logins.close());
  beforeEach(() => logins.owner.pool.query('DELETE FROM virtual_machine_sizes'));

  const store = async (records: VirtualMachineSizeRecord[], { complete = true, checkpoint = async () => {} } = {}) => {
    const sink = await sizes.openSink({
      tenantId,
      source: 'compute-skus',
      subscriptionId: 's',
      range: null,
      runId: crypto.randomUUID(),
      startedAt: new Date(),
    });
    await sink.add(records);
    return sink.publish(proof({ complete }), checkpoint);
  };
  const names = async (...regions: string[]) =>
    (await sizes.ofRegions(regions)).map(({ region, name }) => `${region} ${name}`);

  it('come back as they were read', async () => {
    const records = [
      size('Standard_A0', {
        vCpus: 1,
        memoryGiB: 0.75,
        maxDataDisks: null,
        maxNetworkInterfaces: null,
        premiumIo: false,
        acceleratedNetworking: false,
        generations: [],
        uncachedIops: null,
        uncachedBytesPerSecond: null,
        temporaryDiskMiB: null,
      }),
      size('Standard_D4pds_v5', { architecture: 'Arm64', generations: ['V2'], ephemeralOsDisk: true }),
      size('Standard_M832ixs', { uncachedBytesPerSecond: 8_000_000_000, temporaryDiskMiB: 2_000_000_000 }),
      size('Standard_Z1', { isRestricted: true }),
    ];
    expect(await store(records)).toEqual({ rows: 4, totals: [] });
    expect(await sizes.ofRegions(['westeurope'])).toEqual(records);
  });

  it('replace those of their region, and no others', async () => {
    await store([size('A'), size('gone')]);
    await store([size('B', { region: 'eastus' })]);
    await store([size('C')]);
    expect(await names('westeurope', 'eastus', 'uksouth')).toEqual(['eastus B', 'westeurope C']);
    expect(await names('eastus')).toEqual(['eastus B']);
    expect(await names()).toEqual([]);
  });

  it('stay as they were when a read was not whole, or its checkpoint is refused', async () => {
    await store([size('A')]);
    expect(await store([size('B')], { complete: false })).toEqual({ rows: 0, totals: [] });
    const refused = store([size('C')], { checkpoint: () => Promise.reject(new Error('fenced')) });
    await expect(refused).rejects.toThrow('fenced');
    expect(await names('westeurope')).toEqual(['westeurope A']);
  });

  it('are replaced by one of several workers after the other, never by all at once', async () => {
    await store([size('A')]);
    await Promise.all([1, 2, 3, 4].map((worker) => store([size('A'), size(`of ${worker}`)])));
    expect(await names('westeurope')).toEqual(['westeurope A', expect.stringMatching(/^westeurope of \d$/)]);
  });

  it('are read by every tenant, and written by workers alone', async () => {
    await store([size('A')]);
    expect(await new VirtualMachineSizeRepository(logins.api).ofRegions(['westeurope'])).toHaveLength(1);
    await expect(logins.api.pool.query('DELETE FROM virtual_machine_sizes')).rejects.toThrow(/permission denied/);
    await expect(logins.worker.pool.query('UPDATE virtual_machine_sizes SET v_cpus = 1')).rejects.toThrow(
      /permission denied/,
    );
  });
});

import { describe, expect, it } from 'vitest';
import type { VirtualMachineSizeRecord } from '#core/records.js';
import { SizeBook } from './size-book.js';

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

const book = new SizeBook([
  size('Standard_D4s_v5'),
  size('Standard_D8s_v5', { vCpus: 8, memoryGiB: 32 }),
  size('Standard_L8s_v3', { isRestricted: true }),
  size('Standard_D4s_v5', { region: 'eastus', isRestricted: true }),
]);
const namesIn = (region: string) => book.sizesOf(region).map(({ name }) => name);

describe('a size', () => {
  it('is known by region and name, however either is written', () => {
    expect(book.size('westeurope', 'Standard_D8s_v5')).toMatchObject({ vCpus: 8, memoryGiB: 32, premiumIo: true });
    expect(book.size('West Europe', 'standard_d8S_V5')?.name).toBe('Standard_D8s_v5');
  });

  it('is unknown where it was not listed', () => {
    expect(book.size('westeurope', 'Standard_D16s_v5')).toBeNull();
    expect(book.size('eastus', 'Standard_D8s_v5')).toBeNull();
    expect(book.size('uksouth', 'Standard_D4s_v5')).toBeNull();
  });

  it('that is restricted is offered to nobody, not even by its name', () => {
    expect(book.size('westeurope', 'Standard_L8s_v3')).toBeNull();
    expect(namesIn('westeurope')).toEqual(['Standard_D4s_v5', 'Standard_D8s_v5']);
    expect(book.size('eastus', 'Standard_D4s_v5')).toBeNull();
    expect(namesIn('eastus')).toEqual([]);
    expect(namesIn('uksouth')).toEqual([]);
  });
});

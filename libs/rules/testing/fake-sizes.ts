import type { MachineSize, MachineSizes } from '../reference.js';

/** A size of the Dsv5 series by its number of cores, changed by the draft. */
export function size(vCpus: number, draft: Partial<MachineSize> = {}): MachineSize {
  return {
    name: `Standard_D${vCpus}s_v5`,
    family: 'standardDSv5Family',
    vCpus,
    memoryGiB: 4 * vCpus,
    maxDataDisks: 2 * vCpus,
    maxNetworkInterfaces: Math.max(2, vCpus / 2),
    premiumIo: true,
    acceleratedNetworking: true,
    architecture: 'x64',
    generations: ['V1', 'V2'],
    uncachedIops: 1_600 * vCpus,
    uncachedBytesPerSecond: 40_000_000 * vCpus,
    temporaryDiskMiB: 0,
    ...draft,
  };
}

/** The sizes of every region. */
export function sizes(...known: readonly MachineSize[]): MachineSizes {
  return { size: (_, name) => known.find((each) => each.name === name) ?? null, sizesOf: () => known };
}

import type { VirtualMachineSizeRecord } from '#core/records.js';
import type { MachineSize, MachineSizes } from './reference.js';

/**
 * Sizes of virtual machines by region, as rules ask for them; names are Azure's, in any case. What is restricted in its
 * whole region is left out: no machine may be given it.
 */
export class SizeBook implements MachineSizes {
  readonly #sizes = new Map<string, VirtualMachineSizeRecord>();
  readonly #regions = new Map<string, VirtualMachineSizeRecord[]>();

  constructor(records: readonly VirtualMachineSizeRecord[]) {
    for (const record of records) {
      if (record.isRestricted) continue;
      const region = keyOf(record.region);
      this.#sizes.set(`${region} ${keyOf(record.name)}`, record);
      const sizes = this.#regions.get(region) ?? [];
      sizes.push(record);
      this.#regions.set(region, sizes);
    }
  }

  /** What a size can do; null where it cannot be had. */
  size(region: string, name: string): MachineSize | null {
    return this.#sizes.get(`${keyOf(region)} ${keyOf(name)}`) ?? null;
  }

  /** All sizes that can be had in a region. */
  sizesOf(region: string): readonly MachineSize[] {
    return this.#regions.get(keyOf(region)) ?? [];
  }
}

function keyOf(name: string): string {
  return name.replaceAll(' ', '').toLowerCase();
}

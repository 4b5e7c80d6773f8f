import type { VirtualMachineSizeRecord } from '#core/records.js';
import type { MachineSize, MachineSizes } from './reference.js';

/** Sizes of virtual machines by region, as rules ask for them. Names are Azure's, in any case. */
export class SizeBook implements MachineSizes {
  readonly #sizes = new Map<string, VirtualMachineSizeRecord>();
  readonly #regions = new Map<string, VirtualMachineSizeRecord[]>();

  constructor(records: readonly VirtualMachineSizeRecord[]) {
    for (const record of records) {
      const region = keyOf(record.region);
      this.#sizes.set(`${region} ${keyOf(record.name)}`, record);
      const usable = this.#regions.get(region) ?? [];
      if (!record.isRestricted) usable.push(record);
      this.#regions.set(region, usable);
    }
  }

  /** What a size can do, restricted ones included: machines run on them that could not be started any more. */
  size(region: string, name: string): MachineSize | null {
    return this.#sizes.get(`${keyOf(region)} ${keyOf(name)}`) ?? null;
  }

  /** The sizes that a machine may be given, without those that are restricted. */
  sizesOf(region: string): readonly MachineSize[] {
    return this.#regions.get(keyOf(region)) ?? [];
  }
}

function keyOf(name: string): string {
  return name.replaceAll(' ', '').toLowerCase();
}

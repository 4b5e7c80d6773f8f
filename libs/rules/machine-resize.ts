import { decimal } from '#core/decimal.js';
import type { InventoryResource } from '#core/facts.js';
import type { Estate } from './estate.js';
import { sizeNameOf, successorOf } from './machine-size-name.js';
import { idOf, listAt, textAt, valueAt } from './property.js';
import type { MachineSize } from './reference.js';
import { disksAttachedTo } from './virtual-machine.js';

/** What a machine needs of a size, whatever it is called. */
export interface MachineNeeds {
  vCpus: number;
  memoryGiB: number;
  dataDisks: number;
  networkInterfaces: number;
  premiumIo: boolean;
  acceleratedNetworking: boolean;
  /** Of each disk interval's total; null where it was not measured. */
  diskBytesPerSecond: number | null;
  /** Of Hyper-V, any of which it may be of. */
  generations: readonly string[];
}

/** The other sizes that a machine may be given, and what each lacks. */
export interface Candidate {
  size: MachineSize;
  /** By list price, an hour. */
  price: string;
  /** Names of what the machine needs and the size does not have. */
  lacks: readonly string[];
}

/** What the machine needs besides CPU and memory, from its properties, its disks and its network interfaces. */
export function needsOf(
  machine: InventoryResource,
  current: MachineSize,
  estate: Estate,
): Omit<MachineNeeds, 'vCpus' | 'memoryGiB' | 'diskBytesPerSecond'> {
  const disks = disksAttachedTo(machine, estate);
  const interfaces = listAt(machine, 'properties.networkProfile.networkInterfaces').map(idOf);
  const generation = textAt(machine, 'properties.extended.instanceView.hyperVGeneration')?.toUpperCase();
  return {
    dataDisks: listAt(machine, 'properties.storageProfile.dataDisks').length,
    networkInterfaces: interfaces.length,
    premiumIo: disks.some((disk) => /^(premium|ultra)/i.test(textAt(disk, 'sku.name') ?? '')),
    // An interface that is not in the inventory may have it.
    acceleratedNetworking:
      current.acceleratedNetworking &&
      interfaces.some((id) => {
        const networkInterface = estate.resource(id);
        return !networkInterface || valueAt(networkInterface, 'properties.enableAcceleratedNetworking') === true;
      }),
    generations: generation === undefined ? current.generations : [generation],
  };
}

/** The sizes of the same family, or of the generation that succeeds it, which cost less; the cheapest first. */
export function cheaperSizes(
  current: MachineSize,
  price: string,
  needs: MachineNeeds,
  offered: readonly MachineSize[],
  priceOf: (size: MachineSize) => string | null,
): Candidate[] {
  const lines = new Set([current.name, successorOf(current.name)].map((name) => name && lineOf(name)));
  return offered
    .filter(({ name }) => lines.has(lineOf(name)))
    .flatMap((size) => {
      const own = priceOf(size);
      return own !== null && decimal(own).lt(price) ? [{ size, price: own, lacks: lacking(size, current, needs) }] : [];
    })
    .toSorted((a, b) => decimal(a.price).cmp(b.price) || a.size.name.localeCompare(b.size.name));
}

/** What sizes that differ in nothing but their number of cores have in common. */
function lineOf(name: string): string | null {
  const size = sizeNameOf(name);
  return size && size.constrainedTo === undefined ? `${size.family} ${size.features} ${size.version}` : null;
}

function lacking(size: MachineSize, current: MachineSize, needs: MachineNeeds): string[] {
  const missing: Record<string, boolean> = {
    vcpus: size.vCpus < needs.vCpus,
    memory: size.memoryGiB < needs.memoryGiB,
    data_disks: !(size.maxDataDisks !== null && size.maxDataDisks >= needs.dataDisks),
    network_interfaces: !(size.maxNetworkInterfaces !== null && size.maxNetworkInterfaces >= needs.networkInterfaces),
    premium_io: needs.premiumIo && !size.premiumIo,
    accelerated_networking: needs.acceleratedNetworking && !size.acceleratedNetworking,
    disk_throughput:
      needs.diskBytesPerSecond !== null &&
      size.uncachedBytesPerSecond !== null &&
      size.uncachedBytesPerSecond < needs.diskBytesPerSecond,
    architecture: size.architecture !== current.architecture,
    generation: needs.generations.some((generation) => !size.generations.includes(generation)),
    // Azure resizes neither to a size without a temporary disk from one that has it, nor the other way round.
    temporary_disk: hasTemporaryDisk(size) !== hasTemporaryDisk(current),
  };
  return Object.keys(missing).filter((name) => missing[name]);
}

function hasTemporaryDisk({ temporaryDiskMiB }: MachineSize): boolean {
  return (temporaryDiskMiB ?? 0) > 0;
}

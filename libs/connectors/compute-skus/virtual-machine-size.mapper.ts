import type { VirtualMachineSizeRecord } from '#core/records.js';
import { isObject, textOrNull } from '../azure/json-body.js';

/**
 * One item of `Microsoft.Compute/skus` as a record, or null for what is no size of virtual machine or does not say how
 * many cores and how much memory it has. Azure writes numbers and truth values as text: `"16"`, `"True"`.
 */
export function toVirtualMachineSize(item: unknown, region: string): VirtualMachineSizeRecord | null {
  if (!isObject(item) || textOrNull(item['resourceType'])?.toLowerCase() !== 'virtualmachines') return null;
  const name = textOrNull(item['name']);
  const capabilities = capabilitiesOf(item['capabilities']);
  const number = (capability: string): number | null => {
    const text = capabilities.get(capability);
    return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
  };
  const isTrue = (capability: string) => capabilities.get(capability)?.toLowerCase() === 'true';
  // Constrained sizes have the memory of a larger one, and fewer cores than it.
  const vCpus = number('vCPUsAvailable') ?? number('vCPUs');
  const memoryGiB = number('MemoryGB');
  if (name === null || vCpus === null || memoryGiB === null) return null;
  return {
    region,
    name,
    family: textOrNull(item['family']) ?? '',
    vCpus,
    memoryGiB,
    maxDataDisks: number('MaxDataDiskCount'),
    maxNetworkInterfaces: number('MaxNetworkInterfaces'),
    premiumIo: isTrue('PremiumIO'),
    acceleratedNetworking: isTrue('AcceleratedNetworkingEnabled'),
    ephemeralOsDisk: isTrue('EphemeralOSDiskSupported'),
    architecture: capabilities.get('CpuArchitectureType')?.toLowerCase() === 'arm64' ? 'Arm64' : 'x64',
    generations:
      capabilities
        .get('HyperVGenerations')
        ?.split(',')
        .map((each) => each.trim()) ?? [],
    uncachedIops: number('UncachedDiskIOPS'),
    uncachedBytesPerSecond: number('UncachedDiskBytesPerSecond'),
    temporaryDiskMiB: number('MaxResourceVolumeMB'),
    isRestricted: isRestricted(item['restrictions']),
  };
}

function capabilitiesOf(value: unknown): Map<string, string> {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return new Map(
    list.flatMap((each): [string, string][] => {
      const name = isObject(each) ? textOrNull(each['name']) : null;
      const text = isObject(each) ? textOrNull(each['value']) : null;
      return name === null || text === null ? [] : [[name, text]];
    }),
  );
}

/** Restrictions to zones leave the region to use; those of the location do not, whatever their reason. */
function isRestricted(value: unknown): boolean {
  const restrictions: readonly unknown[] = Array.isArray(value) ? value : [];
  return restrictions.some((each) => isObject(each) && each['type'] === 'Location');
}

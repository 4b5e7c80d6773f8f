import type { VirtualMachineSizeRecord } from '#core/records.js';

/** List prices of one currency, decimal strings; null where the list has no single answer. */
export interface Prices {
  readonly currency: string;
  virtualMachineHourly(region: string, size: string, operatingSystem: 'Linux' | 'Windows'): string | null;
  reservedVirtualMachineHourly(region: string, size: string, term: '1 Year' | '3 Years'): string | null;
  /** `tier` as Azure names disks by size, e.g. `P10`. */
  managedDiskMonthly(region: string, tier: string, redundancy: 'LRS' | 'ZRS'): string | null;
  snapshotGiBMonthly(region: string, storage: 'Standard' | 'Premium', redundancy: 'LRS' | 'ZRS'): string | null;
  appServicePlanHourly(region: string, sku: string, operatingSystem: 'Linux' | 'Windows'): string | null;
  /** `objective` as in `currentServiceObjectiveName`, e.g. `S3`, `GP_Gen5_4`. */
  sqlDatabaseMonthly(region: string, objective: string): string | null;
  publicIpHourly(region: string): string | null;
}

/** What a size of virtual machine can do. */
export type MachineSize = Omit<VirtualMachineSizeRecord, 'region' | 'ephemeralOsDisk' | 'isRestricted'>;

/** The sizes that a subscription may use in a region. */
export interface MachineSizes {
  size(region: string, name: string): MachineSize | null;
  sizesOf(region: string): readonly MachineSize[];
}

/** What is known beyond the estate; null where it was never read. */
export interface Reference {
  prices: Prices | null;
  sizes: MachineSizes | null;
}

import { DISK_TIERS, VM_SIZES, computeMeter, diskMeter, type Meter, type MeterUse } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

export const HOURS_PER_DAY = 24_000_000;
export const MONTHLY_UNIT_PER_DAY = 32_877;
const GIB = 1024 ** 3;

/** D4s v5, the size of planted machines unless said otherwise. */
const SIZE = VM_SIZES[2];

/** Metrics of a host: percent of CPU and of available memory, bytes a minute of traffic. */
export const load = (cpu: number, free: number, traffic: number) => ({
  'Percentage CPU': cpu,
  'Available Memory Percentage': free,
  'Available Memory Bytes': Math.round((free / 100) * SIZE.memoryGiB * GIB),
  'Network In Total': traffic,
  'Network Out Total': traffic,
  'Disk Read Bytes': traffic,
  'Disk Write Bytes': traffic,
});
/** Too much for a smaller size, and nothing like idle. */
export const BUSY = load(60, 40, 5_000_000);
export const IDLE = load(2, 80, 10_000);

interface MachineSpec {
  readonly vmSize?: string;
  readonly state?: 'running' | 'stopped' | 'deallocated';
  readonly osType?: 'Linux' | 'Windows';
  readonly image?: { readonly publisher: string; readonly offer: string; readonly sku: string };
  readonly isUnmanaged?: boolean;
  readonly compute?: Meter;
  /** Besides those of compute, by the hour. */
  readonly licence?: Meter;
  /** Names of disks that are attached besides, without the machine's own. */
  readonly dataDisks?: readonly string[];
  /** Besides or instead of the ordinary ones. */
  readonly properties?: Record<string, unknown>;
}

/** A busy machine with its system disk and network card, changed by what is given. */
export function machine(
  context: WorkloadContext,
  name: string,
  spec: MachineSpec = {},
  draft: Partial<ResourceDraft> = {},
): Resource {
  const { vmSize = SIZE.name, state = 'running', osType = 'Linux', image = UBUNTU, isUnmanaged = false } = spec;
  const { licence, dataDisks = [], properties } = spec;
  // Windows that brings its licence along is charged like Linux.
  const { compute = computeMeter(SIZE, properties?.['licenseType'] === undefined ? osType : 'Linux') } = spec;
  const vm = `vm-${context.suffix}-${name}`;
  const networkInterface = context.idOf('Microsoft.Network/networkInterfaces', `nic-${vm}`);
  const disk = context.idOf('Microsoft.Compute/disks', `${vm}-os`);
  const hourly = (meter: Meter): MeterUse => ({ meter, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' });
  const added = context.add({
    type: 'Microsoft.Compute/virtualMachines',
    name: vm,
    meters: state === 'deallocated' ? [] : [hourly(compute), ...(licence ? [hourly(licence)] : [])],
    levels: BUSY,
    ...draft,
    properties: {
      hardwareProfile: { vmSize },
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      priority: 'Regular',
      storageProfile: {
        osDisk: {
          osType,
          name: `${vm}-os`,
          createOption: 'FromImage',
          ...(isUnmanaged
            ? { vhd: { uri: `https://stvhds${context.suffix}.blob.core.windows.net/vhds/${vm}.vhd` } }
            : { managedDisk: { id: disk, storageAccountType: 'StandardSSD_LRS' } }),
        },
        imageReference: { ...image, version: 'latest' },
        dataDisks: dataDisks.map((data, lun) => ({
          lun,
          name: `${vm}-${data}`,
          createOption: 'Attach',
          managedDisk: { id: context.idOf('Microsoft.Compute/disks', `${vm}-${data}`) },
        })),
      },
      networkProfile: { networkInterfaces: [{ id: networkInterface }] },
      extended: {
        instanceView: {
          hyperVGeneration: 'V2',
          powerState: { code: `PowerState/${state}`, level: 'Info', displayStatus: `VM ${state}` },
        },
      },
      ...properties,
    },
  });
  addParts(context, added, isUnmanaged);
  return added;
}

const UBUNTU = { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server' };

/** The disk and the network card of a machine. */
function addParts(context: WorkloadContext, { id, name, tags }: Resource, isUnmanaged: boolean): void {
  const tier = DISK_TIERS[1];
  context.add({
    type: 'Microsoft.Network/networkInterfaces',
    name: `nic-${name}`,
    kind: 'Regular',
    tags,
    properties: {
      provisioningState: 'Succeeded',
      enableAcceleratedNetworking: true,
      hostedWorkloads: [],
      ipConfigurations: [{ name: 'ipconfig1', properties: { privateIPAddress: '10.0.7.4', primary: true } }],
      virtualMachine: { id },
    },
  });
  if (isUnmanaged) return;
  context.add({
    type: 'Microsoft.Compute/disks',
    name: `${name}-os`,
    managedBy: id,
    tags,
    sku: { name: tier.sku, tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: tier.sizeGiB,
      diskState: 'Attached',
    },
    meters: [{ meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
}

import { DISK_TIERS, type DiskTier, METERS, VM_SIZES, computeMeter, diskMeter, spotMeter } from './meters.js';
import type { MeterUse } from './meters.js';
import type { WorkloadContext } from './workload.js';

const HOURS_PER_DAY = 24_000_000;
/** A monthly price is billed in daily parts of 1/30.4167. */
const MONTHLY_UNIT_PER_DAY = 32_877;

/** A virtual machine with its system disk and network card, and on request a data disk or a public address. */
export function virtualMachine(context: WorkloadContext, extra: 'none' | 'data-disk' | 'public-ip'): void {
  const { random, subscription } = context;
  const name = `vm-${context.application}-${context.suffix}`;
  const isProduction = subscription.environment === 'prod';
  const size = random.pick(VM_SIZES);
  const isSpot = !isProduction && random.chance(0.2);
  // Stopped without deallocation keeps costing; deallocated does not.
  const state = random.chance(0.84) ? 'running' : random.chance(0.6) ? 'deallocated' : 'stopped';
  const vmId = context.idOf('Microsoft.Compute/virtualMachines', name);
  const createdAt = context.createdAt;
  const traffic: MeterUse = {
    meter: METERS.bandwidthOut,
    dailyMicroUnits: 300_000 + random.below(4_000_000),
    pattern: 'bursty',
  };
  const backup: MeterUse = { meter: METERS.backup, dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' };
  const zones = isProduction ? [String(1 + random.below(3))] : null;
  const identity = random.chance(0.4)
    ? { type: 'SystemAssigned', principalId: null, tenantId: subscription.tenantId }
    : null;
  const hasLicences = isProduction && random.chance(0.5);
  const isWindows = !random.chance(0.6);
  const compute: MeterUse = {
    meter: isSpot ? spotMeter(size) : computeMeter(size, isWindows && !hasLicences ? 'Windows' : 'Linux'),
    dailyMicroUnits: isProduction ? HOURS_PER_DAY : 11_000_000,
    pattern: isProduction ? 'steady' : 'office',
    isReserved: !isSpot && size.family === 'Dsv5 Series' && isProduction,
    isSpot,
  };
  context.add({
    type: 'Microsoft.Compute/virtualMachines',
    name,
    zones,
    identity,
    properties: {
      hardwareProfile: { vmSize: size.name },
      provisioningState: 'Succeeded',
      timeCreated: createdAt,
      priority: isSpot ? 'Spot' : 'Regular',
      ...(isWindows && hasLicences ? { licenseType: 'Windows_Server' } : {}),
      storageProfile: {
        osDisk: { name: `${name}-os`, osType: isWindows ? 'Windows' : 'Linux', createOption: 'FromImage' },
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        dataDisks: extra === 'data-disk' ? [{ lun: 0, name: `${name}-data`, createOption: 'Attach' }] : [],
      },
      networkProfile: {
        networkInterfaces: [
          { id: context.idOf('Microsoft.Network/networkInterfaces', `nic-${context.application}-${context.suffix}`) },
        ],
      },
      extended: { instanceView: { powerState: powerState(state) } },
    },
    meters:
      state === 'deallocated'
        ? []
        : [compute, ...(state === 'running' ? [traffic] : []), ...(isProduction ? [backup] : [])],
  });
  disk(context, `${name}-os`, random.pick(DISK_TIERS.slice(0, 3)), vmId, createdAt);
  networkCard(context, vmId);
  if (extra === 'data-disk') disk(context, `${name}-data`, random.pick(DISK_TIERS.slice(2)), vmId, createdAt);
  if (extra === 'public-ip') publicAddress(context, `pip-${context.application}-${context.suffix}`, 'attached');
}

/** A disk nothing is attached to any more. */
export function unattachedDisk(context: WorkloadContext): void {
  disk(
    context,
    `disk-${context.application}-${context.suffix}`,
    context.random.pick(DISK_TIERS),
    '',
    context.createdAt,
  );
}

/** A snapshot, often of a disk long gone. */
export function snapshot(context: WorkloadContext): void {
  const sizeGiB = context.random.pick([32, 64, 128, 512]);
  context.add({
    type: 'Microsoft.Compute/snapshots',
    name: `snap-${context.application}-${context.suffix}`,
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: sizeGiB,
      diskState: 'Unattached',
      incremental: context.random.chance(0.5),
      creationData: {
        createOption: 'Copy',
        sourceResourceId: context.idOf('Microsoft.Compute/disks', `vm-${context.application}-${context.suffix}-os`),
      },
    },
    meters: [{ meter: METERS.snapshot, dailyMicroUnits: sizeGiB * MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
}

/** A public address, attached to a card or left over. */
export function publicAddress(context: WorkloadContext, name: string, use: 'attached' | 'orphaned'): void {
  const configuration = {
    id: `${context.idOf('Microsoft.Network/networkInterfaces', `nic-${context.application}-${context.suffix}`)}/ipConfigurations/ipconfig1`,
  };
  context.add({
    type: 'Microsoft.Network/publicIPAddresses',
    name,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      ipAddress: `203.0.113.${1 + context.random.below(250)}`,
      idleTimeoutInMinutes: 4,
      ...(use === 'attached' ? { ipConfiguration: configuration } : {}),
    },
    meters: [{ meter: METERS.publicIp, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
  });
}

/** A network card; without a machine it is a left-over. */
export function networkCard(context: WorkloadContext, vmId: string): void {
  context.add({
    type: 'Microsoft.Network/networkInterfaces',
    name: `nic-${context.application}-${context.suffix}`,
    kind: 'Regular',
    properties: {
      provisioningState: 'Succeeded',
      enableAcceleratedNetworking: context.random.chance(0.5),
      ipConfigurations: [
        {
          name: 'ipconfig1',
          properties: {
            privateIPAddress: `10.0.${context.random.below(200)}.${4 + context.random.below(200)}`,
            primary: true,
          },
        },
      ],
      ...(vmId ? { virtualMachine: { id: vmId } } : {}),
    },
  });
}

function disk(context: WorkloadContext, name: string, tier: DiskTier, vmId: string, createdAt: string): void {
  context.add({
    type: 'Microsoft.Compute/disks',
    name,
    managedBy: vmId,
    sku: { name: tier.sku, tier: tier.sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: createdAt,
      diskSizeGB: tier.sizeGiB,
      diskState: vmId ? 'Attached' : 'Unattached',
      encryption: { type: 'EncryptionAtRestWithPlatformKey' },
    },
    meters: [
      { meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' },
      ...(vmId
        ? [
            {
              meter: METERS.diskOperations,
              dailyMicroUnits: 20_000 + context.random.below(900_000),
              pattern: 'bursty' as const,
            },
          ]
        : []),
    ],
  });
}

function powerState(state: string): { code: string; level: string; displayStatus: string } {
  return { code: `PowerState/${state}`, level: 'Info', displayStatus: `VM ${state}` };
}

import { DISK_TIERS, diskMeter } from '../meters.js';
import type { WorkloadContext } from '../workload.js';

const MONTHLY_UNIT_PER_DAY = 32_877;

/** A machine that has not run for long, with a premium disk and one that already costs less. */
export function plantedPremiumDisks(context: WorkloadContext): void {
  const name = `vm-${context.suffix}-off`;
  const idOf = (disk: string) => context.idOf('Microsoft.Compute/disks', `${name}-${disk}`);
  const machine = context.add({
    type: 'Microsoft.Compute/virtualMachines',
    name,
    waste: [{ kind: 'long-deallocated-virtual-machine' }],
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      storageProfile: {
        osDisk: { name: `${name}-os`, osType: 'Linux', createOption: 'FromImage', managedDisk: { id: idOf('os') } },
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        dataDisks: [{ lun: 0, name: `${name}-data`, createOption: 'Attach', managedDisk: { id: idOf('data') } }],
      },
      networkProfile: {
        networkInterfaces: [{ id: context.idOf('Microsoft.Network/networkInterfaces', `nic-${context.suffix}-vm`) }],
      },
      extended: {
        instanceView: {
          powerState: { code: 'PowerState/deallocated', level: 'Info', displayStatus: 'VM deallocated' },
        },
      },
    },
  });
  const [, standard, premium] = DISK_TIERS;
  for (const [disk, tier] of [
    ['os', premium],
    ['data', standard],
  ] as const) {
    context.add({
      type: 'Microsoft.Compute/disks',
      name: `${name}-${disk}`,
      managedBy: machine.id,
      sku: { name: tier.sku, tier: tier === premium ? 'Premium' : 'Standard' },
      properties: {
        provisioningState: 'Succeeded',
        timeCreated: context.createdAt,
        diskSizeGB: tier.sizeGiB,
        diskState: 'Reserved',
      },
      meters: [{ meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
      ...(tier === premium ? { waste: [{ kind: 'premium-disk-of-deallocated-machine' }] } : {}),
    });
  }
}

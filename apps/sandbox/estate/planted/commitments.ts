import { DISK_TIERS, VM_SIZES, computeMeter, diskMeter } from '../meters.js';
import type { WorkloadContext } from '../workload.js';

const HOURS_PER_DAY = 24_000_000;
const MONTHLY_UNIT_PER_DAY = 32_877;
const [, , D4S_V5] = VM_SIZES;
const [, STANDARD_SSD] = DISK_TIERS;

/**
 * Commitments: production has a reservation for one machine more than it runs; elsewhere a machine always runs at the
 * full price.
 */
export function plantedCommitments(context: WorkloadContext): void {
  const isReserved = context.subscription.environment === 'prod';
  const name = `vm-${context.suffix}-steady`;
  const networkInterface = context.idOf('Microsoft.Network/networkInterfaces', `nic-${context.suffix}-steady`);
  const machine = context.add({
    type: 'Microsoft.Compute/virtualMachines',
    name,
    properties: {
      hardwareProfile: { vmSize: D4S_V5.name },
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      priority: 'Regular',
      storageProfile: {
        osDisk: {
          name: `${name}-os`,
          osType: 'Linux',
          createOption: 'FromImage',
          managedDisk: { id: context.idOf('Microsoft.Compute/disks', `${name}-os`) },
        },
        imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' },
        dataDisks: [],
      },
      networkProfile: { networkInterfaces: [{ id: networkInterface }] },
      extended: {
        instanceView: { powerState: { code: 'PowerState/running', level: 'Info', displayStatus: 'VM running' } },
      },
    },
    meters: [{ meter: computeMeter(D4S_V5, 'Linux'), dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady', isReserved }],
    utilization: 'busy',
    waste: [{ kind: isReserved ? 'unused-reservation' : 'uncovered-compute', of: 'subscription' }],
  });
  context.add({
    type: 'Microsoft.Compute/disks',
    name: `${name}-os`,
    managedBy: machine.id,
    sku: { name: STANDARD_SSD.sku, tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: STANDARD_SSD.sizeGiB,
      diskState: 'Attached',
    },
    meters: [{ meter: diskMeter(STANDARD_SSD), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
  context.add({
    type: 'Microsoft.Network/networkInterfaces',
    name: `nic-${context.suffix}-steady`,
    kind: 'Regular',
    properties: {
      provisioningState: 'Succeeded',
      virtualMachine: { id: machine.id },
      ipConfigurations: [{ name: 'ipconfig1', properties: { privateIPAddress: '10.0.8.4', primary: true } }],
    },
  });
}

import { DISK_TIERS, diskMeter } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';
import { MONTHLY_UNIT_PER_DAY, machine } from './machine.js';

const PREMIUM = DISK_TIERS[3];

/** Disks of Premium SSD that are hardly used, and those that are. */
export function plantedUnderusedDisks(context: WorkloadContext): void {
  premiumDisk(context, 'calm', 4, { waste: [{ kind: 'underused-premium-disk' }] });
  premiumDisk(context, 'busy', 900);
  premiumDisk(context, 'chatty', 50);
  premiumDisk(context, 'volume', 4, {
    tags: { 'cost-center': 'CC-1001', 'kubernetes.io-created-for-pvc-name': 'data-0' },
  });
}

/** A machine with a data disk of so many operations a second in each direction. */
function premiumDisk(
  context: WorkloadContext,
  name: string,
  operations: number,
  draft: Partial<ResourceDraft> = {},
): void {
  const host = machine(context, `disk-${name}`, { dataDisks: ['data'] });
  const bytes = operations * 16_384;
  context.add({
    type: 'Microsoft.Compute/disks',
    name: `${host.name}-data`,
    managedBy: host.id,
    sku: { name: PREMIUM.sku, tier: 'Premium' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: PREMIUM.sizeGiB,
      diskState: 'Attached',
      tier: 'P20',
      diskIOPSReadWrite: 2_300,
      diskMBpsReadWrite: 150,
    },
    meters: [{ meter: diskMeter(PREMIUM), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    levels: {
      'Composite Disk Read Operations/sec': operations,
      'Composite Disk Write Operations/sec': operations,
      'Composite Disk Read Bytes/sec': bytes,
      'Composite Disk Write Bytes/sec': bytes,
    },
    ...draft,
  });
}

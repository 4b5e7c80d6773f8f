import { DISK_TIERS, diskMeter } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const MONTHLY_UNIT_PER_DAY = 32_877;

/** Disks: unattached ones, and what looks like them. */
export function plantedDisks(context: WorkloadContext): void {
  const { createdAt } = context;
  // Billing hangs a subscription's odd charges on its first resource: that had better be none of the waste.
  disk(context, 'vm-os-ASRReplica');
  disk(context, 'left', {}, { waste: [{ kind: 'unattached-disk', since: createdAt, days: 7 }] });
  disk(context, 'seed', {}, { tags: { 'cost-center': 'CC-1001', asrseeddisk: 'true' } });
  disk(context, 'backup', {}, { tags: { 'cost-center': 'CC-1001', RSVaultBackup: 'vault' } });
  disk(context, 'pvc', {}, { tags: { 'cost-center': 'CC-1001', 'kubernetes.io-created-for-pvc-name': 'data-0' } });
  disk(context, 'export', { diskState: 'ActiveSAS' });
  disk(context, 'gold', {}, { tags: { 'cost-center': 'CC-1001', Keep: '' } });
}

/** An unattached disk of the smallest tier, changed by `properties` and `draft`. */
function disk(
  context: WorkloadContext,
  name: string,
  properties: object = {},
  draft: Partial<ResourceDraft> = {},
): Resource {
  const tier = DISK_TIERS[0];
  return context.add({
    type: 'Microsoft.Compute/disks',
    name: `disk-${context.suffix}-${name}`,
    sku: { name: tier.sku, tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: tier.sizeGiB,
      diskState: 'Unattached',
      ...properties,
    },
    meters: [{ meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

import { DISK_TIERS, METERS, diskMeter } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const MONTHLY_UNIT_PER_DAY = 32_877;

/** Snapshots that nobody needs any more, and those that are kept for a reason. */
export function plantedSnapshots(context: WorkloadContext): void {
  const { createdAt } = context;
  const waste = (kind: string, days: number) => ({ kind, since: createdAt, days });
  const source = sourceDisk(context);
  const gone = context.idOf('Microsoft.Compute/disks', `disk-${context.suffix}-gone`);

  snapshot(context, 'upgrade', source, { incremental: false }, { waste: [waste('old-snapshot', 90)] });
  snapshot(context, 'chain-1', source, { incremental: true }, { waste: [waste('old-snapshot', 90)] });
  snapshot(context, 'chain-2', source, { incremental: true }, { waste: [waste('old-snapshot', 90)] });
  snapshot(context, 'last', gone, {}, { waste: [waste('snapshot-of-deleted-disk', 30)] });
  snapshot(
    context,
    'premium',
    source,
    {},
    {
      sku: { name: 'Premium_LRS', tier: 'Premium' },
      tags: { 'cost-center': 'CC-1001', 'retain-until': '2035-01-01' },
      meters: [{ meter: METERS.premiumSnapshot, dailyMicroUnits: 64 * MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
      waste: [{ kind: 'premium-snapshot' }],
    },
  );
  const tags = (mark: object) => ({ tags: { 'cost-center': 'CC-1001', ...mark } });
  snapshot(context, 'backup', source, {}, tags({ RSVaultBackup: 'vault' }));
  snapshot(context, 'retained', gone, {}, tags({ retention: '10y' }));
  snapshot(context, 'kept', source, {}, tags({ 'do-not-delete': '' }));
  snapshot(context, 'export', source, { diskState: 'ActiveSAS' });
}

/** A disk that is in use, being exported. */
function sourceDisk(context: WorkloadContext): string {
  const tier = DISK_TIERS[1];
  const { id } = context.add({
    type: 'Microsoft.Compute/disks',
    name: `disk-${context.suffix}-source`,
    sku: { name: tier.sku, tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: tier.sizeGiB,
      diskState: 'ActiveSAS',
    },
    meters: [{ meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
  return id;
}

function snapshot(
  context: WorkloadContext,
  name: string,
  sourceResourceId: string,
  properties: object,
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Compute/snapshots',
    name: `snap-${context.suffix}-${name}`,
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: 64,
      diskState: 'Unattached',
      incremental: false,
      creationData: { createOption: 'Copy', sourceResourceId },
      ...properties,
    },
    meters: [{ meter: METERS.snapshot, dailyMicroUnits: 64 * MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

import { METERS, type Meter } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';

const MONTHLY_UNIT_PER_DAY = 32_877;
const GIB_STORED = 500;
/** Requests a minute. */
const USED = { Transactions: 40 };
const UNUSED = { Transactions: 0 };

/** Storage accounts that nobody uses or that are too good for what they do, and those that only look like it. */
export function plantedStorage(context: WorkloadContext): void {
  const { createdAt } = context;
  account(context, 'left', { levels: UNUSED, waste: [{ kind: 'unused-storage-account', since: createdAt, days: 30 }] });
  account(context, 'used');
  account(context, 'archive', { levels: UNUSED });
  account(context, 'shell', {
    levels: UNUSED,
    tags: { 'cost-center': 'CC-1001', 'ms-resource-usage': 'azure-cloud-shell' },
  });
  const logs = account(context, 'flows', { levels: UNUSED });
  context.add({
    type: 'Microsoft.Network/networkWatchers/flowLogs',
    name: `NetworkWatcher_${context.location}/flow-${context.suffix}`,
    properties: { provisioningState: 'Succeeded', enabled: false, storageId: logs.id },
  });

  const geo = { sku: { name: 'Standard_RAGRS', tier: 'Standard' }, ...stores(METERS.geoBlobCapacity) };
  account(context, 'geo', geo);
  account(context, 'geodev', { ...geo, tags: dev({}), waste: [{ kind: 'storage-redundancy-outside-production' }] });
  account(context, 'dbfs', { ...geo, tags: dev({ 'databricks-environment': 'true' }) });

  const premium = {
    kind: 'BlockBlobStorage',
    sku: { name: 'Premium_LRS', tier: 'Premium' },
    ...stores(METERS.premiumBlobCapacity),
  };
  account(context, 'fast', premium);
  account(context, 'fastdev', { ...premium, tags: dev({}), waste: [{ kind: 'premium-storage-outside-production' }] });
}

/** A standard account in use, changed by `draft`. */
function account(context: WorkloadContext, purpose: string, draft: Partial<ResourceDraft> = {}): Resource {
  const name = `st${purpose}${context.suffix}${context.subscription.subscriptionId.slice(0, 8)}`.replaceAll('-', '');
  return context.add({
    type: 'Microsoft.Storage/storageAccounts',
    name,
    kind: 'StorageV2',
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      creationTime: context.createdAt,
      accessTier: 'Hot',
      supportsHttpsTrafficOnly: true,
      primaryEndpoints: { blob: `https://${name}.blob.core.windows.net/` },
    },
    levels: USED,
    ...stores(METERS.blobCapacity),
    ...draft,
  });
}

function stores(meter: Meter): Pick<Resource, 'meters'> {
  return { meters: [{ meter, dailyMicroUnits: GIB_STORED * MONTHLY_UNIT_PER_DAY, pattern: 'steady' }] };
}

function dev(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { environment: 'dev', 'cost-center': 'CC-1001', ...tags };
}

import { METERS, DISK_TIERS, diskMeter } from './meters.js';
import type { ResourceDraft } from './resource.js';
import type { WorkloadContext } from './workload.js';

/*
 * Resources that look left over and are not, or the other way round: every rule that finds waste has to tell them apart.
 */

const MONTHLY_UNIT_PER_DAY = 32_877;
const HOURS_PER_DAY = 24_000_000;

/** Disks without a machine that are in use all the same: Site Recovery's, a Kubernetes volume, one being exported. */
export function usedDisks(context: WorkloadContext): void {
  const { application, suffix } = context;
  addDisk(context, { name: `vm-${application}-${suffix}-os-ASRReplica` }, 'Unattached');
  addDisk(context, { name: `replica-${application}-${suffix}`, tags: { 'asr-replicadisk': 'true' } }, 'Unattached');
  addDisk(
    context,
    {
      name: `pvc-${application}-${suffix}`,
      tags: {
        'kubernetes.io-created-for-pvc-name': 'data-0',
        'kubernetes.io-created-for-pvc-namespace': application,
        'k8s-azure-created-by': 'kubernetes-azure-dd',
      },
    },
    'Unattached',
  );
  addDisk(context, { name: `export-${application}-${suffix}` }, 'ActiveSAS');
  addDisk(context, { name: `gold-${application}-${suffix}`, tags: { Keep: 'true' } }, 'Unattached');
}

/** A snapshot that is always younger than the period in which its slot is filled anew. */
export function youngSnapshot(context: WorkloadContext): void {
  context.add({
    type: 'Microsoft.Compute/snapshots',
    name: `snap-young-${context.application}-${context.suffix}`,
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: 32,
      diskState: 'Unattached',
      incremental: true,
      creationData: { createOption: 'Copy' },
    },
    meters: [{ meter: METERS.snapshot, dailyMicroUnits: 32 * MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
}

/** Network interfaces without a machine that serve something else, and addresses that no configuration names. */
export function usedNetworkParts(context: WorkloadContext): void {
  const { application, suffix } = context;
  const idOf = (type: string, name: string): string => context.idOf(type, `${name}-${application}-${suffix}`);
  addInterface(context, 'nic-pe', { privateEndpoint: { id: idOf('Microsoft.Network/privateEndpoints', 'pe') } });
  addInterface(context, 'nic-pls', {
    privateLinkService: { id: idOf('Microsoft.Network/privateLinkServices', 'pls') },
  });
  addInterface(context, 'nic-netapp', {
    linkedResourceType: 'Microsoft.Netapp/volumes',
    hostedWorkloads: [idOf('Microsoft.NetApp/netAppAccounts', 'netapp')],
  });
  addAddress(context, 'pip-nat', { natGateway: { id: idOf('Microsoft.Network/natGateways', 'nat') } });
  addAddress(context, 'pip-prefix', { publicIPPrefix: { id: idOf('Microsoft.Network/publicIPPrefixes', 'prefix') } });
}

/** One resource per way to write the cost-center tag, or to write it and say nothing. */
export function taggedVariants(context: WorkloadContext): void {
  const variants: readonly (readonly [string, Readonly<Record<string, string>> | null])[] = [
    ['title', { 'Cost-Center': 'CC-1001' }],
    ['upper', { 'COST-CENTER': 'CC-1002' }],
    ['joined', { CostCenter: 'CC-2040' }],
    ['british', { cost_centre: 'CC-3300' }],
    ['empty', { 'cost-center': '' }],
    ['blank', { 'Cost-Center': '  ' }],
    // The name occurs, but as a value and as a part of another name.
    ['value', { note: 'set "cost-center": "later"', 'cost-center-owner': 'finance' }],
    ['none', null],
  ];
  for (const [variant, tags] of variants) {
    context.add({
      type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
      name: `id-${variant}-${context.application}-${context.suffix}`,
      tags,
      properties: { tenantId: context.subscription.tenantId },
    });
  }
}

function addDisk(context: WorkloadContext, draft: Pick<ResourceDraft, 'name' | 'tags'>, diskState: string): void {
  const tier = DISK_TIERS[0]!;
  context.add({
    ...draft,
    type: 'Microsoft.Compute/disks',
    sku: { name: tier.sku, tier: tier.sku.startsWith('Premium') ? 'Premium' : 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      diskSizeGB: tier.sizeGiB,
      diskState,
    },
    meters: [{ meter: diskMeter(tier), dailyMicroUnits: MONTHLY_UNIT_PER_DAY, pattern: 'steady' }],
  });
}

function addInterface(context: WorkloadContext, name: string, use: object): void {
  context.add({
    type: 'Microsoft.Network/networkInterfaces',
    name: `${name}-${context.application}-${context.suffix}`,
    kind: 'Regular',
    properties: {
      provisioningState: 'Succeeded',
      hostedWorkloads: [],
      ipConfigurations: [{ name: 'ipconfig1', properties: { privateIPAddress: '10.0.9.4', primary: true } }],
      ...use,
    },
  });
}

function addAddress(context: WorkloadContext, name: string, use: object): void {
  context.add({
    type: 'Microsoft.Network/publicIPAddresses',
    name: `${name}-${context.application}-${context.suffix}`,
    sku: { name: 'Standard', tier: 'Regional' },
    properties: {
      provisioningState: 'Succeeded',
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      ...use,
    },
    meters: [{ meter: METERS.publicIp, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
  });
}

import { VM_SIZES, computeMeter } from '../meters.js';
import type { Resource, ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';
import { BUSY, HOURS_PER_DAY, IDLE, load, machine } from './machine.js';

const SIZE = VM_SIZES[2];
/** Too little for its instances, too much to be idle. */
export const LITTLE = load(12, 70, 20_000_000);

/** Scale sets that are idle or never scale, an empty availability set, and what looks like them. */
export function plantedScaleSets(context: WorkloadContext): void {
  const waste = (kind: string) => ({ waste: [{ kind }] });
  scaleSet(context, 'idle', { levels: IDLE, ...waste('idle-scale-set') });
  scaleSet(context, 'fixed', { levels: LITTLE, ...waste('scale-set-without-autoscale') });
  scaleSet(context, 'busy', { levels: BUSY });
  scaleSet(context, 'agents', { levels: IDLE, tags: { 'cost-center': 'CC-1001', __AzureDevOpsElasticPool: 'agents' } });
  const scaled = scaleSet(context, 'scaled', { levels: LITTLE });
  context.add({
    type: 'microsoft.insights/autoscalesettings',
    name: `${scaled.name}-autoscale`,
    properties: { enabled: true, targetResourceUri: scaled.id, profiles: [] },
  });

  availabilitySet(context, 'empty', [], waste('empty-availability-set'));
  availabilitySet(context, 'failover-asr', []);
  availabilitySet(context, 'used', [{ id: machine(context, 'member').id }]);
}

/** A scale set of two instances, changed by the draft. */
export function scaleSet(context: WorkloadContext, name: string, draft: Partial<ResourceDraft>): Resource {
  return context.add({
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    name: `vmss-${context.suffix}-${name}`,
    sku: { name: SIZE.name, tier: 'Standard', capacity: 2 },
    properties: {
      provisioningState: 'Succeeded',
      timeCreated: context.createdAt,
      orchestrationMode: 'Uniform',
      singlePlacementGroup: false,
      virtualMachineProfile: {
        storageProfile: { osDisk: { osType: 'Linux', managedDisk: { storageAccountType: 'StandardSSD_LRS' } } },
        extensionProfile: { extensions: [] },
      },
    },
    meters: [{ meter: computeMeter(SIZE, 'Linux'), dailyMicroUnits: 2 * HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
}

function availabilitySet(
  context: WorkloadContext,
  name: string,
  virtualMachines: readonly object[],
  draft: Partial<ResourceDraft> = {},
): void {
  context.add({
    type: 'Microsoft.Compute/availabilitySets',
    name: `avail-${context.suffix}-${name}`,
    sku: { name: 'Aligned' },
    properties: { platformFaultDomainCount: 2, platformUpdateDomainCount: 5, virtualMachines },
    ...draft,
  });
}

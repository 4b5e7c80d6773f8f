import { METERS } from '../meters.js';
import type { ResourceDraft } from '../resource.js';
import type { WorkloadContext } from '../workload.js';
import { BUSY, HOURS_PER_DAY } from './machine.js';
import { LITTLE, scaleSet } from './scale-sets.js';

const NOT_PRODUCTION = { environment: 'test', 'cost-center': 'CC-1001' };

/** Kubernetes clusters that do not scale or pay for a test's availability, and what looks like them. */
export function plantedClusters(context: WorkloadContext): void {
  const waste = (kind: string) => ({ waste: [{ kind }] });
  const user = { mode: 'User', count: 2, enableAutoScaling: false };
  cluster(context, 'fixed', user, LITTLE, waste('kubernetes-cluster-without-autoscaler'));
  cluster(context, 'busy', user, BUSY);
  cluster(context, 'scaling', { ...user, enableAutoScaling: true, minCount: 1, maxCount: 5 }, LITTLE);
  cluster(context, 'system', { ...user, mode: 'System' }, LITTLE);

  const scaling = { ...user, enableAutoScaling: true, minCount: 1, maxCount: 5 };
  const test = { tags: NOT_PRODUCTION };
  cluster(context, 'test', scaling, BUSY, { ...test, ...waste('kubernetes-paid-tier-outside-production') });
  cluster(context, 'test-free', scaling, BUSY, { ...test, sku: { name: 'Base', tier: 'Free' }, meters: [] });
  cluster(context, 'test-automatic', scaling, BUSY, { ...test, sku: { name: 'Automatic', tier: 'Standard' } });
}

/** A cluster of one node pool, with the scale set that its nodes are. */
function cluster(
  context: WorkloadContext,
  name: string,
  pool: object,
  levels: Readonly<Record<string, number>>,
  draft: Partial<ResourceDraft> = {},
): void {
  const full = `aks-${context.suffix}-${name}`;
  const nodeResourceGroup = `MC_${context.resourceGroup}_${full}_${context.location}`;
  const { tags = { 'cost-center': 'CC-1001' } } = draft;
  context.add({
    type: 'Microsoft.ContainerService/managedClusters',
    name: full,
    sku: { name: 'Base', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      kubernetesVersion: '1.33.2',
      powerState: { code: 'Running' },
      supportPlan: 'KubernetesOfficial',
      nodeResourceGroup,
      agentPoolProfiles: [{ name: 'workers', vmSize: 'Standard_D4s_v5', type: 'VirtualMachineScaleSets', ...pool }],
    },
    meters: [{ meter: METERS.cluster, dailyMicroUnits: HOURS_PER_DAY, pattern: 'steady' }],
    ...draft,
  });
  scaleSet(context, `${name}-workers`, {
    resourceGroup: nodeResourceGroup,
    tags: { ...tags, 'aks-managed-poolName': 'workers', 'aks-managed-orchestrator': 'Kubernetes:1.33.2' },
    levels,
  });
}

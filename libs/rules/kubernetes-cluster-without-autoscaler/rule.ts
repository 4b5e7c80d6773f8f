import type { InventoryResource } from '#core/facts.js';
import type { Estate } from '../estate.js';
import { listAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { spareShare } from '../scale-set.js';
import { tagValue } from '../tags.js';
import { certaintyOf, metricsOf, shown, type Measured } from '../utilisation.js';
import { computeCostOfAll } from '../virtual-machine.js';

/** Node pools whose size nobody adapts. */
export const kubernetesClusterWithoutAutoscaler = defineRule({
  id: 'kubernetes-cluster-without-autoscaler',
  title: 'Let the cluster’s node pools scale with their load',
  finds:
    'Running Kubernetes clusters with user node pools of several nodes, cluster autoscaler off, whose nodes compute little on average.',
  leavesOut: [
    'system node pools, and user pools of one node',
    'pools of Spot nodes',
    'clusters that provision nodes by themselves (Automatic, node auto-provisioning)',
    'clusters that are stopped',
  ],
  savings:
    'A guess: from nothing to the nodes that are not needed at 60 % CPU, likely half of them, of what these pools’ nodes cost in the last 30 days. What pods reserve without using it keeps nodes alive.',
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.containerservice/managedclusters'],
  needs: ['metrics', 'costs'],
  thresholds: {
    cpu: {
      default: 40,
      minimum: 5,
      maximum: 55,
      unit: '%',
      meaning: 'The average CPU of the nodes from which on the pools are in use',
    },
  },
  runbook: {
    check: [
      'Compare what pods request with what they use (`kubectl describe nodes`, `kubectl top nodes`): the autoscaler goes by requests.',
      'See that workloads bear being moved: more than one replica, PodDisruptionBudgets, no data on the node.',
    ],
    azureCli: [
      'az aks nodepool list --resource-group {resource_group} --cluster-name {name} --query "[?mode==\'User\'].{name:name,count:count,autoscale:enableAutoScaling}" --output table',
      '# For each pool of {evidence.pools}:',
      'az aks nodepool update --resource-group {resource_group} --cluster-name {name} --name … --enable-cluster-autoscaler --min-count 1 --max-count …',
    ],
    portal: [
      'Open the cluster `{name}`, **Node pools**, choose the pool, **Scale node pool**, **Autoscale**, set limits, **Apply**.',
    ],
    terraform:
      'Set `auto_scaling_enabled = true`, `min_count` and `max_count` in `azurerm_kubernetes_cluster_node_pool`, and ignore changes of `node_count`.',
    verify: ['After some hours `kubectl get nodes` shows fewer nodes, and no pod is pending.'],
    undo: [
      '`az aks nodepool update --resource-group {resource_group} --cluster-name {name} --name … --disable-cluster-autoscaler`, then `az aks nodepool scale` to the old number.',
    ],
  },
  links: [
    {
      title: 'Cluster autoscaler in AKS',
      url: 'https://learn.microsoft.com/azure/aks/cluster-autoscaler-overview',
    },
  ],
  evaluate(cluster, { estate, thresholds }) {
    const state = textAt(cluster, 'properties.powerState.code');
    if (state === undefined) return undecided('no_power_state');
    if (state.toLowerCase() !== 'running') return fine('stopped');
    const provisioning = textAt(cluster, 'properties.nodeProvisioningProfile.mode')?.toLowerCase();
    if (provisioning === 'auto' || textAt(cluster, 'sku.name')?.toLowerCase() === 'automatic') return fine('automatic');
    const pools = (listAt(cluster, 'properties.agentPoolProfiles') as readonly Pool[]).filter(isFixed);
    if (pools.length === 0) return fine('no_fixed_pools');
    const nodes = nodesOf(cluster, pools, estate);
    if (nodes.length === 0) return undecided('no_nodes');
    const cpu: Measured[] = [];
    for (const { resourceId } of nodes) {
      const load = metricsOf(estate, resourceId, ['Percentage CPU']);
      if (typeof load === 'string') return undecided(load);
      cpu.push(...load);
    }
    const busiest = Math.max(...cpu.map(({ average }) => average));
    if (busiest >= thresholds.cpu) return fine('cpu_in_use');
    const count = pools.reduce((sum, pool) => sum + pool.count!, 0);
    return found({
      reason: `${count} nodes in pools of fixed size run with at most ${shown(busiest)} % of CPU on average.`,
      evidence: { pools: pools.map(({ name }) => name), nodes: count, busiest_pool_cpu_percent: shown(busiest) },
      saving: guessed(computeCostOfAll(nodes, estate), spareShare(busiest, count / pools.length)),
      certainty: 0.8 * certaintyOf(cpu),
    });
  },
});

/** What is looked at of a member of `agentPoolProfiles`; any of it may be absent. */
interface Pool {
  name?: string;
  mode?: string;
  count?: number;
  enableAutoScaling?: boolean;
  scaleSetPriority?: string;
  powerState?: { code?: string };
}

function isFixed({ mode, count, enableAutoScaling, scaleSetPriority, powerState }: Pool): boolean {
  const isRunning = powerState?.code?.toLowerCase() !== 'stopped';
  const isUser = mode?.toLowerCase() === 'user' && scaleSetPriority?.toLowerCase() !== 'spot';
  return isUser && isRunning && enableAutoScaling !== true && (count ?? 0) > 1;
}

/** The scale sets that the pools' nodes are instances of, in the cluster's own resource group. */
function nodesOf(cluster: InventoryResource, pools: readonly Pool[], estate: Estate): InventoryResource[] {
  const group = textAt(cluster, 'properties.nodeResourceGroup')?.toLowerCase();
  const names = new Set(pools.map(({ name }) => name?.toLowerCase()));
  return estate
    .ofType('microsoft.compute/virtualmachinescalesets')
    .filter(
      (scaleSet) =>
        scaleSet.resourceGroup?.toLowerCase() === group &&
        names.has(tagValue(scaleSet, /^aks-managed-poolname$/i)?.toLowerCase()),
    );
}

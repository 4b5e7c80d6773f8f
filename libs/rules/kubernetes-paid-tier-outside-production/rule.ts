import { listAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** Test clusters with a service level that nobody claims. */
export const kubernetesPaidTierOutsideProduction = defineRule({
  id: 'kubernetes-paid-tier-outside-production',
  title: 'Use the Free tier for the Kubernetes cluster',
  finds:
    'Small Kubernetes clusters whose tag says that they are no production and whose control plane is paid for by the hour, with a guaranteed availability.',
  leavesOut: [
    'clusters of production, or that no tag says otherwise of',
    'clusters of more nodes than the Free tier is recommended for',
    'Automatic clusters and those with long-term support, which need the tier',
  ],
  savings: 'What the control plane cost in the last 30 days; nodes and protection by Defender go on.',
  category: 'rate',
  action: 'retier',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.containerservice/managedclusters'],
  needs: ['costs'],
  thresholds: {
    nodes: {
      default: 10,
      minimum: 1,
      maximum: 100,
      unit: 'nodes',
      meaning: 'Up to how many nodes the Free tier does; Azure recommends ten',
    },
  },
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether load tests or demonstrations need the guarantee: the Free tier has none, and its API server is smaller.',
    ],
    azureCli: ['az aks update --resource-group {resource_group} --name {name} --tier free'],
    portal: ['Open the cluster `{name}`, **Cluster configuration**, **AKS pricing tier**, **Free**, **Apply**.'],
    terraform: 'Set `sku_tier = "Free"` in `azurerm_kubernetes_cluster`; nothing is restarted.',
    verify: [
      '`az aks show --ids {id} --query sku.tier` answers Free; the cluster itself costs nothing from the next day.',
    ],
    undo: ['`az aks update --resource-group {resource_group} --name {name} --tier standard`.'],
  },
  links: [{ title: 'Pricing tiers of AKS', url: 'https://learn.microsoft.com/azure/aks/free-standard-pricing-tiers' }],
  evaluate(cluster, { estate, thresholds }) {
    const tier = textAt(cluster, 'sku.tier');
    if (tier === undefined) return undecided('no_tier');
    if (tier.toLowerCase() === 'free') return fine('free');
    if (!isNotProduction(cluster)) return fine('production_or_unknown');
    const plan = textAt(cluster, 'properties.supportPlan')?.toLowerCase();
    const isAutomatic = textAt(cluster, 'sku.name')?.toLowerCase() === 'automatic';
    if (isAutomatic || plan === 'akslongtermsupport') return fine('needs_the_tier');
    const pools = listAt(cluster, 'properties.agentPoolProfiles') as readonly { count?: number }[];
    const nodes = pools.reduce((sum, { count }) => sum + (count ?? 0), 0);
    if (nodes > thresholds.nodes) return fine('too_many_nodes');
    const environment = environmentOf(cluster);
    return found({
      reason: `The cluster of environment ${environment} pays for the ${tier} tier.`,
      evidence: { tier, environment, nodes },
      saving: measured(
        estate.costOf(cluster.resourceId, ({ meterCategory }) => /kubernetes/i.test(meterCategory ?? '')),
      ),
      certainty: 0.85,
    });
  },
});

import { backendCount, emptyPoolsReason, isFilledByScaleSet } from '../backend-pools.js';
import { isDescribed, listAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { isKubernetesManaged } from '../tags.js';

/** Load balancers that have nothing to send traffic to. */
export const emptyLoadBalancer = defineRule({
  id: 'empty-load-balancer',
  title: 'Delete the empty load balancer',
  finds:
    'Standard and gateway load balancers without any backend: no machine, no address in any pool. They are billed by ' +
    'their rules, used or not.',
  leavesOut: [
    'basic load balancers, which are free',
    'load balancers that forward ports to single machines and need no pool',
    'load balancers of scale sets, which may have scaled to nothing',
    'load balancers of Kubernetes, which are empty while the cluster is stopped',
  ],
  savings: 'What the load balancer itself cost in the last 30 days; its public addresses are charged for themselves.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.network/loadbalancers'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether machines are only away for a while, e.g. in a deployment.',
      'Look whether a private link service or a DNS name still points to its frontend.',
    ],
    azureCli: [
      'az network lb show --ids {id} --query "{pools:backendAddressPools[].name, rules:loadBalancingRules[].name, frontends:frontendIPConfigurations[].name}"',
      'az network lb delete --ids {id}',
    ],
    portal: [
      'Open **Load balancers**, choose `{name}`, see that **Backend pools** are empty, then **Delete**. Its public addresses stay: delete those as well.',
    ],
    terraform: 'Remove the `azurerm_lb` for `{name}` with its rules, probes and pools, then apply.',
    verify: ['`az network lb show --ids {id}` answers ResourceNotFound; the charges end with the hour.'],
    undo: [
      'Export it first (**Export template** in the portal) and deploy that template again; a public address that was kept can be reused.',
    ],
  },
  links: [{ title: 'Azure Load Balancer pricing', url: 'https://azure.microsoft.com/pricing/details/load-balancer/' }],
  evaluate(balancer, { estate }) {
    const sku = textAt(balancer, 'sku.name');
    if (sku === undefined || !isDescribed(balancer)) return undecided('no_sku');
    if (sku.toLowerCase() === 'basic') return fine('basic');
    const pools = listAt(balancer, 'properties.backendAddressPools');
    if (backendCount(balancer, ['backendIPConfigurations', 'loadBalancerBackendAddresses']) > 0)
      return fine('has_backends');
    const natRules = ['inboundNatRules', 'inboundNatPools'].flatMap((list) => listAt(balancer, `properties.${list}`));
    if (natRules.length > 0) return fine('forwards_ports');
    if (isFilledByScaleSet(balancer, estate)) return fine('scale_set');
    if (isKubernetesManaged(balancer)) return fine('kubernetes');
    const rules = ['loadBalancingRules', 'outboundRules'].flatMap((list) => listAt(balancer, `properties.${list}`));
    return found({
      reason: emptyPoolsReason(pools.length),
      evidence: { sku, backend_pools: pools.length, backends: 0, rules: rules.length },
      saving: measured(estate.costOf(balancer.resourceId)),
      certainty: 0.9,
    });
  },
});

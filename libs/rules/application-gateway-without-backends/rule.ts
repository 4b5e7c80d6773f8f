import type { InventoryResource } from '#core/facts.js';
import { backendCount, emptyPoolsReason, isFilledByScaleSet } from '../backend-pools.js';
import { isDescribed, listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { isKubernetesManaged, tagValue } from '../tags.js';

/** Application gateways that have nothing to send requests to. */
export const applicationGatewayWithoutBackends = defineRule({
  id: 'application-gateway-without-backends',
  title: 'Delete the application gateway without backends',
  finds:
    'Application gateways whose backend pools are all empty: every request ends in an error. They are billed by the ' +
    'hour, with or without traffic.',
  leavesOut: [
    'stopped gateways, which cost nothing',
    'gateways that only redirect, which need no backend',
    'gateways of scale sets, which may have scaled to nothing',
    'gateways whose pools Kubernetes fills',
  ],
  savings: 'What the gateway itself cost in the last 30 days; its public address is charged for itself.',
  category: 'waste',
  action: 'remove',
  impact: 'High',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.network/applicationgateways'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Look at its metrics **Total Requests** and **Failed Requests**: who still calls it?',
      'Ask the owner of resource group `{resource_group}` whether backends are to come back; certificates and firewall rules of the gateway go with it.',
    ],
    azureCli: [
      'az network application-gateway show-backend-health --ids {id}',
      '# To keep the configuration without paying for it, stop it instead: az network application-gateway stop --ids {id}',
      'az network application-gateway delete --ids {id}',
    ],
    portal: ['Open **Application gateways**, choose `{name}`, see that **Backend pools** are empty, then **Delete**.'],
    terraform: 'Remove the `azurerm_application_gateway` for `{name}`, then apply.',
    verify: [
      '`az network application-gateway show --ids {id}` answers ResourceNotFound; the charges end with the hour.',
    ],
    undo: [
      'Export its template first and deploy it again; certificates that lie only in the gateway must be uploaded anew. A stopped gateway is started with `az network application-gateway start --ids {id}`.',
    ],
  },
  links: [
    {
      title: 'Understanding pricing of Application Gateway',
      url: 'https://learn.microsoft.com/azure/application-gateway/understanding-pricing',
    },
  ],
  evaluate(gateway, { estate }) {
    if (!isDescribed(gateway)) return undecided('no_properties');
    const state = textAt(gateway, 'properties.operationalState');
    if (state?.toLowerCase() === 'stopped') return fine('stopped');
    const pools = listAt(gateway, 'properties.backendAddressPools');
    if (backendCount(gateway, ['backendIPConfigurations', 'backendAddresses']) > 0) return fine('has_backends');
    const rules = listAt(gateway, 'properties.requestRoutingRules');
    if (onlyRedirects(gateway)) return fine('redirects');
    if (isFilledByScaleSet(gateway, estate)) return fine('scale_set');
    if (isKubernetesManaged(gateway) || tagValue(gateway, /^managed-by-k8s-ingress$/i) !== undefined)
      return fine('kubernetes');
    return found({
      reason: emptyPoolsReason(pools.length),
      evidence: {
        sku: textAt(gateway, 'properties.sku.name') ?? null,
        operational_state: state ?? null,
        backend_pools: pools.length,
        backends: 0,
        rules: rules.length,
      },
      saving: measured(estate.costOf(gateway.resourceId)),
      certainty: 0.9,
    });
  },
});

/** Whether its rules redirect and none of them sends requests to a pool. */
function onlyRedirects(gateway: InventoryResource): boolean {
  const targets = ['backendAddressPool', 'urlPathMap', 'loadDistributionPolicy'];
  const sendsToPool = listAt(gateway, 'properties.requestRoutingRules').some((_, rule) =>
    targets.some((target) => valueAt(gateway, `properties.requestRoutingRules.${rule}.properties.${target}`)),
  );
  return !sendsToPool && listAt(gateway, 'properties.redirectConfigurations').length > 0;
}

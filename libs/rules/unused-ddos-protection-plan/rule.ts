import { isDescribed, listAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** DDoS protection plans that protect nothing. */
export const unusedDdosProtectionPlan = defineRule({
  id: 'unused-ddos-protection-plan',
  title: 'Delete the unused DDoS protection plan',
  finds:
    'DDoS network protection plans without any virtual network or address. A plan has a fixed fee of thousands a month, ' +
    'whatever it protects.',
  leavesOut: [
    'plans that protect single public addresses',
    'plans that a virtual network names although they do not list it',
  ],
  savings: 'What the plan itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'High',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.network/ddosprotectionplans'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'A plan serves all subscriptions of the tenant: its list of protected resources must be empty there too.',
      'Ask the security team whether networks are to be put under it; one plan is enough for a tenant.',
    ],
    azureCli: [
      'az network ddos-protection show --ids {id} --query "{networks:virtualNetworks[].id, addresses:publicIPAddresses[].id}"',
      'az network ddos-protection delete --ids {id}',
    ],
    portal: [
      'Open **DDoS protection plans**, choose `{name}`, see that **Protected resources** is empty, then **Delete**.',
    ],
    terraform: 'Remove the `azurerm_network_ddos_protection_plan` for `{name}`, then apply.',
    verify: ['`az network ddos-protection show --ids {id}` answers ResourceNotFound.'],
    undo: [
      'Make it anew: `az network ddos-protection create --resource-group {resource_group} --name {name} --location {location}`; the fee is charged by the hour.',
    ],
  },
  links: [
    {
      title: 'Azure DDoS Protection, compare tiers',
      url: 'https://learn.microsoft.com/azure/ddos-protection/ddos-protection-sku-comparison',
    },
  ],
  evaluate(plan, { estate }) {
    if (!isDescribed(plan)) return undecided('no_properties');
    if (listAt(plan, 'properties.virtualNetworks').length > 0) return fine('protects_networks');
    if (listAt(plan, 'properties.publicIPAddresses').length > 0) return fine('protects_addresses');
    const networks = estate.referringTo(
      plan.resourceId,
      'networks of DDoS plans',
      'microsoft.network/virtualnetworks',
      (network) => [textAt(network, 'properties.ddosProtectionPlan.id')],
    );
    if (networks.length > 0) return fine('protects_networks');
    return found({
      reason: 'The plan protects no virtual network and no address.',
      evidence: { virtual_networks: 0, public_ip_addresses: 0 },
      saving: measured(estate.costOf(plan.resourceId)),
      certainty: 0.95,
    });
  },
});

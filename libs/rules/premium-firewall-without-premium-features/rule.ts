import type { InventoryResource } from '#core/facts.js';
import type { Estate } from '../estate.js';
import { listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';

/**
 * Share of the firewall's charges. Premium is listed at 1.75 and standard at 1.25 dollars an hour, 29 % less; processed
 * data costs the same in both, so that busy firewalls save a smaller share.
 */
const SHARE = { low: 0.1, likely: 0.25, high: 0.2857 };

/** Premium firewalls whose policy asks for nothing that a standard one lacks. */
export const premiumFirewallWithoutPremiumFeatures = defineRule({
  id: 'premium-firewall-without-premium-features',
  title: 'Change the firewall from premium to standard',
  finds:
    'Azure Firewalls of the tier Premium whose policy, its parents included, has intrusion detection off and no ' +
    'certificate for TLS inspection.',
  leavesOut: [
    'firewalls whose policy, or its parent, detects intrusions or inspects TLS',
    'firewalls that are switched off, which cost nothing',
  ],
  savings:
    'A guess: 10 to 29 %, likely 25 %, of what the firewall cost in the last 30 days. The hour of a standard firewall is ' +
    'listed at 29 % less than that of a premium one; processed data costs the same.',
  category: 'rate',
  action: 'retier',
  impact: 'High',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.network/azurefirewalls'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Look through the application rules for **Destination URLs**: filtering by path is premium as well, and Resource Graph does not show rules.',
      'Look at its metric **Throughput**: a standard firewall carries up to 30 Gbit/s, a premium one 100.',
      'Ask the security team whether a standard such as PCI DSS asks for the premium tier.',
    ],
    azureCli: [
      'az network firewall policy show --ids {evidence.policy} --query "{tier:sku.tier, intrusion:intrusionDetection.mode, tls:transportSecurity}"',
      'az network firewall policy rule-collection-group list --policy-name {evidence.policy_name} --resource-group {evidence.policy_resource_group} --query "[].ruleCollections[].rules[?targetUrls].name"',
      '# A standard firewall takes no premium policy: make one of the tier Standard with the same rules first.',
      'az network firewall policy create --resource-group {resource_group} --name {name}-standard --location {location} --sku Standard',
      'az network firewall update --ids {id} --tier Standard --firewall-policy {name}-standard',
    ],
    portal: [
      'Open **Firewalls**, choose `{name}`, **Change SKU**, choose **Standard** and a policy of that tier. There is no interruption.',
    ],
    terraform:
      'Set `sku_tier = "Standard"` in the `azurerm_firewall`, and `sku = "Standard"` in a new `azurerm_firewall_policy` that takes over the rules.',
    verify: ['`az network firewall show --ids {id} --query sku.tier` answers Standard.'],
    undo: ['Change the tier back the same way, with the former policy `{evidence.policy}`: keep it for a while.'],
  },
  links: [
    {
      title: 'Change the Azure Firewall SKU',
      url: 'https://learn.microsoft.com/azure/firewall/change-sku',
    },
    {
      title: 'Azure Firewall features by SKU',
      url: 'https://learn.microsoft.com/azure/firewall/features-by-sku',
    },
  ],
  evaluate(firewall, { estate }) {
    const tier = textAt(firewall, 'properties.sku.tier');
    if (tier === undefined) return undecided('no_tier');
    if (tier.toLowerCase() !== 'premium') return fine('not_premium');
    const isInHub = valueAt(firewall, 'properties.virtualHub') !== undefined;
    if (!isInHub && listAt(firewall, 'properties.ipConfigurations').length === 0) return fine('switched_off');
    const policies = policiesOf(firewall, estate);
    if (policies === null) return undecided('policy_unknown');
    if (policies.some(usesPremium)) return fine('uses_premium');
    const [policy] = policies;
    return found({
      reason: `Its policy ${policy!.name} neither detects intrusions nor inspects TLS.`,
      evidence: {
        tier,
        policy: policy!.resourceId,
        policy_name: policy!.name,
        policy_resource_group: policy!.resourceGroup,
        intrusion_detection: textAt(policy!, 'properties.intrusionDetection.mode') ?? 'Off',
        tls_inspection: false,
      },
      saving: guessed(estate.costOf(firewall.resourceId), SHARE),
      certainty: 0.65,
    });
  },
});

/** The firewall's policy and those that it inherits from; null where one of them is not known. */
function policiesOf(firewall: InventoryResource, estate: Estate): InventoryResource[] | null {
  const policies: InventoryResource[] = [];
  let id = textAt(firewall, 'properties.firewallPolicy.id');
  if (id === undefined) return null;
  while (id !== undefined) {
    const policy = estate.resource(id);
    if (!policy || policies.includes(policy)) return null;
    policies.push(policy);
    id = textAt(policy, 'properties.basePolicy.id');
  }
  return policies;
}

function usesPremium(policy: InventoryResource): boolean {
  const mode = textAt(policy, 'properties.intrusionDetection.mode') ?? 'Off';
  return mode.toLowerCase() !== 'off' || valueAt(policy, 'properties.transportSecurity') !== undefined;
}

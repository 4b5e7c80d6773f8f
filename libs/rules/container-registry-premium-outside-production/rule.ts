import type { InventoryResource } from '#core/facts.js';
import type { Estate } from '../estate.js';
import { listAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { environmentOf, isNotProduction } from '../tags.js';

/** Premium registries for tests. */
export const containerRegistryPremiumOutsideProduction = defineRule({
  id: 'container-registry-premium-outside-production',
  title: 'Use the Standard tier for the container registry',
  finds:
    'Container registries of the Premium tier whose tag says that they are no production, and which use nothing that only Premium has.',
  leavesOut: [
    'registries of production, or that no tag says otherwise of',
    'registries that are replicated or redundant over zones',
    'registries with private endpoints, network rules or endpoints for data',
    'registries with own encryption keys, retention or content trust',
  ],
  savings:
    'A guess: 30 to 60 % of what the registry cost in the last 30 days, likely 55 %. By list price the fee falls by three fifths; Premium includes 500 GiB and Standard 100, and more is billed by size.',
  category: 'rate',
  action: 'retier',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.containerregistry/registries'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Compare the size of the registry with the 100 GiB that Standard includes: `az acr show-usage --name {name} --output table`.',
      'See that no pipeline pulls so much at once that Standard would throttle it.',
    ],
    azureCli: ['az acr update --name {name} --resource-group {resource_group} --sku Standard'],
    portal: ['Open the registry `{name}`, **Properties**, **Pricing plan**, **Standard**, **Save**.'],
    terraform: 'Set `sku = "Standard"` in `azurerm_container_registry`; images stay.',
    verify: ['`az acr show --name {name} --query sku.name` answers Standard; the next day costs less.'],
    undo: ['`az acr update --name {name} --resource-group {resource_group} --sku Premium`.'],
  },
  links: [
    {
      title: 'Tiers of Azure Container Registry',
      url: 'https://learn.microsoft.com/azure/container-registry/container-registry-skus',
    },
  ],
  evaluate(registry, { estate }) {
    const tier = textAt(registry, 'sku.name');
    if (tier === undefined) return undecided('no_tier');
    if (tier.toLowerCase() !== 'premium') return fine('not_premium');
    if (!isNotProduction(registry)) return fine('production_or_unknown');
    const feature = premiumFeatureOf(registry, estate);
    if (feature) return fine(feature);
    const environment = environmentOf(registry);
    return found({
      reason: `The registry of environment ${environment} pays for Premium and uses nothing that only Premium has.`,
      evidence: { tier, environment },
      saving: guessed(estate.costOf(registry.resourceId), { low: 0.3, likely: 0.55, high: 0.6 }),
      certainty: 0.8,
    });
  },
});

/** What the registry could not do in another tier; undefined where nothing is seen. */
function premiumFeatureOf(registry: InventoryResource, estate: Estate): string | undefined {
  const isOn = (path: string) => textAt(registry, `properties.${path}`)?.toLowerCase() === 'enabled';
  // The home region is listed as a replication of its own once there is another one.
  const replications = estate
    .ofType('microsoft.containerregistry/registries/replications')
    .filter(({ resourceId }) => resourceId.startsWith(`${registry.resourceId}/`));
  if (replications.length > 0 || isOn('zoneRedundancy')) return 'replicated';
  const hasNetwork =
    listAt(registry, 'properties.privateEndpointConnections').length > 0 ||
    listAt(registry, 'properties.networkRuleSet.ipRules').length > 0 ||
    textAt(registry, 'properties.networkRuleSet.defaultAction')?.toLowerCase() === 'deny' ||
    textAt(registry, 'properties.publicNetworkAccess')?.toLowerCase() === 'disabled' ||
    valueAt(registry, 'properties.dataEndpointEnabled') === true;
  if (hasNetwork) return 'network_rules';
  const policies = ['encryption.status', 'policies.retentionPolicy.status', 'policies.trustPolicy.status'];
  return policies.some(isOn) ? 'policies' : undefined;
}

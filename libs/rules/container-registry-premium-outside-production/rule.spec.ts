import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { containerRegistryPremiumOutsideProduction } from './rule.js';

const registry = (estate: TestEstate, properties: object = {}, draft: object = {}): InventoryResource => {
  const subject = estate.add('microsoft.containerregistry/registries', {
    name: 'acr',
    tags: { env: 'dev' },
    sku: { name: 'Premium', tier: 'Premium' },
    properties: {
      provisioningState: 'Succeeded',
      publicNetworkAccess: 'Enabled',
      zoneRedundancy: 'Disabled',
      dataEndpointEnabled: false,
      privateEndpointConnections: [],
      networkRuleSet: { defaultAction: 'Allow', ipRules: [] },
      encryption: { status: 'disabled' },
      policies: { retentionPolicy: { status: 'disabled', days: 7 }, trustPolicy: { status: 'disabled' } },
      ...properties,
    },
    ...draft,
  });
  estate.charge(subject, '50', { meterCategory: 'Container Registry' });
  return subject;
};

describeRule(containerRegistryPremiumOutsideProduction, {
  found: {
    'a premium registry of a test environment that uses nothing premium': {
      given: (estate) => {
        estate.add('microsoft.containerregistry/registries/replications', { name: 'another/westeurope' });
        return registry(estate);
      },
      expected: {
        estimatedMonthlySavings: '27.5',
        savingsLow: '15',
        savingsHigh: '30',
        savingsMethod: 'guessed',
        confidence: '0.40',
      },
    },
  },
  fine: {
    'a standard registry': {
      given: (estate) => registry(estate, {}, { sku: { name: 'Standard' } }),
      because: 'not_premium',
    },
  },
  leavesOut: {
    'registries of production, or that no tag says otherwise of': [
      (estate) => registry(estate, {}, { tags: { env: 'prod' } }),
      (estate) => registry(estate, {}, { tags: {} }),
    ],
    'registries that are replicated or redundant over zones': [
      (estate) => registry(estate, { zoneRedundancy: 'Enabled' }),
      (estate) => {
        estate.add('microsoft.containerregistry/registries/replications', { name: 'acr/northeurope' });
        return registry(estate);
      },
    ],
    'registries with private endpoints, network rules or endpoints for data': [
      (estate) => registry(estate, { privateEndpointConnections: [{}] }),
      (estate) => registry(estate, { networkRuleSet: { defaultAction: 'Deny' } }),
      (estate) => registry(estate, { networkRuleSet: { defaultAction: 'Allow', ipRules: [{}] } }),
      (estate) => registry(estate, { publicNetworkAccess: 'Disabled' }),
      (estate) => registry(estate, { dataEndpointEnabled: true }),
    ],
    'registries with own encryption keys, retention or content trust': [
      (estate) => registry(estate, { encryption: { status: 'enabled' } }),
      (estate) => registry(estate, { policies: { retentionPolicy: { status: 'enabled' } } }),
      (estate) => registry(estate, { policies: { trustPolicy: { status: 'enabled' } } }),
    ],
  },
  undecided: { no_tier: (estate) => registry(estate, {}, { sku: null }) },
});

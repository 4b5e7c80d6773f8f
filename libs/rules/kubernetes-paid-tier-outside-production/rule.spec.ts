import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { kubernetesPaidTierOutsideProduction } from './rule.js';

const cluster = (estate: TestEstate, draft: object = {}, properties: object = {}): InventoryResource => {
  const subject = estate.add('microsoft.containerservice/managedclusters', {
    name: 'aks',
    tags: { Environment: 'Test' },
    sku: { name: 'Base', tier: 'Standard' },
    properties: { agentPoolProfiles: [{ count: 3 }, { count: 2 }], supportPlan: 'KubernetesOfficial', ...properties },
    ...draft,
  });
  estate.charge(subject, '73', { meterCategory: 'Azure Kubernetes Service' });
  estate.charge(subject, '20', { meterCategory: 'Microsoft Defender for Cloud' });
  return subject;
};

describeRule(kubernetesPaidTierOutsideProduction, {
  found: {
    'a test cluster that pays for its control plane': {
      given: (estate) => cluster(estate),
      expected: {
        reason: 'The cluster of environment test pays for the Standard tier.',
        estimatedMonthlySavings: '73',
        savingsMethod: 'measured',
        confidence: '0.85',
      },
    },
    'a test cluster of the premium tier without long-term support': {
      given: (estate) => cluster(estate, { sku: { name: 'Base', tier: 'Premium' } }),
    },
  },
  fine: {
    'a cluster of the Free tier': {
      given: (estate) => cluster(estate, { sku: { name: 'Base', tier: 'Free' } }),
      because: 'free',
    },
  },
  leavesOut: {
    'clusters of production, or that no tag says otherwise of': [
      (estate) => cluster(estate, { tags: { environment: 'prod' } }),
      (estate) => cluster(estate, { tags: {} }),
    ],
    'clusters of more nodes than the Free tier is recommended for': (estate) =>
      cluster(estate, {}, { agentPoolProfiles: [{ count: 11 }] }),
    'Automatic clusters and those with long-term support, which need the tier': [
      (estate) => cluster(estate, { sku: { name: 'Automatic', tier: 'Standard' } }),
      (estate) => cluster(estate, {}, { supportPlan: 'AKSLongTermSupport' }),
    ],
  },
  undecided: { no_tier: (estate) => cluster(estate, { sku: null }) },
});

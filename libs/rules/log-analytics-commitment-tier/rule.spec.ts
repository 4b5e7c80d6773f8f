import { expect } from 'vitest';
import type { InventoryResource, ResourceCost } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { logAnalyticsCommitmentTier } from './rule.js';

const workspace = (
  estate: TestEstate,
  monthly: string | null = '12420',
  sku: object = { name: 'PerGB2018' },
  charge: Partial<ResourceCost> = {},
): InventoryResource => {
  const subject = estate.add('microsoft.operationalinsights/workspaces', { name: 'logs', properties: { sku } });
  if (monthly !== null) estate.charge(subject, monthly, { meterCategory: 'Log Analytics', ...charge });
  return subject;
};

describeRule(logAnalyticsCommitmentTier, {
  found: {
    'a workspace of 150 GB a day': {
      given: (estate) => workspace(estate),
      expected: {
        reason: 'About 150 GB come in a day on pay-as-you-go; the tier of 100 GB costs 15 % less.',
        estimatedMonthlySavings: '1863',
        savingsLow: '0',
        savingsHigh: '1863',
        savingsMethod: 'guessed',
      },
    },
    'one in another currency, whose price the tenant states': {
      given: (estate) => workspace(estate, '2000000', undefined, { currency: 'JPY' }),
      thresholds: { pricePerGb: 400 },
      expected: { currency: 'JPY', evidence: expect.objectContaining({ tier_gb_a_day: 100 }) },
    },
  },
  fine: {
    'a workspace of 99 GB a day': { given: (estate) => workspace(estate, '8200'), because: 'too_little' },
    'one that takes in little in one of the weeks': {
      given: (estate) => workspace(estate, '12420', undefined, { weeks: ['3000', '3000', '700', '3000'] }),
      because: 'too_little',
    },
    'one without costs': { given: (estate) => workspace(estate, null), because: 'costs_nothing' },
  },
  leavesOut: {
    'workspaces that are on a commitment tier or in a dedicated cluster already': [
      (estate) => workspace(estate, '12420', { name: 'CapacityReservation', capacityReservationLevel: 100 }),
      (estate) => workspace(estate, '12420', { name: 'LACluster' }),
    ],
    'workspaces of Microsoft Sentinel, which has tiers of its own': (estate) => {
      const subject = workspace(estate);
      estate.add('microsoft.operationsmanagement/solutions', {
        name: 'SecurityInsights(logs)',
        properties: { workspaceResourceId: subject.originalId },
      });
      return subject;
    },
  },
  undecided: {
    no_pricing_tier: (estate) => workspace(estate, '12420', {}),
    no_costs: (estate) => {
      estate.costsKnown = false;
      return workspace(estate);
    },
    no_meter_category: (estate) => workspace(estate, '12420', undefined, { meterCategory: null }),
    no_price: (estate) => workspace(estate, '2000000', undefined, { currency: 'JPY' }),
    too_few_days: (estate) => workspace(estate, '12420', undefined, { firstDay: '2026-04-10' }),
  },
});

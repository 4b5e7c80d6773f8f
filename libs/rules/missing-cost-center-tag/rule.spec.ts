import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { missingCostCenterTag } from './rule.js';

const disk = (
  estate: TestEstate,
  tags: Record<string, string> = {},
  monthly: string | null = '19.71',
  changes: object = {},
): InventoryResource => {
  const subject = estate.add('microsoft.compute/disks', { tags, ...changes });
  if (monthly !== null) estate.charge(subject, monthly);
  return subject;
};

describeRule(missingCostCenterTag, {
  found: {
    'a resource that costs something and has no tag': {
      given: (estate) => disk(estate),
      expected: {
        reason: 'Nobody answers for 19.71 EUR a month.',
        estimatedMonthlySavings: null,
        currency: null,
        evidence: { unallocated_monthly: '19.71', currency: 'EUR', days: 30, tags: [] },
      },
    },
    'a blank tag': { given: (estate) => disk(estate, { 'Cost-Center': ' ' }) },
    'a tag whose name only contains it': { given: (estate) => disk(estate, { 'cost-center-owner': 'finance' }) },
    'a cheap one, where the tenant wants to know of every cost': {
      given: (estate) => disk(estate, {}, '0.01'),
      thresholds: { monthlyCostFrom: 0 },
    },
  },
  fine: {
    'any spelling of the tag': { given: (estate) => disk(estate, { CostCentre: 'CC-1' }), because: 'tagged' },
    'the tag in lower case': { given: (estate) => disk(estate, { cost_center: 'CC-1' }), because: 'tagged' },
  },
  leavesOut: {
    'resources that cost nothing, or too little to be worth a tag': [
      (estate) => disk(estate, {}, null),
      (estate) => disk(estate, {}, '4.99'),
    ],
    'what Kubernetes makes and labels by itself: tag the cluster': (estate) =>
      disk(estate, {}, '19.71', { resourceGroup: 'MC_shop_aks_westeurope' }),
  },
  undecided: {
    no_costs: (estate) => {
      estate.costsKnown = false;
      return disk(estate);
    },
  },
});

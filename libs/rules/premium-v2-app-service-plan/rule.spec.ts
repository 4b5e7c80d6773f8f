import type { InventoryResource } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { premiumV2AppServicePlan } from './rule.js';

const plan = (estate: TestEstate, sku: string | undefined = 'P1v2', properties: object = {}): InventoryResource => {
  const subject = estate.add('microsoft.web/serverfarms', {
    sku: { name: sku, tier: 'PremiumV2', capacity: 1 },
    properties: { numberOfSites: 1, ...properties },
  });
  estate.charge(subject, '200', { meterCategory: 'Azure App Service' });
  return subject;
};
const priced = (estate: TestEstate, list: Record<string, string>) => {
  const price = (_: string, sku: string, system: string) => (system === 'Windows' ? (list[sku] ?? null) : null);
  estate.reference = { prices: { appServicePlanHourly: price } as never, sizes: null };
};

describeRule(premiumV2AppServicePlan, {
  found: {
    'a plan whose successor is cheaper': {
      given: (estate) => {
        priced(estate, { P1v2: '0.2', P0v3: '0.15' });
        return plan(estate);
      },
      expected: {
        reason: 'The plan is P1v2; P0v3 has as many cores, and more memory.',
        estimatedMonthlySavings: '50',
        savingsMethod: 'priced',
      },
    },
    'a plan whose successor costs no less, without an amount': {
      given: (estate) => {
        priced(estate, { P1v2: '0.2', P0v3: '0.2' });
        return plan(estate);
      },
      expected: { estimatedMonthlySavings: null },
    },
    'a plan without list prices, without an amount': {
      given: (estate) => plan(estate, 'P3v2'),
      expected: { estimatedMonthlySavings: null, evidence: { sku: 'P3v2', target_sku: 'P2v3', instances: 1 } },
    },
    'a Windows container plan, whose price the list does not tell': {
      given: (estate) => {
        priced(estate, { P1v2: '0.2', P0v3: '0.15' });
        return plan(estate, 'P1v2', { hyperV: true });
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: { 'a plan of another tier': { given: (estate) => plan(estate, 'P1v3'), because: 'other_tier' } },
  leavesOut: {
    'plans without apps, which are better deleted': (estate) => plan(estate, 'P1v2', { numberOfSites: 0 }),
  },
  undecided: {
    no_size: (estate) => estate.add('microsoft.web/serverfarms'),
    no_number_of_sites: (estate) => plan(estate, 'P1v2', { numberOfSites: undefined }),
  },
});

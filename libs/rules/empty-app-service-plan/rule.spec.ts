import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { emptyAppServicePlan } from './rule.js';

const plan = (estate: TestEstate, tier = 'PremiumV3', properties: object = {}) =>
  estate.add('microsoft.web/serverfarms', {
    name: 'plan',
    sku: { name: 'P1v3', tier, capacity: 1 },
    properties: { numberOfSites: 0, ...properties },
  });

describeRule(emptyAppServicePlan, {
  found: {
    'a plan without any app': {
      given: (estate) => {
        const subject = plan(estate);
        estate.charge(subject, '164.98');
        return subject;
      },
      expected: {
        reason: 'The plan is PremiumV3 and has no app and no deployment slot.',
        estimatedMonthlySavings: '164.98',
        savingsMethod: 'measured',
        evidence: expect.objectContaining({ tier: 'PremiumV3', sku: 'P1v3', instances: 1, number_of_sites: 0 }),
      },
    },
    'an elastic premium plan, which keeps an instance warm': { given: (estate) => plan(estate, 'ElasticPremium') },
    'a plan whose costs are unknown, without an amount': {
      given: (estate) => {
        estate.costsKnown = false;
        return plan(estate);
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a plan with apps': { given: (estate) => plan(estate, 'Basic', { numberOfSites: 2 }), because: 'in_use' },
  },
  leavesOut: {
    'plans that cost nothing by themselves: Free, Shared, Consumption and Flex Consumption': [
      (estate) => plan(estate, 'Free'),
      (estate) => plan(estate, 'Shared'),
      (estate) => plan(estate, 'Dynamic'),
      (estate) => plan(estate, 'FlexConsumption'),
    ],
    'plans that an app or a deployment slot refers to, whatever their own count of sites says': [
      (estate) => {
        const subject = plan(estate);
        estate.add('microsoft.web/sites', {
          name: 'app',
          properties: { serverFarmId: subject.originalId.toUpperCase() },
        });
        return subject;
      },
      (estate) => {
        const subject = plan(estate);
        estate.add('microsoft.web/sites/slots', { name: 'a/b', properties: { serverFarmId: subject.originalId } });
        return subject;
      },
    ],
  },
  undecided: {
    no_tier: (estate) => estate.add('microsoft.web/serverfarms', { properties: { numberOfSites: 0 } }),
    no_number_of_sites: (estate) => plan(estate, 'Basic', { numberOfSites: undefined }),
  },
});

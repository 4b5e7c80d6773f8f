import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { productionOfferOutsideProduction } from './rule.js';

const resources = (estate: TestEstate, environments: readonly (string | null)[]) => {
  for (const [index, environment] of environments.entries()) {
    const tags: Record<string, string> = environment === null ? {} : { environment };
    const subject = estate.add('microsoft.web/serverfarms', { name: `plan-${index}`, tags });
    if (index === 0) estate.charge(subject, '200', { meterCategory: 'Azure App Service' });
    if (index === 1) estate.charge(subject, '500', { meterCategory: 'Storage' });
  }
};
const of = (count: number, environment: string | null) => Array.from({ length: count }, () => environment);

describeRule(productionOfferOutsideProduction, {
  found: {
    'a subscription of development, with what Dev/Test charges less for': {
      given: (estate) => resources(estate, [...of(19, 'dev'), ...of(1, 'prod')]),
      expected: {
        reason: '19 of 20 tagged resources are outside production; the offer is EnterpriseAgreement_2014-09-01.',
        resourceId: null,
        monthlyCost: '200',
        estimatedMonthlySavings: '30',
        savingsLow: '0',
        savingsHigh: '80',
        savingsMethod: 'guessed',
      },
    },
    'one without such costs, without an amount': {
      given: (estate) => {
        estate.costsKnown = false;
        estate.quotaId = 'PayAsYouGo_2014-09-01';
        resources(estate, of(5, 'test'));
      },
      expected: { estimatedMonthlySavings: null },
    },
  },
  fine: {
    'a subscription with some production': {
      given: (estate) => resources(estate, [...of(18, 'dev'), ...of(2, 'prod')]),
      because: 'production',
    },
  },
  leavesOut: {
    'subscriptions on a Dev/Test or Visual Studio offer already, and offers that have no Dev/Test counterpart': [
      'MSDNDevTest_2014-09-01',
      'MSDN_2014-09-01',
      'Sponsored_2016-01-01',
    ].map((quotaId) => (estate: TestEstate) => {
      estate.quotaId = quotaId;
      resources(estate, of(20, 'dev'));
    }),
    'subscriptions of which too little is tagged to tell': (estate) =>
      resources(estate, [...of(10, 'dev'), ...of(11, null)]),
    'nearly empty subscriptions': (estate) => resources(estate, of(4, 'dev')),
  },
  undecided: {
    no_offer: (estate) => {
      estate.quotaId = null;
      resources(estate, of(20, 'dev'));
    },
  },
});

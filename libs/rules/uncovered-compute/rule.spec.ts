import { expect } from 'vitest';
import type { ResourceCost } from '#core/facts.js';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { uncoveredCompute } from './rule.js';

const machine = (estate: TestEstate, details: Partial<ResourceCost> = {}) => {
  const subject = estate.add('microsoft.compute/virtualmachines');
  estate.charge(subject, '600', { meterCategory: 'Virtual Machines', ...details });
};

describeRule(uncoveredCompute, {
  found: {
    'machines that cost the same in every week': {
      given: (estate) => machine(estate),
      expected: {
        reason: 'Machines cost at least 600 EUR a month on demand in every week.',
        resourceId: null,
        estimatedMonthlySavings: '150',
        savingsLow: '90',
        savingsHigh: '240',
        monthlyCost: '600',
        savingsMethod: 'guessed',
        alternativeOf: 'commitment/savings-plan/30000000-0000-4000-8000-000000000001/compute_savings_plan',
      },
    },
    'what a FOCUS file calls standard': { given: (estate) => machine(estate, { pricingModel: 'Standard' }) },
    'only what the cheapest week would amount to': {
      given: (estate) => machine(estate, { weeks: ['140', '70', '140', '140'] }),
      expected: {
        estimatedMonthlySavings: '75',
        monthlyCost: '600',
        evidence: expect.objectContaining({ steady_monthly: '300', on_demand_monthly: '600' }),
      },
    },
  },
  fine: {
    'a week in which nothing ran': {
      given: (estate) => machine(estate, { weeks: ['140', '0', '140', '140'] }),
      because: 'costs_little',
    },
    'a subscription without machines': { given: () => undefined, because: 'no_machines' },
  },
  leavesOut: {
    'subscriptions with unused commitments, which come first': (estate) => {
      machine(estate);
      estate.charge(null, '20', { pricingModel: 'Reservation', chargeType: 'UnusedReservation' });
    },
    'Dev/Test subscriptions and trials, to which commitments hardly apply': [
      (estate) => {
        estate.quotaId = 'MSDNDevTest_2014-09-01';
        machine(estate);
      },
      (estate) => {
        estate.quotaId = 'FreeTrial_2014-09-01';
        machine(estate);
      },
    ],
    'Spot machines and what a commitment pays for already': [
      (estate) => machine(estate, { pricingModel: 'Spot' }),
      (estate) => machine(estate, { pricingModel: 'Reservation' }),
      (estate) => machine(estate, { pricingModel: 'SavingsPlan' }),
      (estate) => machine(estate, { pricingModel: 'Committed' }),
    ],
  },
  undecided: {
    no_costs: (estate) => {
      estate.costsKnown = false;
    },
    no_pricing_model: (estate) => machine(estate, { pricingModel: null, chargeType: null }),
    too_few_days: (estate) => machine(estate, { firstDay: '2026-04-10' }),
  },
});

import { expect } from 'vitest';
import { describeRule } from '../testing/describe-rule.js';
import type { TestEstate } from '../testing/test-estate.js';
import { unusedReservation } from './rule.js';

const commitment = (estate: TestEstate, unused: string, used = '300', chargeType = 'UnusedReservation') => {
  const machine = estate.add('microsoft.compute/virtualmachines');
  const details = { meterCategory: 'Virtual Machines', pricingModel: 'Reservation' };
  estate.charge(machine, used, details);
  if (unused !== '0') estate.charge(null, unused, { ...details, chargeType });
};

describeRule(unusedReservation, {
  found: {
    'a reservation of which a quarter is unused': {
      given: (estate) => commitment(estate, '100'),
      expected: {
        reason: '25 % of what commitments cost here was not used.',
        resourceId: null,
        estimatedMonthlySavings: '100',
        savingsMethod: 'measured',
        evidence: expect.objectContaining({ unused_share: 0.25, commitments_monthly: '400' }),
      },
    },
    'a savings plan, by its own name': {
      given: (estate) => {
        estate.charge(null, '50', { pricingModel: 'SavingsPlan', chargeType: 'UnusedSavingsPlan' });
      },
      expected: { estimatedMonthlySavings: '50', evidence: expect.objectContaining({ unused_share: 1 }) },
    },
  },
  fine: {
    'commitments that are all used': { given: (estate) => commitment(estate, '0'), because: 'all_used' },
    'a rest that costs little': { given: (estate) => commitment(estate, '9', '1'), because: 'costs_little' },
  },
  leavesOut: { 'a small rest, which every commitment has': (estate) => commitment(estate, '30') },
  undecided: {
    no_costs: (estate) => {
      estate.costsKnown = false;
    },
    unused_not_told: [
      (estate) => void estate.charge(null, '100', { pricingModel: 'Committed' }),
      (estate) => estate.charge(null, '100', { pricingModel: null, chargeType: null }),
    ],
    no_effective_cost: (estate) => {
      estate.amounts = 'billed';
      commitment(estate, '100');
    },
  },
});

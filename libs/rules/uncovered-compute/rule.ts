import { decimal } from '#core/decimal.js';
import type { ResourceCost } from '#core/facts.js';
import { SUBSCRIPTION_TYPE } from '../estate.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed, isUnusedCommitment, type MonthlyCost } from '../savings.js';

/** A year's savings plan or reservation saves 15 to 40 % of compute, Windows licences aside. */
const ONE_YEAR = { low: 0.15, likely: 0.25, high: 0.4 };

/** Virtual machines that run all the time at the full price. */
export const uncoveredCompute = defineRule({
  id: 'uncovered-compute',
  title: 'Commit to the compute that always runs',
  finds:
    'Subscriptions whose virtual machines cost something on demand in every one of the last four weeks. The cheapest week is what could be committed to.',
  leavesOut: [
    'subscriptions with unused commitments, which come first',
    'Dev/Test subscriptions and trials, to which commitments hardly apply',
    'Spot machines and what a commitment pays for already',
  ],
  savings:
    'A guess: 15 to 40 %, likely 25 %, of the cheapest week as a month, which is what a year’s savings plan or reservation usually saves. Azure Advisor’s own figures, where read, are better known: they exclude this one.',
  category: 'rate',
  action: 'commit',
  impact: 'High',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: [SUBSCRIPTION_TYPE],
  needs: ['costs'],
  thresholds: {
    monthlyCostFrom: {
      default: 100,
      minimum: 0,
      maximum: 1_000_000,
      unit: 'of the billing currency',
      meaning: 'What the cheapest week amounts to a month at least',
    },
  },
  runbook: {
    check: [
      'First remove, stop and resize what is recommended for single machines: a commitment is due whether it is used or not.',
      'Compare with **Advisor**, **Cost**: savings plans fit changing sizes and regions, reservations of one size save more.',
    ],
    azureCli: [
      "az advisor recommendation list --category Cost --subscription {subscription} --query \"[?contains(shortDescription.solution, 'eserv') || contains(shortDescription.solution, 'avings plan')].{what:shortDescription.solution, yearly:extendedProperties.annualSavingsAmount, term:extendedProperties.term}\" --output table",
    ],
    portal: [
      'Open **Savings plans** or **Reservations**, **Add**, scope shared, one year, paid monthly; begin with half of what is proposed.',
    ],
    terraform: 'Commitments are not kept in Terraform; nothing to change.',
    verify: ['Utilization stays above 95 % over the first weeks; on-demand charges of virtual machines fall.'],
    undo: ['Reservations can be exchanged or returned within limits. **A savings plan cannot be undone.**'],
  },
  links: [
    {
      title: 'Decide between a savings plan and a reservation',
      url: 'https://learn.microsoft.com/azure/cost-management-billing/savings-plan/decide-between-savings-plan-reservation',
    },
  ],
  evaluate(_, { estate, thresholds }) {
    if (!estate.facts.costs) return undecided('no_costs');
    if (/devtest|^msdn|freetrial|azurepass|sponsored|students/i.test(estate.facts.quotaId ?? '')) return fine('offer');
    const cost = estate.costWhere((charge) => isOfMachines(charge) && isOnDemand(charge));
    if (!cost) {
      // Where Azure would not group by it, nobody knows how the machines are paid for.
      return estate.costWhere((charge) => isOfMachines(charge) && !charge.pricingModel)
        ? undecided('no_pricing_model')
        : fine('no_machines');
    }
    // Fewer days have no four weeks to compare.
    if (cost.days < 28) return undecided('too_few_days');
    if (decimal(cost.low).lt(String(thresholds.monthlyCostFrom)) || decimal(cost.low).lte(0))
      return fine('costs_little');
    if (estate.costWhere(isUnusedCommitment)) return fine('unused_commitment');
    const steady: MonthlyCost = { ...cost, monthly: cost.low, freeHigh: cost.freeLow };
    const saving = guessed(steady, ONE_YEAR);
    return found({
      reason: `Machines cost at least ${cost.low} ${cost.currency} a month on demand in every week.`,
      evidence: { steady_monthly: cost.low, on_demand_monthly: cost.monthly },
      saving: saving && { ...saving, monthlyCost: cost.monthly },
      certainty: 0.7,
      // As Azure Advisor's savings plans for the subscription: what it states counts before a guess.
      alternativeOf: `commitment/savings-plan/${estate.facts.subscriptionId}/compute_savings_plan`,
    });
  },
});

function isOfMachines({ meterCategory }: ResourceCost): boolean {
  return meterCategory === 'Virtual Machines';
}

/** FOCUS calls it `Standard`. */
function isOnDemand({ pricingModel, chargeType }: ResourceCost): boolean {
  return /^(ondemand|standard)$/i.test(pricingModel ?? '') && chargeType === 'Usage';
}

import { decimal } from '#core/decimal.js';
import type { ResourceCost } from '#core/facts.js';
import { SUBSCRIPTION_TYPE } from '../estate.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { isCommitted, isUnusedCommitment, measured } from '../savings.js';

/** Reservations and savings plans that are paid for and not used. */
export const unusedReservation = defineRule({
  id: 'unused-reservation',
  title: 'Use or return the unused commitment',
  finds:
    'Subscriptions that are charged for hours of reservations and savings plans that nothing used. The share is that of this subscription’s charges: a shared commitment may be used in others as well.',
  leavesOut: ['a small rest, which every commitment has'],
  savings:
    'What the unused hours cost in the last 30 days; it is had back by using, exchanging or returning the commitment.',
  category: 'rate',
  action: 'commit',
  impact: 'High',
  risk: 'low',
  effort: 'medium',
  resourceTypes: [SUBSCRIPTION_TYPE],
  needs: ['costs'],
  thresholds: {
    unusedShare: {
      default: 10,
      minimum: 1,
      maximum: 100,
      unit: '%',
      meaning: 'From which part of the commitments’ cost on too much is unused',
    },
    monthlyCostFrom: {
      default: 10,
      minimum: 0,
      maximum: 1_000_000,
      unit: 'of the billing currency',
      meaning: 'What the unused hours cost a month at least',
    },
  },
  runbook: {
    check: [
      'See which commitment it is and since when: **Reservations**, **Utilization**. A scope that is too narrow is the usual cause, a machine that was resized or deleted the next.',
    ],
    azureCli: [
      'az reservations reservation list --query "[].{name:properties.displayName, scope:properties.appliedScopeType, used:properties.utilization.aggregates[0].value}" --output table',
      'az reservations reservation update --reservation-order-id ORDER --reservation-id RESERVATION --applied-scope-type Shared',
    ],
    portal: [
      'Open **Reservations**, choose it, **Configuration**: widen the scope to shared, or switch on instance size flexibility. If nothing can use it: **Exchange** or **Refund** (at most 50,000 USD a year); savings plans cannot be returned.',
    ],
    terraform: 'Commitments are not kept in Terraform; nothing to change.',
    verify: [
      'Utilization of the next days rises above 90 %, and charges of type UnusedReservation or UnusedSavingsPlan end.',
    ],
    undo: ['A scope can be set back at any time. **An exchange or a refund cannot be undone**, only bought anew.'],
  },
  links: [
    {
      title: 'Optimize reservation use',
      url: 'https://learn.microsoft.com/azure/cost-management-billing/reservations/manage-reserved-vm-instance',
    },
    {
      title: 'Self-service exchanges and refunds for Azure reservations',
      url: 'https://learn.microsoft.com/azure/cost-management-billing/reservations/exchange-and-refund-azure-reservations',
    },
  ],
  evaluate(_, { estate, thresholds }) {
    const { costs } = estate.facts;
    if (!costs) return undecided('no_costs');
    // Billed cost knows the purchase alone; what was used of it is in the effective cost.
    if (costs.amounts !== 'effective') return undecided('no_effective_cost');
    const unused = estate.costWhere(isUnusedCommitment);
    // FOCUS files, and costs that Azure would not group by charge type, do not tell used from unused hours.
    const isUntold = ({ chargeType, pricingModel }: ResourceCost) =>
      !chargeType || /^committed$/i.test(pricingModel ?? '');
    if (!unused) return estate.costWhere(isUntold) ? undecided('unused_not_told') : fine('all_used');
    const paid = estate.costWhere((charge) => isCommitted(charge) && charge.currency === unused.currency);
    const share = paid && decimal(paid.monthly).gt(0) ? Number(decimal(unused.monthly).div(paid.monthly)) : 1;
    if (100 * share < thresholds.unusedShare) return fine('small_rest');
    if (decimal(unused.monthly).lt(String(thresholds.monthlyCostFrom))) return fine('costs_little');
    return found({
      reason: `${Math.round(100 * share)} % of what commitments cost here was not used.`,
      evidence: {
        unused_share: Math.round(share * 1000) / 1000,
        commitments_monthly: paid?.monthly ?? unused.monthly,
      },
      // It is due as part of a commitment, and that is just what is to change.
      saving: measured({ ...unused, committed: '0', freeLow: unused.low, freeHigh: unused.high }),
      certainty: 0.95,
    });
  },
});

import { decimal } from '#core/decimal.js';
import { hasSentinel } from '../log-workspace.js';
import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';

/** List price of a GB of analytics logs in dollars or euros, region by region between 2.30 and 2.99. */
const LIST_PRICE = 2.76;
/** Currencies in which that price is about the same number. */
const NEAR_DOLLAR = /^(USD|EUR|GBP|CHF)$/;
/** GB a day, and what the tier costs less than pay-as-you-go. Source: Azure Monitor pricing. */
const TIERS = [
  [5000, 0.3],
  [2000, 0.28],
  [1000, 0.26],
  [500, 0.25],
  [400, 0.23],
  [300, 0.22],
  [200, 0.2],
  [100, 0.15],
] as const;

/** Log Analytics workspaces that take in enough every day to commit to it. */
export const logAnalyticsCommitmentTier = defineRule({
  id: 'log-analytics-commitment-tier',
  title: 'Move the Log Analytics workspace to a commitment tier',
  finds:
    'Workspaces on pay-as-you-go whose cost, even in the cheapest of four weeks, is that of a commitment tier’s daily volume; what is above the tier costs no more than what is within.',
  leavesOut: [
    'workspaces that are on a commitment tier or in a dedicated cluster already',
    'workspaces of Microsoft Sentinel, which has tiers of its own',
  ],
  savings:
    'A guess: the tier’s discount on the workspace’s own cost, down to nothing, because the daily volume is not read but follows from cost and price, and retention is billed under the same name.',
  category: 'rate',
  action: 'commit',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.operationalinsights/workspaces'],
  needs: ['costs'],
  thresholds: {
    pricePerGb: {
      default: LIST_PRICE,
      minimum: 0.01,
      maximum: 100_000,
      unit: 'of the billing currency',
      meaning: 'What a GB costs on pay-as-you-go; state yours, above all where it is not billed in dollars or euros',
    },
  },
  runbook: {
    check: [
      'See the daily volume under **Usage and estimated costs** of `{name}`, which also compares the tiers. A tier can be left again after 31 days.',
      'First ask whether all of it is needed: less is cheaper than a discount.',
    ],
    azureCli: ['az resource patch --ids {id} --properties {evidence.change}'],
    portal: ['Open **Log Analytics workspaces**, choose `{name}`, **Usage and estimated costs**, select the tier.'],
    terraform:
      'Set `sku = "CapacityReservation"` and `reservation_capacity_in_gb_per_day = {evidence.tier_gb_a_day}` on the `azurerm_log_analytics_workspace`.',
    verify: [
      '`az resource show --ids {id} --query properties.sku` shows the tier; the daily cost falls from the next day.',
    ],
    undo: ['After 31 days: `az resource patch --ids {id} --properties \'{"sku":{"name":"PerGB2018"}}\'`'],
  },
  links: [
    {
      title: 'Azure Monitor Logs cost calculations and options',
      url: 'https://learn.microsoft.com/azure/azure-monitor/logs/cost-logs#commitment-tiers',
    },
  ],
  evaluate(workspace, { estate, thresholds }) {
    const sku = textAt(workspace, 'properties.sku.name');
    if (sku === undefined) return undecided('no_pricing_tier');
    if (!/^pergb2018$/i.test(sku)) return fine('not_pay_as_you_go');
    if (hasSentinel(workspace, estate)) return fine('sentinel');
    if (!estate.facts.costs) return undecided('no_costs');
    const cost = estate.costOf(workspace.resourceId, ({ meterCategory }) => meterCategory === 'Log Analytics');
    if (!cost) return estate.costOf(workspace.resourceId) ? undecided('no_meter_category') : fine('costs_nothing');
    if (cost.days < 28) return undecided('too_few_days');
    if (thresholds.pricePerGb === LIST_PRICE && !NEAR_DOLLAR.test(cost.currency)) return undecided('no_price');
    const daily = Math.floor(Number(decimal(cost.low).div(30).div(String(thresholds.pricePerGb))));
    const tier = TIERS.find(([gb]) => gb <= daily);
    if (!tier) return fine('too_little');
    const [gb, discount] = tier;
    return found({
      reason: `About ${daily} GB come in a day on pay-as-you-go; the tier of ${gb} GB costs ${Math.round(discount * 100)} % less.`,
      evidence: {
        sku,
        estimated_gb_a_day: daily,
        price_per_gb: thresholds.pricePerGb,
        tier_gb_a_day: gb,
        tier_discount: discount,
        change: { sku: { name: 'CapacityReservation', capacityReservationLevel: gb } },
      },
      saving: guessed(cost, { low: 0, likely: discount, high: discount }),
      certainty: 0.7,
    });
  },
});

import { operatingSystemOf } from '../app-service.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { repriced } from '../savings.js';

/** The Premium v3 size with as many cores and at least as much memory. */
const SUCCESSOR: Readonly<Record<string, string>> = { P1V2: 'P0v3', P2V2: 'P1v3', P3V2: 'P2v3' };

/** App Service plans of the generation before last. */
export const premiumV2AppServicePlan = defineRule({
  id: 'premium-v2-app-service-plan',
  title: 'Move the App Service plan to Premium v3',
  finds:
    'App Service plans of the Premium v2 tier; Premium v3 has faster cores and more memory, mostly for less, and only it can be reserved.',
  leavesOut: ['plans without apps, which are better deleted'],
  savings:
    'The plan’s own cost in the proportion of the list prices of both sizes; no amount where these are unknown or the new size costs no less.',
  category: 'modernisation',
  action: 'upgrade',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.web/serverfarms'],
  needs: ['costs', 'prices'],
  thresholds: {},
  runbook: {
    check: [
      'Open **Scale up** of `{name}`: where Premium v3 is greyed out, the plan stands on older machines and its apps must be cloned or deployed into a new plan in another resource group.',
      'Compare outbound addresses: they change, and firewalls of databases and partners may list the old ones.',
    ],
    azureCli: [
      'az appservice list-locations --sku {evidence.target_sku} --output table',
      'az appservice plan update --ids {id} --sku {evidence.target_sku}',
    ],
    portal: [
      'Open **App Service plans**, choose `{name}`, **Scale up**, choose `{evidence.target_sku}`, **Select**. Apps restart.',
    ],
    terraform: 'Set `sku_name = "{evidence.target_sku}"` on the `azurerm_service_plan`.',
    verify: ['`az appservice plan show --ids {id} --query sku.name` shows the target, and the apps answer.'],
    undo: ['`az appservice plan update --ids {id} --sku {evidence.sku}`'],
  },
  links: [
    {
      title: 'Configure Premium V3 tier for Azure App Service',
      url: 'https://learn.microsoft.com/azure/app-service/app-service-configure-premium-v3-tier',
    },
  ],
  evaluate(plan, { estate }) {
    const sku = textAt(plan, 'sku.name');
    if (sku === undefined) return undecided('no_size');
    const target = SUCCESSOR[sku.toUpperCase()];
    if (target === undefined) return fine('other_tier');
    const sites = numberAt(plan, 'properties.numberOfSites');
    if (sites === undefined) return undecided('no_number_of_sites');
    if (sites === 0) return fine('empty');
    const system = operatingSystemOf(plan);
    const priceOf = (size: string) =>
      (system && plan.location && estate.reference.prices?.appServicePlanHourly(plan.location, size, system)) || null;
    return found({
      reason: `The plan is ${sku}; ${target} has as many cores, and more memory.`,
      evidence: { sku, target_sku: target, instances: numberAt(plan, 'sku.capacity') ?? null },
      saving: repriced(estate.costOf(plan.resourceId), priceOf(sku), priceOf(target)),
      certainty: 0.9,
    });
  },
});

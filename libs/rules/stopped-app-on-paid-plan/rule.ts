import { appsOn, isFreePlan } from '../app-service.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** App Service plans that are paid for while everything on them is stopped. */
export const stoppedAppOnPaidPlan = defineRule({
  id: 'stopped-app-on-paid-plan',
  title: 'Delete the plan whose apps are all stopped',
  finds:
    'App Service plans on which every app and deployment slot is stopped; a plan is billed for its instances, whether apps run or not.',
  leavesOut: [
    'plans that cost nothing by themselves: Free, Shared, Consumption and Flex Consumption',
    'plans on which at least one app or deployment slot runs',
  ],
  savings: 'What the plan itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'medium',
  effort: 'medium',
  resourceTypes: ['microsoft.web/serverfarms'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the apps will be started again. If so, scale `{name}` down to Free or Basic, or move the apps to a plan that is used.',
      'Save what the apps hold: content, application settings, certificates, backups.',
    ],
    azureCli: [
      'az rest --method get --url {id}/sites --uri-parameters api-version=2024-04-01 --query "value[].{id:id, state:properties.state}" --output table',
      'az webapp delete --ids APP_ID --keep-empty-plan',
      'az appservice plan delete --ids {id} --yes',
    ],
    portal: [
      'Open **App Service plans**, choose `{name}`, **Apps**: delete each, or **Change App Service plan**; then **Delete** the plan.',
    ],
    terraform: 'Remove the `azurerm_service_plan` for `{name}` with its apps, or set its `sku_name` to `F1` or `B1`.',
    verify: ['`az appservice plan show --ids {id}` answers ResourceNotFound, or shows the smaller size.'],
    undo: [
      'A deleted app can be restored for 30 days: `az webapp deleted list`, then `az webapp deleted restore`; its plan must be made again first. A plan scaled down is scaled up again.',
    ],
  },
  links: [
    {
      title: 'Restore a deleted App Service app',
      url: 'https://learn.microsoft.com/azure/app-service/app-service-undelete',
    },
  ],
  evaluate(plan, { estate }) {
    const tier = textAt(plan, 'sku.tier');
    if (tier === undefined) return undecided('no_tier');
    if (isFreePlan(tier)) return fine('free');
    const apps = appsOn(plan, estate);
    const sites = numberAt(plan, 'properties.numberOfSites');
    const states = apps.map((app) => textAt(app, 'properties.state')?.toLowerCase());
    if (states.includes('running')) return fine('in_use');
    if (sites === undefined) return undecided('no_number_of_sites');
    if (sites === 0 && apps.length === 0) return fine('empty');
    // An app that cannot be seen may be the one that runs.
    if (apps.filter(({ type }) => type === 'microsoft.web/sites').length < sites) return undecided('apps_not_seen');
    if (states.some((state) => state !== 'stopped')) return undecided('no_app_state');
    return found({
      reason: `The plan is ${tier}, and all that is on it is stopped (${apps.length}).`,
      evidence: {
        tier,
        sku: textAt(plan, 'sku.name') ?? null,
        instances: numberAt(plan, 'sku.capacity') ?? null,
        stopped: apps.map(({ originalId }) => originalId),
      },
      saving: measured(estate.costOf(plan.resourceId)),
      certainty: 0.85,
    });
  },
});

import { appsOn, isFreePlan } from '../app-service.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';

/** App Service plans that nothing runs on. */
export const emptyAppServicePlan = defineRule({
  id: 'empty-app-service-plan',
  title: 'Delete the empty App Service plan',
  finds: 'App Service plans that are paid for by the hour and have no app and no deployment slot.',
  leavesOut: [
    'plans that cost nothing by themselves: Free, Shared, Consumption and Flex Consumption',
    'plans that an app or a deployment slot refers to, whatever their own count of sites says',
  ],
  savings: 'What the plan itself cost in the last 30 days.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.web/serverfarms'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'See that **Apps** of `{name}` is empty, and ask the owner of resource group `{resource_group}` whether a deployment is about to use it.',
      'In an App Service Environment an empty environment costs the price of one instance: delete the environment too if this was its last plan.',
    ],
    azureCli: [
      'az rest --method get --url {id}/sites --uri-parameters api-version=2024-04-01 --query "value[].id" --output tsv',
      'az appservice plan delete --ids {id} --yes',
    ],
    portal: ['Open **App Service plans**, choose `{name}`, see that **Apps** is empty, then **Delete**.'],
    terraform: 'Remove the `azurerm_service_plan` for `{name}`.',
    verify: ['`az appservice plan show --ids {id}` answers ResourceNotFound; the plan’s cost ends with the hour.'],
    undo: [
      'A plan holds no data; make it again: `az appservice plan create --resource-group {resource_group} --name {name} --location {location} --sku {evidence.sku}` (with `--is-linux` for Linux).',
    ],
  },
  links: [
    {
      title: 'Manage an App Service plan',
      url: 'https://learn.microsoft.com/azure/app-service/app-service-plan-manage',
    },
  ],
  evaluate(plan, { estate }) {
    const tier = textAt(plan, 'sku.tier');
    const sites = numberAt(plan, 'properties.numberOfSites');
    if (tier === undefined) return undecided('no_tier');
    if (isFreePlan(tier)) return fine('free');
    if (sites === undefined) return undecided('no_number_of_sites');
    if (sites > 0 || appsOn(plan, estate).length > 0) return fine('in_use');
    return found({
      reason: `The plan is ${tier} and has no app and no deployment slot.`,
      evidence: {
        tier,
        sku: textAt(plan, 'sku.name') ?? null,
        instances: numberAt(plan, 'sku.capacity') ?? null,
        number_of_sites: sites,
      },
      saving: measured(estate.costOf(plan.resourceId)),
      certainty: 0.95,
    });
  },
});

import { decimal, plain } from '#core/decimal.js';
import type { InventoryResource } from '#core/facts.js';
import { appsOn, isFreePlan, lowerPlanSize, operatingSystemOf } from '../app-service.js';
import { autoscaleSettingsOf } from '../autoscale.js';
import type { Estate } from '../estate.js';
import { peakCertaintyOf, peaksOf, percent } from '../peaks.js';
import { numberAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { costsNoLess, guessed, measured, repriced } from '../savings.js';

/** App Service plans that have more instances, or larger ones, than their apps need. */
export const underusedAppServicePlan = defineRule({
  id: 'underused-app-service-plan',
  title: 'Reduce the App Service plan',
  finds:
    'App Service plans whose CPU and memory would still suffice, 95 % of the time, on fewer instances or on the next lower size of the same tier.',
  leavesOut: [
    'plans that an autoscale setting or automatic scaling already fits to their load',
    'elastic premium and Logic Apps plans, which scale by themselves',
    'plans on which nothing runs, and those that cost nothing by themselves',
    'the last three instances of zone-redundant plans',
  ],
  savings:
    'Fewer instances: their share of the plan’s own cost. A lower size: the own cost in the proportion of the list prices; where these are unknown half of it, because each size of a tier has twice the cores, the memory and about the price of the one below.',
  category: 'rightsizing',
  action: 'resize',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.web/serverfarms'],
  needs: ['metrics', 'costs', 'prices'],
  thresholds: {
    cpuAfter: {
      default: 60,
      minimum: 20,
      maximum: 90,
      unit: '%',
      meaning: 'How high the 95th percentile of CPU may stand after the change',
    },
    memoryAfter: {
      default: 80,
      minimum: 30,
      maximum: 95,
      unit: '%',
      meaning: 'The same of memory',
    },
    minimumInstances: {
      default: 2,
      minimum: 1,
      maximum: 30,
      unit: 'instances',
      meaning: 'How many instances are left at least, so that one may fail',
    },
  },
  runbook: {
    check: [
      'Look at **CPU Percentage** and **Memory Percentage** of `{name}` over the last months: month ends and campaigns do not show in two weeks.',
      'Ask the owner whether the plan is large on purpose, for instance for a launch or for deployment slots under test.',
    ],
    azureCli: [
      'az appservice plan update --ids {id} --sku {evidence.target_sku} --number-of-workers {evidence.target_instances}',
    ],
    portal: [
      'Open **App Service plans**, choose `{name}`, **Scale up** to `{evidence.target_sku}` or **Scale out** to {evidence.target_instances}. Apps restart.',
    ],
    terraform:
      'Set `sku_name = "{evidence.target_sku}"` and `worker_count = {evidence.target_instances}` on the `azurerm_service_plan`.',
    verify: ['`az appservice plan show --ids {id} --query sku` shows the target; response times stay as they were.'],
    undo: ['`az appservice plan update --ids {id} --sku {evidence.sku} --number-of-workers {evidence.instances}`'],
  },
  links: [
    {
      title: 'Scale up an app in Azure App Service',
      url: 'https://learn.microsoft.com/azure/app-service/manage-scale-up',
    },
  ],
  evaluate(plan, { estate, thresholds }) {
    const tier = textAt(plan, 'sku.tier');
    const sku = textAt(plan, 'sku.name');
    const instances = numberAt(plan, 'sku.capacity');
    if (tier === undefined || sku === undefined || instances === undefined) return undecided('no_size');
    if (isFreePlan(tier)) return fine('free');
    if (/^(elasticpremium|workflowstandard)$/i.test(tier)) return fine('elastic');
    if (valueAt(plan, 'properties.elasticScaleEnabled') === true || isAutoscaled(plan, estate))
      return fine('autoscale');
    const apps = appsOn(plan, estate);
    const sites = numberAt(plan, 'properties.numberOfSites') ?? (apps.length || undefined);
    if (sites === undefined) return undecided('no_number_of_sites');
    if (sites === 0 && apps.length === 0) return fine('empty');
    if (apps.length > 0 && apps.every((app) => /^stopped$/i.test(textAt(app, 'properties.state') ?? '')))
      return fine('stopped');
    const peaks = peaksOf(estate, plan.resourceId, ['CpuPercentage', 'MemoryPercentage']);
    if (typeof peaks === 'string') return undecided(peaks);
    const { CpuPercentage: cpu, MemoryPercentage: memory } = peaks.p95;
    // The share of what there is that would do.
    const needed = Math.max(cpu / thresholds.cpuAfter, memory / thresholds.memoryAfter);
    const kept = Math.max(thresholds.minimumInstances, valueAt(plan, 'properties.zoneRedundant') === true ? 3 : 1);
    const enough = Math.max(kept, Math.ceil(instances * needed));
    const lower = needed <= 0.5 ? lowerPlanSize(sku) : undefined;
    if (enough >= instances && lower === undefined) return fine(needed <= 0.5 ? 'smallest_size' : 'in_use');
    const target = enough < instances ? { sku, instances: enough } : { sku: lower!, instances };
    const cost = estate.costOf(plan.resourceId);
    const [price, targetPrice] = pricesOf(plan, estate, [sku, target.sku]);
    if (target.sku !== sku && costsNoLess(price, targetPrice)) return fine('costs_no_less');
    return found({
      reason: `CPU is at most ${percent(cpu)} and memory at most ${percent(memory)} 95 % of the time; ${target.instances} × ${target.sku} would do instead of ${instances} × ${sku}.`,
      evidence: {
        sku,
        instances,
        target_sku: target.sku,
        target_instances: target.instances,
        cpu_p95: cpu,
        memory_p95: memory,
        coverage: peaks.coverage,
      },
      saving:
        target.sku === sku
          ? measured(cost, plain(decimal(instances - enough).div(instances)))
          : (repriced(cost, price, targetPrice) ?? guessed(cost, { low: 0.4, likely: 0.5, high: 0.5 })),
      certainty: peakCertaintyOf(peaks.coverage),
    });
  },
});

/** List prices of the sizes; null where they are unknown. */
function pricesOf(plan: InventoryResource, { reference }: Estate, sizes: readonly [string, string]) {
  const system = operatingSystemOf(plan);
  const priceOf = (size: string) =>
    (system && plan.location && reference.prices?.appServicePlanHourly(plan.location, size, system)) || null;
  return [priceOf(sizes[0]), priceOf(sizes[1])] as const;
}

function isAutoscaled(plan: InventoryResource, estate: Estate): boolean {
  return autoscaleSettingsOf(plan, estate).some((setting) => valueAt(setting, 'properties.enabled') !== false);
}

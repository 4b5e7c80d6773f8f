import { defineRule, fine, found, undecided } from '../rule.js';
import { decimal } from '#core/decimal.js';
import { isKubernetesManaged, tagValue } from '../tags.js';

/** Resources that cost something and nobody answers for. */
export const missingCostCenterTag = defineRule({
  id: 'missing-cost-center-tag',
  title: 'Tag the resource with its cost center',
  finds:
    'Resources that cost something and have no cost-center tag of their own, or a blank one. The name counts in any case, in both spellings of “center” and with any separator (cost-center, CostCenter, cost_centre). Tags of the resource group are not inherited.',
  leavesOut: [
    'resources that cost nothing, or too little to be worth a tag',
    'what Kubernetes makes and labels by itself: tag the cluster',
  ],
  savings: 'None: the tag says who answers for the cost, which the evidence states.',
  category: 'governance',
  action: 'label',
  impact: 'Low',
  risk: 'low',
  effort: 'low',
  resourceTypes: [
    'microsoft.apimanagement/service',
    'microsoft.cache/redis',
    'microsoft.cache/redisenterprise',
    'microsoft.cdn/profiles',
    'microsoft.cognitiveservices/accounts',
    'microsoft.compute/disks',
    'microsoft.compute/snapshots',
    'microsoft.compute/virtualmachines',
    'microsoft.compute/virtualmachinescalesets',
    'microsoft.containerregistry/registries',
    'microsoft.containerservice/managedclusters',
    'microsoft.databricks/workspaces',
    'microsoft.datafactory/factories',
    'microsoft.dbformysql/flexibleservers',
    'microsoft.dbforpostgresql/flexibleservers',
    'microsoft.documentdb/databaseaccounts',
    'microsoft.eventhub/namespaces',
    'microsoft.insights/components',
    'microsoft.keyvault/vaults',
    'microsoft.kusto/clusters',
    'microsoft.machinelearningservices/workspaces',
    'microsoft.network/applicationgateways',
    'microsoft.network/azurefirewalls',
    'microsoft.network/bastionhosts',
    'microsoft.network/ddosprotectionplans',
    'microsoft.network/expressroutecircuits',
    'microsoft.network/loadbalancers',
    'microsoft.network/natgateways',
    'microsoft.network/privateendpoints',
    'microsoft.network/publicipaddresses',
    'microsoft.network/virtualnetworkgateways',
    'microsoft.operationalinsights/workspaces',
    'microsoft.recoveryservices/vaults',
    'microsoft.search/searchservices',
    'microsoft.servicebus/namespaces',
    'microsoft.sql/managedinstances',
    'microsoft.sql/servers/databases',
    'microsoft.sql/servers/elasticpools',
    'microsoft.storage/storageaccounts',
    'microsoft.synapse/workspaces/sqlpools',
    'microsoft.web/serverfarms',
  ],
  needs: ['costs'],
  thresholds: {
    monthlyCostFrom: {
      default: 5,
      minimum: 0,
      maximum: 10_000,
      unit: 'of the billing currency',
      meaning: 'What a resource costs a month at least',
    },
  },
  runbook: {
    check: ['Ask who ordered `{name}`, or take the cost center of what it belongs to in `{resource_group}`.'],
    azureCli: ['az tag update --resource-id {id} --operation merge --tags cost-center=CC-0000'],
    portal: ['Open `{name}`, **Tags**, add `cost-center` with its value, **Apply**.'],
    terraform: 'Add `"cost-center" = "…"` to the resource’s `tags`, or to `default_tags` of your modules.',
    verify: ['`az tag list --resource-id {id}` shows the tag. Costs carry it from that day on, not before.'],
    undo: ['`az tag update --resource-id {id} --operation delete --tags cost-center=CC-0000`'],
  },
  links: [
    {
      title: 'Resource naming and tagging',
      url: 'https://learn.microsoft.com/azure/cloud-adoption-framework/ready/azure-best-practices/resource-tagging',
    },
    {
      title: 'Tag inheritance in Cost Management',
      url: 'https://learn.microsoft.com/azure/cost-management-billing/costs/enable-tag-inheritance',
    },
  ],
  evaluate(resource, { estate, thresholds }) {
    if (tagValue(resource, /^cost[ _.-]?cent(er|re)$/i)?.trim()) return fine('tagged');
    if (isKubernetesManaged(resource)) return fine('kubernetes');
    if (!estate.facts.costs) return undecided('no_costs');
    const cost = estate.costOf(resource.resourceId);
    if (!cost || decimal(cost.monthly).lt(String(thresholds.monthlyCostFrom)) || decimal(cost.monthly).lte(0))
      return fine('costs_little');
    return found({
      reason: `Nobody answers for ${cost.monthly} ${cost.currency} a month.`,
      evidence: {
        unallocated_monthly: cost.monthly,
        currency: cost.currency,
        days: cost.days,
        tags: Object.keys(resource.tags),
      },
      saving: null,
      certainty: 0.98,
    });
  },
});

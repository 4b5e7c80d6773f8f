import { decimal } from '#core/decimal.js';
import { hasSentinel } from '../log-workspace.js';
import { numberAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';

/** Log Analytics workspaces that keep everything for long in the dearest form. */
export const longLogRetention = defineRule({
  id: 'long-log-retention',
  title: 'Shorten the retention of the Log Analytics workspace',
  finds:
    'Workspaces that keep all tables for interactive queries longer than usual by default. The first 31 days are free; what is kept longer is billed by volume and month, and long-term retention of single tables costs about a fifth.',
  leavesOut: [
    'workspaces of Microsoft Sentinel, whose security logs are kept on purpose',
    'workspaces that cost little altogether',
  ],
  savings: 'No amount: billing names retention like ingestion, and volumes are not read.',
  category: 'governance',
  action: 'retier',
  impact: 'Low',
  risk: 'high',
  effort: 'low',
  resourceTypes: ['microsoft.operationalinsights/workspaces'],
  needs: ['costs'],
  thresholds: {
    retentionDays: {
      default: 90,
      minimum: 31,
      maximum: 730,
      unit: 'days',
      meaning: 'How long logs may be kept by default',
    },
    monthlyCostFrom: {
      default: 10,
      minimum: 0,
      maximum: 100_000,
      unit: 'of the billing currency',
      meaning: 'What a workspace costs a month at least',
    },
  },
  runbook: {
    check: [
      'Ask whoever answers for compliance how long logs must be kept, and whether for queries or only for evidence.',
      'Logs older than the new retention are deleted 30 days after the change. **That cannot be undone**: export what is needed first.',
    ],
    azureCli: [
      'az monitor log-analytics workspace table list --resource-group {resource_group} --workspace-name {name} --query "[].{name:name, days:retentionInDays, total:totalRetentionInDays}" --output table',
      'az monitor log-analytics workspace update --ids {id} --retention-time 31',
    ],
    portal: [
      'Open **Log Analytics workspaces**, choose `{name}`, **Usage and estimated costs**, **Data Retention**. Tables that must be kept longer: **Tables**, **Manage table**, total retention.',
    ],
    terraform:
      'Set `retention_in_days` on the `azurerm_log_analytics_workspace`, and per table on `azurerm_log_analytics_workspace_table`.',
    verify: ['`az monitor log-analytics workspace show --ids {id} --query retentionInDays` shows the new value.'],
    undo: [
      'Within 30 days: `az monitor log-analytics workspace update --ids {id} --retention-time {evidence.retention_days}`. Later the logs are gone.',
    ],
  },
  links: [
    {
      title: 'Manage data retention in a Log Analytics workspace',
      url: 'https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure',
    },
  ],
  evaluate(workspace, { estate, thresholds }) {
    const days = numberAt(workspace, 'properties.retentionInDays');
    if (days === undefined) return undecided('no_retention');
    if (days <= thresholds.retentionDays) return fine('short');
    if (hasSentinel(workspace, estate)) return fine('sentinel');
    if (!estate.facts.costs) return undecided('no_costs');
    const cost = estate.costOf(workspace.resourceId);
    if (!cost || decimal(cost.monthly).lt(String(thresholds.monthlyCostFrom))) return fine('costs_little');
    return found({
      reason: `All logs are kept for ${days} days; the workspace costs ${cost.monthly} ${cost.currency} a month.`,
      evidence: { retention_days: days, monthly_cost: cost.monthly, currency: cost.currency },
      saving: null,
      certainty: 0.6,
    });
  },
});

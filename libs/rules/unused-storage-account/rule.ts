import type { InventoryResource } from '#core/facts.js';
import { daysBetween, instantAt, textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { measured } from '../savings.js';
import { accountKeeper, isNamedByAnother } from '../storage-account.js';

const MINUTES_A_DAY = 1440;
/** As much of the window must have been measured. */
const LEAST_COVERAGE = 0.25;

/** Storage accounts that nobody reads or writes. */
export const unusedStorageAccount = defineRule({
  id: 'unused-storage-account',
  title: 'Delete the unused storage account',
  finds:
    'Storage accounts with hardly any request in the two weeks for which metrics are read. What they hold is billed all ' +
    'the same. Whether somebody comes back once a month or a year cannot be seen.',
  leavesOut: [
    'accounts that another resource names: boot diagnostics, flow logs, workspaces',
    'accounts that a service made for itself and looks after',
    'accounts whose name or policy says that they keep something: backups, archives, audits, immutable data',
    'new accounts',
  ],
  savings:
    'What the account itself cost in the last 30 days. Where the data must be kept, archiving it saves a part of this.',
  category: 'waste',
  action: 'remove',
  impact: 'Medium',
  risk: 'high',
  effort: 'medium',
  resourceTypes: ['microsoft.storage/storageaccounts'],
  needs: ['metrics', 'costs'],
  thresholds: {
    dailyTransactions: {
      default: 5,
      minimum: 0,
      maximum: 1000,
      unit: 'requests',
      meaning: 'How many requests a day still count as none',
    },
    ageDays: { default: 30, minimum: 14, maximum: 3650, unit: 'days', meaning: 'How old an account must be' },
  },
  runbook: {
    check: [
      'Look at its metric **Transactions** over the last 90 days, not only the two weeks that were looked at.',
      'Look for what Resource Graph does not show: diagnostic settings, app settings such as `AzureWebJobsStorage`, SQL auditing, Terraform state.',
      'Ask the owner of resource group `{resource_group}` whether the data must be kept, and for how long.',
    ],
    azureCli: [
      'az monitor metrics list --resource {id} --metric Transactions --interval P1D --offset 90d --aggregation Total --output table',
      'az storage container list --account-name {name} --auth-mode login --output table',
      'az storage account update --ids {id} --public-network-access Disabled',
      '# Wait some weeks whether anybody complains, then:',
      'az storage account delete --ids {id}',
    ],
    portal: [
      'Open **Storage accounts**, choose `{name}`, look at **Insights** and **Storage browser**; disable its network access first, and **Delete** it weeks later.',
    ],
    terraform: 'Remove the `azurerm_storage_account` for `{name}`, its containers and shares, then apply.',
    verify: ['`az storage account show --ids {id}` answers ResourceNotFound; its cost ends with the day.'],
    undo: [
      'Within 14 days a deleted account may be recovered in the portal (**Storage accounts**, **Restore**) if its name was not taken; there is no promise. Network access is enabled again with `az storage account update --ids {id} --public-network-access Enabled`.',
    ],
  },
  links: [
    {
      title: 'Recover a deleted storage account',
      url: 'https://learn.microsoft.com/azure/storage/common/storage-account-recover',
    },
  ],
  evaluate(account, { estate, thresholds, now }) {
    const created = instantAt(account, 'properties.creationTime');
    if (created === undefined) return undecided('no_time_of_creation');
    const age = Math.floor(daysBetween(created, now));
    if (age < thresholds.ageDays) return fine('new');
    const keeper = accountKeeper(account);
    if (keeper !== undefined) return fine(keeper);
    if (keepsOnPurpose(account)) return fine('kept_on_purpose');
    const metric = estate.metric(account.resourceId, 'Transactions');
    if (!metric || metric.average === null) return undecided('no_metrics');
    if (!(metric.coverage >= LEAST_COVERAGE)) return undecided('low_coverage');
    const perDay = (metric.average * MINUTES_A_DAY) / metric.intervalMinutes;
    if (perDay > thresholds.dailyTransactions) return fine('in_use');
    if (isNamedByAnother(account, estate)) return fine('named_by_another');
    const days = Math.round(daysBetween(metric.from, metric.to));
    return found({
      reason: `In ${days} days there were ${perDay === 0 ? 'no requests' : `${Number(perDay.toFixed(1))} requests a day`}.`,
      evidence: {
        transactions_per_day: Number(perDay.toFixed(2)),
        from_at: metric.from,
        to_at: metric.to,
        coverage: metric.coverage,
        created_at: created,
        sku: textAt(account, 'sku.name') ?? null,
      },
      saving: measured(estate.costOf(account.resourceId)),
      certainty: 0.6 * Math.min(1, metric.coverage / 0.9),
    });
  },
});

function keepsOnPurpose(account: InventoryResource): boolean {
  const isImmutable = valueAt(account, 'properties.immutableStorageWithVersioning.enabled') === true;
  return isImmutable || /backup|bkp|archiv|audit|tfstate/i.test(account.name);
}

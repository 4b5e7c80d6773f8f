import { textAt, valueAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { accountKeeper } from '../storage-account.js';
import { environmentOf, isNotProduction } from '../tags.js';

/**
 * Share of the storage charges. List prices of geo-redundant capacity and writes are about twice those of local ones,
 * with read access to the second region two and a half times; reads cost the same.
 */
const SHARE = { low: 0.2, likely: 0.4, high: 0.6 };

/** Storage accounts that keep a second copy in another region of what is no production. */
export const storageRedundancyOutsideProduction = defineRule({
  id: 'storage-redundancy-outside-production',
  title: 'Keep non-production data in one region',
  finds:
    'Storage accounts with a tag that names a non-production environment which are replicated to a second region. Test ' +
    'data that can be made anew needs no copy for the loss of a region.',
  leavesOut: [
    'accounts that no tag says are outside production',
    'accounts that a service made for itself and looks after',
    'accounts that are being converted or failed over',
  ],
  savings:
    'A guess: 20 to 60 %, likely 40 %, of what the account cost for storage in the last 30 days. Geo-redundant capacity ' +
    'and writes have about twice the list price of local ones; reads cost the same.',
  category: 'rate',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'low',
  resourceTypes: ['microsoft.storage/storageaccounts'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the tag is right and the data could be made anew.',
      'Look whether anything reads the copy (addresses with **-secondary**), or whether a test of a failover needs it.',
    ],
    azureCli: [
      'az storage account show --ids {id} --query "{sku:sku.name, secondary:secondaryLocation}"',
      'az storage account update --ids {id} --sku {evidence.target_sku}',
    ],
    portal: [
      'Open **Storage accounts**, choose `{name}`, **Redundancy**, choose the one without **geo**, then **Save**.',
    ],
    terraform:
      'Set `account_replication_type` of the `azurerm_storage_account` to `LRS`, or `ZRS` where it was zone-redundant.',
    verify: ['`az storage account show --ids {id} --query sku.name` answers {evidence.target_sku}.'],
    undo: [
      '`az storage account update --ids {id} --sku {evidence.sku}`; copying everything to the second region again is charged as outgoing data.',
    ],
  },
  links: [
    {
      title: 'Change how a storage account is replicated',
      url: 'https://learn.microsoft.com/azure/storage/common/redundancy-migration',
    },
  ],
  evaluate(account, { estate }) {
    const sku = textAt(account, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    const [, , zones] = /^standard_(ra)?(gz|g)rs$/i.exec(sku) ?? [];
    if (zones === undefined) return fine('one_region');
    if (!isNotProduction(account)) return fine('not_known_as_non_production');
    const keeper = accountKeeper(account);
    if (keeper !== undefined) return fine(keeper);
    if (valueAt(account, 'properties.failoverInProgress') === true) return fine('in_change');
    if (/^inprogress$/i.test(textAt(account, 'properties.storageAccountSkuConversionStatus.skuConversionStatus') ?? ''))
      return fine('in_change');
    const environment = environmentOf(account);
    return found({
      reason: `The account of the environment ${environment} is replicated to a second region (${sku}).`,
      evidence: {
        environment,
        sku,
        target_sku: /^gz$/i.test(zones) ? 'Standard_ZRS' : 'Standard_LRS',
        secondary_location: textAt(account, 'properties.secondaryLocation') ?? null,
      },
      saving: guessed(
        estate.costOf(account.resourceId, ({ meterCategory }) => meterCategory?.toLowerCase() === 'storage'),
        SHARE,
      ),
      certainty: 0.8,
    });
  },
});

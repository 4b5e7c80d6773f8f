import { textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { guessed } from '../savings.js';
import { accountKeeper } from '../storage-account.js';
import { environmentOf, isNotProduction } from '../tags.js';

/**
 * Share of the storage charges. Premium capacity has 2.5 (files) to 8 times (blobs) the list price of hot standard
 * capacity, but standard requests are charged several times as much.
 */
const SHARE = { low: 0.2, likely: 0.5, high: 0.85 };

/** Premium storage accounts for what is no production. */
export const premiumStorageOutsideProduction = defineRule({
  id: 'premium-storage-outside-production',
  title: 'Use standard storage outside production',
  finds:
    'Premium storage accounts for blobs or files with a tag that names a non-production environment. Tests seldom need ' +
    'their low latency.',
  leavesOut: [
    'accounts that no tag says are outside production',
    'accounts that a service made for itself and looks after',
    'premium accounts for page blobs, which hold unmanaged disks',
  ],
  savings:
    'A guess: 20 to 85 %, likely half, of what the account cost for storage in the last 30 days. Premium capacity has ' +
    '2.5 to 8 times the list price of standard capacity; requests to standard storage cost more.',
  category: 'rate',
  action: 'retier',
  impact: 'Medium',
  risk: 'medium',
  effort: 'high',
  resourceTypes: ['microsoft.storage/storageaccounts'],
  needs: ['costs'],
  thresholds: {},
  runbook: {
    check: [
      'Ask the owner of resource group `{resource_group}` whether the environment is there to measure performance.',
      'See whether shares are mounted by NFS, which standard accounts do not offer: `az storage share-rm list --storage-account {name} --resource-group {resource_group} --query "[].enabledProtocols"`.',
      'Look at **Transactions**: with many small requests, standard storage can cost more.',
    ],
    azureCli: [
      '# An account cannot be converted; its data is copied to a new one.',
      'az storage account create --resource-group {resource_group} --name NEWNAME --location {location} --kind StorageV2 --sku Standard_LRS',
      'azcopy copy https://{name}.blob.core.windows.net/ https://NEWNAME.blob.core.windows.net/ --recursive',
      '# After clients have moved:',
      'az storage account delete --ids {id}',
    ],
    portal: [
      'Create a standard account of kind **StorageV2**, copy the data with AzCopy or Storage Explorer, change the clients, then delete `{name}`.',
    ],
    terraform:
      'Add an `azurerm_storage_account` with `account_tier = "Standard"` and `account_kind = "StorageV2"`, move the data, then remove the old one.',
    verify: ['Clients work with the new account; `az storage account show --ids {id}` answers ResourceNotFound.'],
    undo: ['Until the old account is deleted, point the clients back to it.'],
  },
  links: [
    {
      title: 'Storage account overview: types of accounts',
      url: 'https://learn.microsoft.com/azure/storage/common/storage-account-overview',
    },
  ],
  evaluate(account, { estate }) {
    const sku = textAt(account, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    if (!/^premium/i.test(sku)) return fine('standard');
    if (!isNotProduction(account)) return fine('not_known_as_non_production');
    const keeper = accountKeeper(account);
    if (keeper !== undefined) return fine(keeper);
    if (account.kind === null) return undecided('no_kind');
    if (!/^(blockblobstorage|filestorage)$/i.test(account.kind)) return fine('page_blobs');
    const environment = environmentOf(account);
    return found({
      reason: `The account of the environment ${environment} is of the kind ${account.kind} (${sku}).`,
      evidence: { environment, sku, kind: account.kind },
      saving: guessed(
        estate.costOf(account.resourceId, ({ meterCategory }) => meterCategory?.toLowerCase() === 'storage'),
        SHARE,
      ),
      // File shares may be mounted by NFS, which only premium accounts offer, and Resource Graph does not say.
      certainty: /^filestorage$/i.test(account.kind) ? 0.45 : 0.6,
    });
  },
});

import type { InventoryResource } from '#core/facts.js';
import type { Estate } from '../estate.js';
import { numberAt, textAt } from '../property.js';
import { defineRule, fine, found, undecided } from '../rule.js';
import { repriced, type Saving } from '../savings.js';
import { snapshotHolder } from '../snapshot.js';

/** Snapshots on premium storage, which they gain nothing from. */
export const premiumSnapshot = defineRule({
  id: 'premium-snapshot',
  title: 'Move the snapshot to standard storage',
  finds:
    'Snapshots on premium storage. A snapshot is as good on standard storage, whatever disk it was taken of; premium ' +
    'costs more than twice as much.',
  leavesOut: ['snapshots that Backup or Site Recovery keeps', 'snapshots that are being exported'],
  savings: 'The own cost in the proportion of the two list prices per GiB; without price list there is no amount.',
  category: 'rate',
  action: 'retier',
  impact: 'Medium',
  risk: 'low',
  effort: 'low',
  resourceTypes: ['microsoft.compute/snapshots'],
  needs: ['costs', 'prices'],
  thresholds: {},
  runbook: {
    check: [
      'Look whether it is needed at all: an old snapshot is better deleted.',
      'Large disks are made from premium snapshots somewhat faster; ask whether a recovery plan relies on it.',
    ],
    azureCli: ['az snapshot update --ids {id} --sku Standard_LRS'],
    portal: [
      'Open **Snapshots**, choose `{name}`, read its **Storage type**; where the portal offers no change, use Azure CLI or a copy on standard storage.',
    ],
    terraform:
      'Set the storage type where the snapshot is made, e.g. `sku = "Standard_LRS"` in the module or script that takes it, so that the next one is right from the start.',
    verify: ['`az snapshot show --ids {id} --query sku.name` answers Standard_LRS.'],
    undo: ['`az snapshot update --ids {id} --sku Premium_LRS`'],
  },
  links: [
    {
      title: 'Managed disks pricing, snapshots',
      url: 'https://azure.microsoft.com/pricing/details/managed-disks/',
    },
  ],
  evaluate(snapshot, { estate }) {
    const sku = textAt(snapshot, 'sku.name');
    if (sku === undefined) return undecided('no_sku');
    if (!/^premium/i.test(sku)) return fine('standard');
    const holder = snapshotHolder(snapshot);
    if (holder === 'backup' || holder === 'site_recovery' || holder === 'being_exported') return fine(holder);
    return found({
      reason: `The snapshot lies on ${sku}.`,
      evidence: { sku, size_gib: numberAt(snapshot, 'properties.diskSizeGB') ?? null },
      saving: byListPrices(snapshot, estate),
      certainty: 0.95,
    });
  },
});

function byListPrices({ resourceId, location }: InventoryResource, estate: Estate): Saving | null {
  const priceOf = (storage: 'Standard' | 'Premium') =>
    estate.reference.prices?.snapshotGiBMonthly(location ?? '', storage, 'LRS') ?? null;
  return repriced(estate.costOf(resourceId), priceOf('Premium'), priceOf('Standard'));
}
